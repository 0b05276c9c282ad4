//! Answers from the bot's articles: found, checked, and told to the conversation as events. Nothing unchecked leaves here.
//!
//! A model's targets are tried in order. `extractive` is none of a provider's: it quotes.

mod accounts;
mod complexity;
mod draft;
mod extract;
mod history;
mod judge;
mod jury;
mod moderate;
mod prompt;
mod review;
mod samples;
mod schema;
mod targets;
mod tools;
mod write;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use dialog::{EffectId, GenerateOutcome, KnowledgeSupport, Locale, Made, UserId, Value};
use futures_util::FutureExt;
use knowledge::Articles;
use knowledge::search::Search;
use llm::budget::Spent;
use serde::{Deserialize, Serialize};
use store::Mark;
use tracing::error;

use self::write::Writing;
use crate::busy::BusyGuard;
use crate::deployment::Deployment;
use crate::job::Cause;
use crate::line::{Line, lock};
use crate::runtime::Inner;

pub use accounts::{Accounts, Expense, Journal};
pub(crate) use history::Digest;
pub use targets::{EXTRACTIVE, Target, Targets};

/// An answer that a process began and did not end is not begun again by the next: what was said may not be said twice.
const INTERRUPTED: &str = "the process ended in the middle of the answer";

/// Letters of a word that can be asked about.
const WORD_LETTERS_MIN: usize = 2;

/// An answer to find, as the outbox keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The model's name.
    pub(crate) model: String,
    /// What was asked, secrets masked.
    pub(crate) question: String,
    /// The conversation's language.
    pub(crate) locale: Locale,
    /// What the model may see.
    pub(crate) values: BTreeMap<String, Value>,
    /// The author's instructions.
    pub(crate) system: Option<String>,
    /// Calls that were made for it before: the customer agreed to the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) made: Vec<Made>,
    /// Whose it is: who has limits of a day.
    pub(crate) user: UserId,
    /// What the conversation's answers have spent before.
    pub(crate) spent: Spent,
    /// What was said in it before the last messages.
    #[serde(default)]
    pub(crate) digest: Digest,
}

impl Inner {
    /// Begins to look for an answer; it is given up like a call when its state is left.
    pub(crate) fn begin_answer(
        self: &Arc<Self>,
        line: &Arc<Line>,
        id: EffectId,
        wanted: Wanted,
        deployment: Arc<Deployment>,
    ) {
        let mut calls = lock(&line.calls);
        if calls.running.contains_key(&id) {
            return;
        }
        let busy = self.busy.begin();
        let task = self
            .clone()
            .find_answer(line.clone(), id.clone(), wanted, deployment, busy);
        calls.running.insert(id, tokio::spawn(task).abort_handle());
    }

    async fn find_answer(
        self: Arc<Self>,
        line: Arc<Line>,
        effect: EffectId,
        wanted: Wanted,
        deployment: Arc<Deployment>,
        busy: BusyGuard,
    ) {
        let found = AssertUnwindSafe(self.look_for(&line, &effect, &wanted, &deployment))
            .catch_unwind()
            .await;
        let Looked {
            outcome,
            spent,
            digest,
        } = found.unwrap_or_else(|_| {
            error!(model = wanted.model, "Looking for an answer panicked.");
            metrics::counter!("switchboard_panics_total").increment(1);
            Looked::failed("looking for an answer panicked")
        });
        count(&outcome);
        self.tell(
            &line,
            Cause::Generated {
                effect: effect.clone(),
                outcome,
                spent,
                digest,
            },
        );
        self.call_ended(&line, &effect);
        drop(busy);
    }

