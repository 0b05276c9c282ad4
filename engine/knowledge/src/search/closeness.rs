//! How close a question's words are to a passage's, one by one: each token of the question looks for the nearest of the passage, and
//! what is found counts by how rare the token is. A single vector for a passage can't say that of two things one is missing.
//!
//! After Khattab and Zaharia, "ColBERT" (2020), with the tokens of an encoder that was trained for whole texts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use understand::Token;

use super::tokens::{Tokens, product};

/// The tokens of all passages.
pub(super) struct Closeness {
    /// By place.
    passages: Vec<Held>,
    /// The mean of all tokens, which is taken from each: what all have in common says nothing.
    mean: Vec<f64>,
    mean_square: f64,
    /// By token, how rare it is; and of one that no passage has.
    rarities: BTreeMap<u32, f64>,
    rarest: f64,
}

/// A text's tokens beside the mean.
struct Held {
    tokens: Arc<Tokens>,
    /// By token: its product with the mean, and its distance from it.
    sides: Vec<(f64, f64)>,
}

/// A token beside the mean.
struct Placed<'a> {
    scale: f64,
    numbers: &'a [i8],
    of_mean: f64,
    apart: f64,
}

/// A question, read for comparing.
pub(super) struct Asked {
    held: Held,
    /// By token; together 1.
    weights: Vec<f64>,
}

impl Closeness {
    pub(super) fn new(passages: Vec<Arc<Tokens>>, width: usize) -> Self {
        let mean = mean(&passages, width);
        let mean_square = mean.iter().map(|x| x * x).sum();
        let mut closeness = Self {
            passages: Vec::new(),
            rarities: BTreeMap::new(),
            rarest: rarity(0, passages.len()),
            mean,
            mean_square,
        };
        closeness.count(&passages);
        let held = passages.into_iter().map(|tokens| closeness.hold(tokens));
        closeness.passages = held.collect();
        closeness
    }

    fn count(&mut self, passages: &[Arc<Tokens>]) {
        let mut having: BTreeMap<u32, usize> = BTreeMap::new();
        for tokens in passages {
            let ids: BTreeSet<u32> = tokens.ids.iter().copied().collect();
            ids.into_iter()
                .for_each(|id| *having.entry(id).or_default() += 1);
        }
        let rarities = having.into_iter();
        self.rarities = rarities
            .map(|(id, having)| (id, rarity(having, passages.len())))
            .collect();
    }

    fn hold(&self, tokens: Arc<Tokens>) -> Held {
        let side = |(scale, numbers): (f64, &[i8])| {
            let of_mean = numbers.iter().zip(&self.mean);
            let of_mean: f64 = of_mean.map(|(x, mean)| f64::from(*x) * mean).sum();
            let of_mean = scale * of_mean;
            let square = scale * scale * product(numbers, numbers);
            let apart = square - 2.0 * of_mean + self.mean_square;
            (of_mean, apart.max(f64::MIN_POSITIVE).sqrt())
        };
        Held {
            sides: tokens.each().map(side).collect(),
            tokens,
        }
    }

    pub(super) fn ask(&self, question: &[Token]) -> Asked {
        let held = self.hold(Arc::new(Tokens::new(question, self.mean.len())));
        let rarity = |id: &u32| self.rarities.get(id).copied().unwrap_or(self.rarest);
        let weights: Vec<f64> = held.tokens.ids.iter().map(rarity).collect();
        let total = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        Asked {
            weights: weights.iter().map(|weight| weight / total).collect(),
            held,
        }
    }

    /// Of a passage, at most 1: the weighted mean of what each of the question's tokens finds in it.
    pub(super) fn of(&self, question: &Asked, place: usize) -> f64 {
        let passage = &self.passages[place];
        let nearest = question.held.tokens().map(|asked| {
            let near = passage.tokens().map(|other| self.cosine(&asked, &other));
            near.reduce(f64::max).unwrap_or(0.0)
        });
        let weighted = nearest.zip(&question.weights);
        weighted.map(|(near, weight)| near * weight).sum()
    }

    /// Of what two tokens are beside the mean.
    fn cosine(&self, a: &Placed, b: &Placed) -> f64 {
        let both = a.scale * b.scale * product(a.numbers, b.numbers);
        (both - a.of_mean - b.of_mean + self.mean_square) / (a.apart * b.apart)
    }
}

impl Held {
    fn tokens(&self) -> impl Iterator<Item = Placed<'_>> {
        let all = self.tokens.each().zip(&self.sides);
        all.map(|((scale, numbers), (of_mean, apart))| Placed {
            scale,
            numbers,
            of_mean: *of_mean,
            apart: *apart,
        })
    }
}

/// As BM25 counts it: the fewer passages have a token, the more it says.
fn rarity(having: usize, count: usize) -> f64 {
    let (having, count) = (having as f64, count as f64);
    libm::log1p((count - having + 0.5) / (having + 0.5))
}

fn mean(passages: &[Arc<Tokens>], width: usize) -> Vec<f64> {
    let (mut sum, mut count) = (vec![0.0; width], 0.0);
    for (scale, numbers) in passages.iter().flat_map(|tokens| tokens.each()) {
        count += 1.0;
        sum.iter_mut()
            .zip(numbers)
            .for_each(|(sum, x)| *sum += scale * f64::from(*x));
    }
    sum.iter_mut().for_each(|one| *one /= f64::max(count, 1.0));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(ids: &[u32]) -> Vec<Token> {
        let token = |id: &u32| {
            let mut vector = vec![0.1; 6];
            vector[*id as usize] = 1.0;
            Token { id: *id, vector }
        };
        ids.iter().map(token).collect()
    }

    #[test]
    fn a_passage_that_has_all_that_is_asked_is_closest_and_what_is_rare_counts_most() {
        let passages: [&[u32]; 4] = [&[0, 1, 2], &[0, 1, 3], &[0, 4], &[0, 3, 4]];
        let passages = passages.map(|ids| Arc::new(Tokens::new(&tokens(ids), 6)));
        let closeness = Closeness::new(passages.to_vec(), 6);
        let of = |ids: &[u32]| -> Vec<f64> {
            let asked = closeness.ask(&tokens(ids));
            (0..4).map(|place| closeness.of(&asked, place)).collect()
        };
        let both = of(&[1, 2]);
        assert!(
            both[0] > 0.99 && both[0] > both[1] && both[1] > both[2],
            "{both:?}"
        );
        // 0 is everywhere, 2 in one passage only.
        let rare = of(&[0, 2]);
        assert!(rare[0] > 0.99 && rare[1] < 0.3, "{rare:?}");
        assert_eq!(of(&[]), [0.0; 4]);
    }
}
