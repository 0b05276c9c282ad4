//! What was said before a question: the last messages as they stand, the older ones condensed, and notes of past sessions
//! that the question goes back to.

use dialog::{EffectId, Turn};
use knowledge::Language;
use knowledge::talk::{Line, condense, recall};
use llm::estimate;
use serde::{Deserialize, Serialize};

use super::write::Writing;
use super::{Wanted, beside};
use crate::episode::{self, Kept};
use crate::runtime::Inner;
use crate::transcript::{self, Entry};

/// Messages before the question that a model is shown as they stand: what "and for business accounts?" goes back to is rarely
/// older.
const MESSAGES_MAX: usize = 10;
/// They may take one part in so many of all tokens of the answer.
const HISTORY_SHARE: u64 = 4;
/// Words of what is older.
const WORDS_MAX: usize = 120;
/// Turns that are read for all of this at once; a conversation that goes on for longer between two answers loses its middle.
const TURNS_READ_MAX: u64 = 200;

/// What was said so far, as far as no message of it is shown any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Digest {
    /// The last turn that is in it; nothing before is read again.
    pub(crate) until: Turn,
    /// The sentences of it that say most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lines: Vec<Line>,
}

impl Digest {
    /// Nothing up to this turn counts.
    pub(crate) fn from_now(until: Turn) -> Self {
        Self {
            until,
            lines: Vec::new(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a model is shown of what was before.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Before {
    /// The last messages, oldest first.
    pub(super) messages: Vec<Line>,
    pub(super) digest: Digest,
    /// Newest first.
    pub(super) episodes: Vec<Kept>,
}

impl Before {
    /// What the customer said: it may be taken up, but proves nothing.
    pub(super) fn by_customer(&self) -> impl Iterator<Item = &str> {
        self.lines(true)
    }

    /// What the bot or a person said.
    pub(super) fn by_us(&self) -> impl Iterator<Item = &str> {
        self.lines(false)
    }

    fn lines(&self, by_customer: bool) -> impl Iterator<Item = &str> {
        let kept = self.episodes.iter().flat_map(|kept| &kept.lines);
        let all = kept.chain(&self.digest.lines).chain(&self.messages);
        all.filter(move |line| line.by_customer == by_customer)
            .map(|line| line.text.as_str())
    }
}

/// A message and its turn.
struct Said {
    turn: Turn,
    line: Line,
}

impl Writing<'_> {
    /// What was before. What can't be read is left out: it is a help, no more.
    pub(super) async fn before(&self) -> Before {
        let said = self.inner.said_since(self.effect, self.wanted).await;
        let tokens_max = u64::from(self.declaration.limits.tokens_max) / HISTORY_SHARE;
        let shown = fitting(&said, tokens_max);
        let (older, messages) = said.split_at(said.len() - shown);
        let digest = grown(&self.wanted.digest, older, language(self.wanted));
        Before {
            messages: messages.iter().map(|one| one.line.clone()).collect(),
            digest,
            episodes: self.recalled().await.unwrap_or_default(),
        }
    }

    /// The notes of past sessions that the question goes back to.
    async fn recalled(&self) -> Option<Vec<Kept>> {
        self.deployment.bot.episodes.as_ref()?;
        let rows = self.inner.store.memory(&self.wanted.user).await.ok()?;
        let mut kept = episode::episodes(&rows, self.inner.clock.now());
        if kept.is_empty() {
            return None;
        }
        let articles = self.deployment.articles.clone();
        let wanted = self.wanted.clone();
        let notes: Vec<String> = kept.iter().map(Kept::text).collect();
        let is_slow = articles.is_slow(wanted.locale.as_str());
        let look = move || {
            let index = articles.index(wanted.locale.as_str());
            let encoder = index.and_then(|index| index.encoder()).map(|one| &**one);
            recall(&wanted.question, &notes, language(&wanted), encoder)
                .map_err(|error| error.to_string())
        };
        let recalled = beside(is_slow, look).await.ok()?;
        let mut at = 0..;
        kept.retain(|_| at.next().is_some_and(|at| recalled.contains(&at)));
        Some(kept)
    }
}

impl Inner {
    /// What was said after what the digest holds and before an effect's turn, oldest first.
    async fn said_since(&self, effect: &EffectId, wanted: &Wanted) -> Vec<Said> {
        let newest = effect.turn.0.saturating_sub(TURNS_READ_MAX);
        let from = Turn(newest.max(wanted.digest.until.0 + 1));
        let turns = self
            .store
            .turns(&effect.conversation, from, TURNS_READ_MAX as usize)
            .await
            .unwrap_or_default();
        let before = turns.iter().filter(|turn| turn.turn < effect.turn);
        let said = |entry: Entry| Said {
            turn: entry.turn,
            line: entry.into_line(),
        };
        before.flat_map(transcript::entries).map(said).collect()
    }
}

/// How many of the last messages fit. A turn is shown whole or not at all.
fn fitting(said: &[Said], tokens_max: u64) -> usize {
    let mut left = tokens_max;
    let fits = |one: &&Said| {
        let tokens = estimate::text(&one.line.text);
        let fits = tokens <= left;
        left = left.saturating_sub(tokens);
        fits
    };
    let count = said
        .iter()
        .rev()
        .take(MESSAGES_MAX)
        .take_while(fits)
        .count();
    let cut = said.len() - count;
    let is_cut = |at: usize| at > 0 && at < said.len() && said[at].turn == said[at - 1].turn;
    let whole = (cut..said.len()).find(|at| !is_cut(*at));
    whole.map_or(0, |at| said.len() - at)
}

/// The digest with what is no longer shown.
fn grown(digest: &Digest, older: &[Said], language: Language) -> Digest {
    let Some(last) = older.last() else {
        return digest.clone();
    };
    let older = older.iter().map(|one| one.line.clone());
    let lines: Vec<Line> = digest.lines.iter().cloned().chain(older).collect();
    Digest {
        until: last.turn,
        lines: condense(&lines, language, WORDS_MAX),
    }
}

fn language(wanted: &Wanted) -> Language {
    Language::of_locale(wanted.locale.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(turn: u64, by_customer: bool, text: &str) -> Said {
        Said {
            turn: Turn(turn),
            line: Line {
                by_customer,
                text: text.to_owned(),
            },
        }
    }

    #[test]
    fn the_last_messages_that_fit_are_shown_by_whole_turns() {
        let talk = [
            said(1, true, "my card was stolen in Lisbon"),
            said(1, false, "It is blocked now."),
            said(2, true, "thanks"),
            said(2, false, "You are welcome."),
        ];
        assert_eq!(fitting(&talk, 1_000), 4);
        let two = talk[2..]
            .iter()
            .map(|one| estimate::text(&one.line.text))
            .sum();
        assert_eq!(fitting(&talk, two), 2);
        // The answer alone would fit, but not what it answers.
        let answer = estimate::text(&talk[1].line.text);
        assert_eq!(fitting(&talk, two + answer), 2);
        assert_eq!(fitting(&talk, 0), 0);
    }

    #[test]
    fn a_digest_grows_and_stays_small() {
        let mut digest = Digest::default();
        for turn in 1..100 {
            let text = format!("the payment number {turn} to shop {} is missing", turn * 7);
            digest = grown(&digest, &[said(turn, true, &text)], Language::En);
            assert_eq!(digest.until, Turn(turn));
            let words: usize = digest
                .lines
                .iter()
                .map(|line| line.text.split(' ').count())
                .sum();
            assert!(words <= WORDS_MAX);
        }
        assert!(digest.lines.len() > 10);
        let same = grown(&digest, &[], Language::En);
        assert_eq!(same, digest);
    }
}
