//! The check of what a model writes, beside the workers that serve connections: comparing takes milliseconds.

use std::sync::{Arc, mpsc};

use dialog::Locale;
use knowledge::check::{Check, Material, Verdict};
use knowledge::{Articles, Language};
use tokio::sync::oneshot;

/// What an answer may be made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Grounds {
    pub(super) question: String,
    /// Passages, in the order of their numbers.
    pub(super) passages: Vec<String>,
    /// Slots and tools' results.
    pub(super) facts: Vec<String>,
}

type Asked = (String, oneshot::Sender<Result<Verdict, String>>);

/// Reads the grounds once, then judges text after text, until it is dropped.
pub(super) struct Judge(mpsc::Sender<Asked>);

impl Judge {
    pub(super) fn new(grounds: Grounds, articles: Arc<Articles>, locale: Locale) -> Self {
        let (ask, asked) = mpsc::channel();
        tokio::task::spawn_blocking(move || work(&grounds, &articles, &locale, &asked));
        Self(ask)
    }

    /// The verdict on a text.
    ///
    /// # Errors
    /// When it can't be judged: then it must not be said.
    pub(super) async fn judge(&self, text: &str) -> Result<Verdict, String> {
        let (reply, verdict) = oneshot::channel();
        let gone = |_| "the check ended unexpectedly".to_owned();
        self.0
            .send((text.to_owned(), reply))
            .map_err(|_| gone(()))?;
        verdict.await.map_err(|_| gone(()))?
    }
}

fn work(grounds: &Grounds, articles: &Articles, locale: &Locale, asked: &mpsc::Receiver<Asked>) {
    let sources: Vec<&str> = grounds.passages.iter().map(String::as_str).collect();
    let facts: Vec<&str> = grounds.facts.iter().map(String::as_str).collect();
    let material = Material {
        message: Some(&grounds.question),
        sources: &sources,
        facts: &facts,
        secrets: &[],
        language: Some(Language::of_locale(locale.as_str())),
    };
    let encoder = articles
        .index(locale.as_str())
        .and_then(knowledge::search::Index::encoder);
    let check = Check::new(&material, encoder.map(|encoder| &**encoder));
    while let Ok((text, reply)) = asked.recv() {
        // Nobody waits any more: the answer was given up.
        let _ = reply.send(check.judge(&text).map_err(|error| error.to_string()));
    }
}
