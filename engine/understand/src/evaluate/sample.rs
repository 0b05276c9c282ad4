//! Every example of a training data by itself, with what is known of it beside its text.

use crate::evaluate::deal::Deal;
use crate::evaluate::place::{Place, Places};
use crate::training::TrainingData;

/// A training data with where its examples stand and, if it was cross-validated, how they were dealt.
#[derive(Clone, Copy, Debug)]
pub struct Examined<'a> {
    /// What was trained on.
    pub data: &'a TrainingData,
    /// Where its examples stand.
    pub places: &'a Places,
    /// Which of them were held out together; none = all of them were trained on.
    pub deal: Option<&'a Deal>,
}

/// An example.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample<'a> {
    pub(crate) text: &'a str,
    pub(crate) intent: &'a str,
    pub(crate) place: Option<&'a Place>,
    /// The fold that held it out.
    pub(crate) fold: Option<usize>,
}

impl<'a> Examined<'a> {
    /// All examples, in the data's order.
    pub(crate) fn samples(self) -> impl Iterator<Item = Sample<'a>> {
        let lists = self.data.intents.iter().enumerate();
        lists.flat_map(move |(list, of)| {
            let examples = of.examples.iter().enumerate();
            examples.map(move |(index, example)| Sample {
                text: &example.text,
                intent: &of.intent,
                place: self.places.of(list, index),
                fold: self.deal.map(|deal| deal.fold(list, index)),
            })
        })
    }
}
