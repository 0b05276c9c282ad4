//! Self-consistency: a model that knows says the same again, one that makes things up says something else each time.
//!
//! The idea and its measure are SelfCheckGPT's (Manakul, Liusie and Gales, 2023): further answers are drawn at temperature 1, and a
//! sentence is as trustworthy as the share of them that supports it. Our own check says how far one answer supports a sentence.

use dialog::{Doubt, Reviewer};
use knowledge::check;
use llm::{Chain, Request};

use super::draft::Draft;
use super::judge::{Grounds, Judge};
use super::review::heard;
use super::write::{Asked, Writing};

/// A sentence passes if the other answers support it by this much on average: more of them for it than against it, which is where the
/// method's score, a mean of probabilities, changes sides. With two answers, the other one has to say the same.
const SUPPORT_MIN: f64 = 0.5;

impl Writing<'_> {
    /// Asks for further answers to the same question, and says what they have against the first, if anything. Calls are not made
    /// again: their results stand in the request.
    pub(super) async fn samples_doubt(
        &self,
        chain: &Chain,
        draft: &Draft,
        asked: &Asked,
    ) -> Option<Doubt> {
        let further = self.declaration.check.samples.saturating_sub(1);
        let mut supports = vec![0.0; draft.sentences.len()];
        for sample in 1..=further {
            if let Err(why) = self
                .compare(chain, draft, asked, sample, &mut supports)
                .await
            {
                let by = Reviewer::Samples;
                return Some(Doubt::Unseen { by, why });
            }
        }
        if further == 0 {
            return None;
        }
        let least = supports.into_iter().fold(f64::INFINITY, f64::min) / f64::from(further);
        let support = least as f32;
        (least < SUPPORT_MIN).then_some(Doubt::Samples { support })
    }

    /// Adds to each sentence how far one further answer supports it.
    async fn compare(
        &self,
        chain: &Chain,
        draft: &Draft,
        asked: &Asked,
        sample: u32,
        supports: &mut [f64],
    ) -> Result<(), String> {
        let request = Request {
            tools: Vec::new(),
            sample,
            ..asked.request.clone()
        };
        let text = heard(chain, request, asked.until).await?;
        let grounds = Grounds {
            question: self.wanted.question.clone(),
            passages: vec![check::without_citations(&text)],
            facts: Vec::new(),
        };
        let judge = Judge::new(
            grounds,
            self.deployment.articles.clone(),
            self.wanted.locale.clone(),
        );
        for (sentence, support) in draft.sentences.iter().zip(supports) {
            let verdict = judge.judge(sentence).await?;
            if verdict.vetoes.is_empty() {
                *support += verdict.support;
            }
        }
        Ok(())
    }
}
