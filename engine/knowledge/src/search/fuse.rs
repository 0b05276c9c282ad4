//! Two rankings made one, by the reciprocal of their ranks (Cormack, Clarke and Büttcher, 2009): scores of words and cosines can't
//! be added, ranks can.

/// How much the first ranks stand out.
const RANK_OFFSET: f64 = 10.0;
/// What each ranking counts. Meaning finds what is asked in other words; words are surer where they meet.
const WORDS_SHARE: f64 = 0.6;
const MEANING_SHARE: f64 = 1.0;

/// A place with its ranks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ranked {
    pub(super) place: usize,
    pub(super) score: f64,
    pub(super) by_words: Option<usize>,
    pub(super) by_meaning: Option<usize>,
}

/// All places that any ranking has, the best first; equal ones in their order.
pub(super) fn order(by_words: &[f64], by_meaning: Option<&[f64]>) -> Vec<Ranked> {
    let words = ranks(by_words);
    let meaning = by_meaning.map(ranks);
    let share = |rank: Option<usize>, share: f64| {
        rank.map_or(0.0, |rank| share / (RANK_OFFSET + rank as f64))
    };
    let mut ranked: Vec<Ranked> = (0..by_words.len())
        .map(|place| {
            let by_meaning = meaning.as_ref().and_then(|ranks| ranks[place]);
            let score = share(words[place], WORDS_SHARE) + share(by_meaning, MEANING_SHARE);
            Ranked {
                place,
                score,
                by_words: words[place],
                by_meaning,
            }
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
    fn what_both_find_comes_first_and_equal_ones_keep_their_order() {
        let places = |words: &[f64], meaning: &[f64]| {
            order(words, Some(meaning))
                .iter()
                .map(|one| one.place)
                .collect::<Vec<_>>()
        };
        assert_eq!(places(&[0.0, 3.0, 2.0], &[0.9, 0.8, 0.1]), [1, 2, 0]);
        assert_eq!(
            order(&[1.0, 0.0, 1.0], None)
                .iter()
                .map(|one| one.place)
                .collect::<Vec<_>>(),
            [0, 2]
        );
    }
}