    /// The first target's answer; the next one's where it can't be had.
    async fn look_for(
        self: &Arc<Self>,
        line: &Arc<Line>,
        effect: &EffectId,
        wanted: &Wanted,
        deployment: &Arc<Deployment>,
    ) -> Looked {
        let bot = &deployment.bot;
        let Some(declaration) = bot.model(&wanted.model).map(|id| &bot.models[id.index()]) else {
            return Looked::failed("this version of the bot has no such model");
        };
        let now = self.clock.now();
        let purse = self.config.accounts.purse(
            now,
            &bot.name,
            wanted.user.as_str(),
            declaration,
            wanted.spent,
        );
        let writing = Writing {
            inner: self,
            purse: &purse,
            line,
            effect,
            wanted,
            declaration,
            deployment,
            digest: OnceLock::new(),
        };
        let found = writing.try_targets();
        let until = now
            .checked_add(declaration.limits.deadline)
            .unwrap_or(jiff::Timestamp::MAX);
        let outcome = tokio::select! {
            biased;
            outcome = found => outcome,
            () = self.clock.sleep_until(until) => failed("no answer came within the model's deadline"),
        };
        Looked {
            outcome,
            spent: purse.spent(),
            digest: writing.digest.into_inner(),
        }
    }

    /// Notes durably that a model is about to be asked. Why it may not be, if so.
    async fn mark_answer(&self, effect: &EffectId) -> Result<(), String> {
        match self.store.mark_begun(self.term, effect).await {
            Ok(Mark::Begun) => Ok(()),
            Ok(Mark::AlreadyBegun) => Err(INTERRUPTED.to_owned()),
            Ok(Mark::Gone) => Err("nobody waits for the answer any more".to_owned()),
            Err(problem) => Err(self.broke(problem).to_string()),
        }
    }
}

/// How far the articles support an answer to a text.
pub(crate) async fn support(
    articles: &Arc<Articles>,
    locale: &Locale,
    text: &str,
) -> Option<KnowledgeSupport> {
    if !has_word(text) {
        return None;
    }
    let found = search(articles, locale, text, 1).await?.ok()?;
    Some(KnowledgeSupport {
        support: found.support as f32,
        index: articles.hash().to_owned(),
    })
}

/// Whether a text asks anything: a bare number or sign is somewhere in every article.
fn has_word(text: &str) -> bool {
    let mut words = text.split(|one: char| !one.is_alphanumeric());
    words.any(|word| word.chars().filter(|one| one.is_alphabetic()).count() >= WORD_LETTERS_MIN)
}

/// What the articles of a locale have on a text; none where there are none.
async fn search(
    articles: &Arc<Articles>,
    locale: &Locale,
    text: &str,
    count_max: usize,
) -> Option<Result<Search, String>> {
    articles.index(locale.as_str())?;
    let is_slow = articles.is_slow(locale.as_str());
    let (articles, locale, text) = (articles.clone(), locale.clone(), text.to_owned());
    let look = move || {
        let index = articles.index(locale.as_str());
        let index = index.ok_or("there are no articles in this language")?;
        index
            .search(&text, count_max)
            .map_err(|error| error.to_string())
    };
    Some(beside(is_slow, look).await)
}

/// Does what may take milliseconds beside the workers that serve connections. A panic is an error.
async fn beside<T: Send + 'static>(
    is_slow: bool,
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let done = match is_slow {
        true => tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| "it panicked".to_owned())
            .flatten(),
        false => std::panic::catch_unwind(AssertUnwindSafe(work))
            .map_err(|_| "it panicked".to_owned())
            .flatten(),
    };
    done.inspect_err(|problem| error!(problem, "The articles could not be read."))
}

/// What came of looking for an answer.
struct Looked {
    outcome: GenerateOutcome,
    spent: Spent,
    digest: Option<Digest>,
}

impl Looked {
    fn failed(why: &str) -> Self {
        Self {
            outcome: failed(why),
            spent: Spent::default(),
            digest: None,
        }
    }
}

fn failed(why: &str) -> GenerateOutcome {
    GenerateOutcome::Failed {
        why: why.to_owned(),
    }
}

fn count(outcome: &GenerateOutcome) {
    let outcome = match outcome {
        GenerateOutcome::Answered { .. } => "answered",
        GenerateOutcome::Low { .. } => "low",
        GenerateOutcome::Asks { .. } => "asks",
        GenerateOutcome::Failed { .. } => "failed",
    };
    metrics::counter!("switchboard_answers_total", "outcome" => outcome).increment(1);
}
