//! Which examples are held out together when a training data is cross-validated.

use std::collections::BTreeMap;

use dialog::Locale;

use crate::training::TrainingData;

/// Folds of a cross-validation: four fifths are nearly as good to learn from as the whole.
pub(crate) const FOLDS: usize = 5;

/// The fold of every example, by list and position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal(Vec<Vec<usize>>);

impl Deal {
    /// Every fifth example of each list together.
    pub fn of(data: &TrainingData) -> Self {
        let lists = data.intents.iter();
        Self(
            lists
                .map(|of| (0..of.examples.len()).map(|index| index % FOLDS).collect())
                .collect(),
        )
    }

    /// As another version of the data was dealt, so that what both have is held out in the same company; what only this one
    /// has is dealt in turn.
    pub fn like(data: &TrainingData, other: &TrainingData, of_other: &Deal) -> Self {
        let known: BTreeMap<(&str, &Locale, &str), usize> = other
            .intents
            .iter()
            .zip(&of_other.0)
            .flat_map(|(of, folds)| {
                let texts = of.examples.iter().map(|example| example.text.as_str());
                texts
                    .map(|text| (of.intent.as_str(), &of.locale, text))
                    .zip(folds.iter().copied())
            })
            .collect();
        let lists = data.intents.iter().map(|of| {
            let mut next = 0;
            let texts = of.examples.iter().map(|example| example.text.as_str());
            texts
                .map(|text| {
                    known
                        .get(&(of.intent.as_str(), &of.locale, text))
                        .copied()
                        .unwrap_or_else(|| {
                            next = (next + 1) % FOLDS;
                            next
                        })
                })
                .collect()
        });
        Self(lists.collect())
    }

    /// The fold of an example.
    pub(crate) fn fold(&self, list: usize, example: usize) -> usize {
        self.0[list][example]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{Example, IntentExamples};

    fn data(texts: &[&str]) -> TrainingData {
        TrainingData {
            locales: vec!["en".into()],
            intents: vec![IntentExamples {
                intent: "a".to_owned(),
                locale: "en".into(),
                examples: texts.iter().map(|text| Example::from(*text)).collect(),
            }],
            entities: Vec::new(),
        }
    }

    #[test]
    fn what_two_versions_share_is_held_out_together() {
        let old = data(&["one", "two", "three", "four"]);
        let dealt = Deal::of(&old);
        let new = data(&["new", "four", "one", "newer"]);
        let like = Deal::like(&new, &old, &dealt);
        assert_eq!((like.fold(0, 1), like.fold(0, 2)), (3, 0));
        assert_ne!(like.fold(0, 0), like.fold(0, 3));
    }
}
