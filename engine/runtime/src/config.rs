//! The runtime's bounds, each with its reason, and what a place may set.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use llm::cassette::Cassette;
use render::Format;

use crate::answer::Accounts;
use crate::retention::Retention;
use crate::revive::Compile;

/// Messages of customers that wait for one conversation's place in line. A person who types, or a script that floods.
pub(crate) const WAITING_PER_CONVERSATION_MAX: usize = 32;
/// Conversations kept in memory between two messages. One takes a few kB; 4,096 are 20 MB at most.
pub(crate) const CONVERSATIONS_KEPT_MAX: usize = 4_096;
/// Calls of one conversation at once; the language's rule.
pub(crate) const CALLS_PER_CONVERSATION_MAX: usize = 4;
/// Calls of all conversations at once: each holds a connection.
pub(crate) const CALLS_MAX: usize = 512;
/// A longer text is no message of a chat; understanding reads the first 2,000 characters only.
pub const TEXT_CHARS_MAX: usize = 8_000;
/// A client's id for a message. A UUID has 36.
pub const ID_CHARS_MAX: usize = 128;
/// Files with one message.
pub const ATTACHMENTS_MAX: usize = 10;
/// Entries that a live subscriber may lag before it is cut and must read again.
pub(crate) const SUBSCRIBER_LAG_MAX: usize = 64;
/// Rows read at once from the store: a page.
pub(crate) const PAGE_ROWS: usize = 256;
/// Turns that one answer to a repeated message, or a transcript's page, looks through.
pub(crate) const TURNS_PER_ANSWER_MAX: usize = 512;
/// Turns of one conversation that a replay goes through: a step takes microseconds, so this is a fraction of a second.
pub(crate) const REPLAYED_TURNS_MAX: u64 = 10_000;
/// Timers that may fire in one wake-up of a conversation; more is a loop in the bot, and the next wake-up goes on.
pub(crate) const TIMERS_PER_WAKE_MAX: usize = 16;
/// How long a timer that its firing left unchanged waits before it is looked at again.
pub(crate) const TIMER_AGAIN: Duration = Duration::from_secs(60);
/// How long a shutdown waits for turns and calls that have begun. Longer than any attempt's usual time-out; what is not
/// done then is taken up at the next start.
pub(crate) const DRAIN_MAX: Duration = Duration::from_secs(20);

/// How often something that must not be lost (a call's result) is tried again while the store takes nothing; the pause
/// doubles from [`STORE_PAUSE`], so this is about six seconds. What is not kept by then is in the outbox still, for the next
/// start.
pub(crate) const STORE_TRIES: u32 = 7;
/// The first pause.
pub(crate) const STORE_PAUSE: Duration = Duration::from_millis(50);

/// What a place sets.
#[derive(Clone, Default)]
pub struct Config {
    /// How values are escaped, by channel; [`Format::Markdown`] where nothing is said.
    pub formats: BTreeMap<String, Format>,
    /// What makes a version of the bot from its kept sources; without it, older versions end with the process.
    pub compile: Option<Compile>,
    /// What answers cost, and may cost.
    pub accounts: Arc<Accounts>,
    /// Where models' calls are recorded.
    pub record: Option<Arc<Cassette>>,
    /// What goes by itself; none = nothing does.
    pub retention: Option<Retention>,
}

impl Config {
    pub(crate) fn format(&self, channel: &str) -> Format {
        self.formats
            .get(channel)
            .copied()
            .unwrap_or(Format::Markdown)
    }
}
