//! Two searches made one: the share of the words that a passage has, and how near its meaning is.
//!
//! Their scores are added, not their ranks: a rank hides whether the first is far ahead of the second or hardly at all.

/// What words count beside meaning, which counts 1. Little, since meaning compares word by word, too: names and numbers are left.
const WORDS_SHARE: f64 = 0.08;

/// A place with its ranks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ranked {
    pub(super) place: usize,
    pub(super) score: f64,
    pub(super) by_words: Option<usize>,
    pub(super) by_meaning: Option<usize>,
}

/// All places that any search has, the best first; equal ones in their order.
pub(super) fn order(by_words: &[f64], by_meaning: Option<&[f64]>) -> Vec<Ranked> {
    let words = ranks(by_words);
    let meaning = by_meaning.map(ranks);
    let score = |place: usize| match by_meaning {
        Some(near) => near[place].max(0.0) + WORDS_SHARE * by_words[place],
        None => by_words[place],
    };
    let mut ranked: Vec<Ranked> = (0..by_words.len())
        .map(|place| Ranked {
            place,
            score: score(place),
            by_words: words[place],
            by_meaning: meaning.as_ref().and_then(|ranks| ranks[place]),
        })
        .filter(|one| one.score > 0.0)
        .collect();
    ranked.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.place.cmp(&b.place))
    });
    ranked
}

/// By place, its rank from 1; none where the score is nothing.
fn ranks(scores: &[f64]) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..scores.len())
        .filter(|place| scores[*place] > 0.0)
        .collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then_with(|| a.cmp(b)));
    let mut ranks = vec![None; scores.len()];
    for (rank, place) in (1..).zip(order) {
        ranks[place] = Some(rank);
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_and_has_the_words_comes_first_and_equal_ones_keep_their_order() {
        let places = |words: &[f64], meaning: Option<&[f64]>| {
            order(words, meaning)
                .iter()
                .map(|one| one.place)
                .collect::<Vec<_>>()
        };
        assert_eq!(places(&[0.0, 0.6, 0.4], Some(&[0.42, 0.4, 0.1])), [1, 0, 2]);
        assert_eq!(places(&[0.0, 0.2, 0.4], Some(&[0.9, 0.1, 0.1])), [0, 2, 1]);
        assert_eq!(places(&[0.5, 0.0, 0.5], None), [0, 2]);
        assert_eq!(places(&[0.0], Some(&[-0.2])), [0_usize; 0]);
    }
}
