//! Who is asked for an answer, in which order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dialog::{GenerateOutcome, ModelDeclaration, Writer};
use llm::Model;
use llm::budget::Purse;
use llm::cassette::Recorder;

use super::complexity::is_complex;
use super::extract;
use super::write::Writing;

/// What a `target` of a model stands for in this place, by its words in bot.yaml.
pub type Targets = BTreeMap<String, Target>;

/// Who is asked.
#[derive(Clone)]
pub enum Target {
    /// Nobody: the articles are quoted.
    Extractive,
    /// A language model.
    Model(Arc<dyn Model>),
}

/// The share of the time that models may take where the articles are quoted if they don't answer.
const FIRST: f64 = 0.9;

/// The target that needs nothing of the place: the articles are quoted.
pub const EXTRACTIVE: &str = "extractive";

pub(super) fn find(targets: &Targets, name: &str) -> Option<Target> {
    let known = targets.get(name).cloned();
    known.or_else(|| (name == EXTRACTIVE).then_some(Target::Extractive))
}

impl Writing<'_> {
    /// The first target's answer; the next one's where it can't be had. Models that follow each other are one chain.
    pub(super) async fn try_targets(&self) -> GenerateOutcome {
        match self.moderate(&self.wanted.question, Writer::Customer).await {
            Ok(None) => {}
            Ok(Some(because)) => return GenerateOutcome::Low { because },
            Err(reason) => return super::failed(&reason),
        }
        let mut why = Vec::new();
        let mut models: Vec<Arc<dyn Model>> = Vec::new();
        for name in self.targets(self.declaration) {
            let tried = match find(&self.deployment.targets, name) {
                Some(Target::Model(model)) => {
                    models.push(self.dressed(&model, self.purse));
                    continue;
                }
                Some(Target::Extractive) => {
                    match self.ask(std::mem::take(&mut models), FIRST).await {
                        Some(Ok(outcome)) => return outcome,
                        Some(Err(reason)) => {
                            why.push(reason);
                            extract::answer(self).await
                        }
                        None => extract::answer(self).await,
                    }
                }
                None => Err(format!("this place has no target `{name}`")),
            };
            match tried {
                Ok(outcome) => return outcome,
                Err(reason) => why.push(reason),
            }
        }
        match self.ask(models, 1.0).await {
            Some(Ok(outcome)) => outcome,
            Some(Err(reason)) => {
                why.push(reason);
                super::failed(&why.join("; "))
            }
            None => super::failed(&why.join("; ")),
        }
    }

    /// Those of a model that are for this question.
    pub(super) fn targets<'d>(&self, declaration: &'d ModelDeclaration) -> &'d [String] {
        let complex = &declaration.complex_targets;
        match !complex.is_empty() && is_complex(&self.wanted.question) {
            true => complex,
            false => &declaration.targets,
        }
    }

    /// A model whose calls are paid and, if this place wants it, recorded.
    pub(super) fn dressed(&self, model: &Arc<dyn Model>, purse: &Arc<Purse>) -> Arc<dyn Model> {
        let about = self.effect.conversation.as_str();
        let recorded: Arc<dyn Model> = match &self.inner.config.record {
            Some(cassette) => Arc::new(Recorder::new(model.clone(), cassette.clone(), about)),
            None => model.clone(),
        };
        purse.model(recorded)
    }

    /// Asks these models, if there are any.
    async fn ask(
        &self,
        models: Vec<Arc<dyn Model>>,
        share: f64,
    ) -> Option<Result<GenerateOutcome, String>> {
        if models.is_empty() {
            return None;
        }
        Some(match self.inner.mark_answer(self.effect).await {
            Ok(()) => {
                let deadline = Duration::try_from(self.declaration.limits.deadline);
                let deadline = deadline.unwrap_or_default().mul_f64(share);
                self.answer(models, deadline).await
            }
            Err(reason) => Ok(super::failed(&reason)),
        })
    }
}
