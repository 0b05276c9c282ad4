//! Notes of past sessions: made when a session ends, kept in the person's long-term memory, and gone with it. What they are
//! searched by is made when it is needed, so nothing else has to be erased.

use dialog::{ConversationId, Episode, EventKind, Locale, Turn};
use jiff::Timestamp;
use knowledge::Language;
use knowledge::talk::{Line, condense};
use serde::{Deserialize, Serialize};
use store::TurnRecord;

use crate::TurnError;
use crate::config::TURNS_PER_ANSWER_MAX;
use crate::runtime::Inner;
use crate::state::Loaded;
use crate::transcript::{self, Entry, From};
use crate::user::{self, RowChanges, Rows};

/// Words of a session that are kept: three or four sentences.
const WORDS_MAX: usize = 60;
/// Notes of one person; the oldest make room. More than a session a week over a year is read by nobody.
const EPISODES_MAX: usize = 50;
/// Notes that a session has at hand, for templates.
const AT_HAND: usize = 3;

const KEY: &str = "episode/";
/// The intent of those who ask what is remembered.
const ABOUT_ME: &str = "about_me";

/// A note as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// When the session began.
    pub(crate) at: Timestamp,
    /// Where it was.
    pub(crate) conversation: ConversationId,
    /// The turn that it began with.
    pub(crate) turn: Turn,
    /// What was said.
    pub(crate) lines: Vec<Line>,
    /// When it is forgotten.
    pub(crate) until: Timestamp,
}

impl Kept {
    /// What was said, in one line: the customer's words in quotation marks.
    pub(crate) fn text(&self) -> String {
        let said = |line: &Line| match line.by_customer {
            true => format!("“{}”", line.text),
            false => line.text.clone(),
        };
        let said: Vec<String> = self.lines.iter().map(said).collect();
        said.join(" – ")
    }
}

/// A person's notes that are still kept, newest first.
pub(crate) fn episodes(rows: &Rows, now: Timestamp) -> Vec<Kept> {
    let mut episodes: Vec<Kept> = user::named(rows, KEY)
        .filter_map(|(_, row)| serde_json::from_slice(row).ok())
        .filter(|kept: &Kept| kept.until > now)
        .collect();
    episodes.sort_by(|a, b| (b.at, &b.conversation, b.turn).cmp(&(a.at, &a.conversation, a.turn)));
    episodes
}

/// Those that a session has at hand.
pub(crate) fn at_hand(rows: &Rows, now: Timestamp) -> Vec<Episode> {
    let newest = episodes(rows, now).into_iter().take(AT_HAND);
    newest
        .map(|kept| Episode {
            at: kept.at,
            text: kept.text(),
        })
        .collect()
}

/// Under which key a session's note is kept.
pub(crate) fn key(conversation: &ConversationId, since: Turn) -> String {
    format!("{KEY}{conversation}/{}", since.0)
}

impl Inner {
    /// Adds the note of a session that is over, if anything was said in it.
    pub(crate) async fn keep_episode(
        &self,
        loaded: &Loaded,
        changes: &mut RowChanges,
        rows: &Rows,
        (since, until): (Turn, Timestamp),
    ) -> Result<(), TurnError> {
        let conversation = &loaded.conversation;
        let Some((at, lines)) = self.lines_of(loaded, since).await? else {
            return Ok(());
        };
        let lines = condense(&lines, language(&conversation.locale), WORDS_MAX);
        if !lines.iter().any(|line| line.by_customer) {
            return Ok(());
        }
        for old in episodes(rows, Timestamp::MIN).iter().skip(EPISODES_MAX - 1) {
            changes.insert(key(&old.conversation, old.turn), None);
        }
        let kept = Kept {
            at,
            conversation: conversation.id.clone(),
            turn: since,
            lines,
            until,
        };
        let row = serde_json::to_vec(&kept).expect("plain data with text keys always serialises");
        changes.insert(key(&conversation.id, since), Some(row));
        Ok(())
    }

    /// What was said in the turns from this one to the one before the current, and when it began.
    async fn lines_of(
        &self,
        loaded: &Loaded,
        since: Turn,
    ) -> Result<Option<(Timestamp, Vec<Line>)>, TurnError> {
        let conversation = &loaded.conversation;
        let newest = conversation
            .turn
            .0
            .saturating_sub(TURNS_PER_ANSWER_MAX as u64);
        let from = Turn(since.0.max(newest));
        let turns = self
            .store
            .turns(&conversation.id, from, TURNS_PER_ANSWER_MAX)
            .await?;
        let before = turns.iter().filter(|turn| turn.turn < conversation.turn);
        let entries: Vec<_> = before.flat_map(|turn| noted(loaded, turn)).collect();
        let at = entries.first().map(|entry| entry.at);
        Ok(at.map(|at| (at, entries.into_iter().map(Entry::into_line).collect())))
    }
}

/// What of a turn belongs into a note. Of “yes”, “cancel” and clicks only what came of them; of a question for what is
/// remembered nothing: its answer would outlive the facts that it lists.
fn noted(loaded: &Loaded, turn: &TurnRecord) -> Vec<Entry> {
    let bot = &loaded.deployment.bot;
    let (wish, is_small) = match transcript::event(turn) {
        Some(EventKind::Message(message)) => {
            let first = message.understanding.intents.into_iter().next();
            let sure = first.filter(|one| one.confidence.0 >= bot.bands.accept);
            let wish = sure.map(|one| one.intent).unwrap_or_default();
            let id = bot.intent(&wish);
            let is_small = id.is_some_and(|id| bot.intents[id.index()].built_in.is_some());
            (wish, is_small)
        }
        _ => (String::new(), true),
    };
    let mut entries = transcript::entries(turn);
    entries.retain(|entry| wish != ABOUT_ME && !(is_small && entry.from == From::Customer));
    entries
}

fn language(locale: &Locale) -> Language {
    Language::of_locale(locale.as_str())
}
