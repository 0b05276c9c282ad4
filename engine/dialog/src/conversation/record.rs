//! The stored form of a conversation: names instead of ids, a version, nothing that is empty. Small, and readable by people.
//!
//! A record is written by one version of this program and read by a later one: [`UPGRADES`] holds one function for each
//! version that there was.

mod migrate;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Conversation;
use crate::{Bot, ChoiceId, Entity, Entry, Episode, Fact, Made, Owner, ToolOutcome, Turn, Value};

/// The version of the records that this program writes.
pub const RECORD_VERSION: u64 = UPGRADES.len() as u64 + 1;

/// What makes a record of version n+1 from one of version n; the first is for n = 1.
const UPGRADES: [fn(&mut Json); 0] = [];

/// Why a record cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// A later program wrote it.
    #[error("the record has version {0}; this program reads up to {RECORD_VERSION}")]
    Newer(u64),
    /// It is no record of a conversation.
    #[error("the record is damaged: {0}")]
    Damaged(String),
    /// It names what the bot does not have: it belongs to another version of the bot.
    #[error("this version of the bot has no {what} `{name}`")]
    Unknown {
        /// Flow, state, slot or another kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
    },
}

impl Conversation {
    /// The stored form.
    pub fn to_record(&self, bot: &Bot) -> Json {
        let record = write::record(self, bot);
        serde_json::to_value(record).expect("a record's keys are texts and its numbers are finite")
    }

    /// A conversation from its stored form, of this or an earlier version of the record.
    ///
    /// # Errors
    /// When it is damaged, written by a later program, or names what this bot does not have.
    pub fn from_record(bot: &Bot, json: &Json) -> Result<Self, RecordError> {
        read::conversation(bot, parse(json)?)
    }

    /// A conversation that another version of the bot left in the middle of flows, taken to where this version's `migrate`
    /// says. None if a flow of its stack has no `migrate` from that version, while something is outstanding or a desk has
    /// it, or if what results does not fit this version.
    pub fn migrated(bot: &Bot, json: &Json) -> Option<Self> {
        migrate::conversation(bot, parse(json).ok()?)
    }
}

fn parse(json: &Json) -> Result<Record, RecordError> {
    let version = json.get("v").and_then(Json::as_u64).unwrap_or(0);
    let damaged = |why: String| RecordError::Damaged(why);
    match version {
        0 => return Err(damaged("it has no version".to_owned())),
        newer if newer > RECORD_VERSION => return Err(RecordError::Newer(newer)),
        _ => {}
    }
    let record = if version == RECORD_VERSION {
        Record::deserialize(json)
    } else {
        Record::deserialize(upgraded(json, version))
    };
    record.map_err(|error| damaged(error.to_string()))
}

fn upgraded(json: &Json, version: u64) -> Json {
    let mut json = json.clone();
    for upgrade in UPGRADES.iter().skip(version as usize - 1) {
        upgrade(&mut json);
    }
    json
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[derive(Serialize, Deserialize)]
struct Record {
    v: u64,
    id: String,
    user: String,
    channel: String,
    locale: String,
    bot: String,
    turn: Turn,
    owner: Owner,
    #[serde(default, skip_serializing_if = "is_default")]
    epoch: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    active_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    heard_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_default")]
    entries: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    asks: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    first: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    tz: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    consents: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "is_default")]
    facts: BTreeMap<String, Fact>,
    #[serde(default, skip_serializing_if = "is_default")]
    pending_facts: BTreeMap<String, Fact>,
    #[serde(default, skip_serializing_if = "is_default")]
    episodes: Vec<Episode>,
    #[serde(default, skip_serializing_if = "is_default")]
    session_since: Option<Turn>,
    #[serde(default, skip_serializing_if = "is_default")]
    slots: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "is_default")]
    frames: Vec<FrameRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    interlude: Option<InterludeRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    consents_open: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    offers: Vec<OfferRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    waiting: Vec<WaitingRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    router_row: Vec<u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    asides: Vec<AsideRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    loose_ends: Vec<LooseEndRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    handoff: Option<HandoffRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    last_choice: Option<ChoiceId>,
    #[serde(default, skip_serializing_if = "is_default")]
    last_text: Option<String>,
}

#[derive(Default, PartialEq, Serialize, Deserialize)]
struct FrameRecord {
    /// None = a handoff that a transition began.
    #[serde(default, skip_serializing_if = "is_default")]
    flow: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    handoff: Option<Entry>,
    #[serde(default, skip_serializing_if = "is_default")]
    called: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    active: Vec<ActiveRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    slots: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "is_default")]
    collected: BTreeMap<String, CollectedRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    computed: BTreeMap<String, BTreeSet<String>>,
    #[serde(default, skip_serializing_if = "is_default")]
    unconfirmed: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    given: BTreeMap<String, BTreeSet<String>>,
    #[serde(default, skip_serializing_if = "is_default")]
    misses: BTreeMap<String, u32>,
    #[serde(default, skip_serializing_if = "is_default")]
    history: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "is_default")]
    operation: Option<OperationRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    held: Option<HeldRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    begun: Vec<BegunRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    question: Option<QuestionRecord>,
    #[serde(default, skip_serializing_if = "is_default")]
    skipped: BTreeSet<u16>,
    #[serde(default, skip_serializing_if = "is_default")]
    answered: BTreeSet<u16>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct ActiveRecord {
    state: String,
    entry: Entry,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "is_default")]
    begun: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    after_fired: BTreeSet<u16>,
    #[serde(default, skip_serializing_if = "is_default")]
    no_input_fired: BTreeSet<u16>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct CollectedRecord {
    #[serde(default, skip_serializing_if = "is_default")]
    state: Option<String>,
    entry: Entry,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutsideRecord {
    Tool(String),
    Model(String),
}

#[derive(PartialEq, Serialize, Deserialize)]
struct OperationRecord {
    turn: Turn,
    index: u32,
    entry: Entry,
    what: OutsideRecord,
    #[serde(default, skip_serializing_if = "is_default")]
    busy_said: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    said: String,
    #[serde(default, skip_serializing_if = "is_default")]
    wish: Option<WishRecord>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct HeldRecord {
    entry: Entry,
    at: Timestamp,
    outcome: ToolOutcome,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct BegunRecord {
    tool: String,
    entry: Entry,
    #[serde(default, skip_serializing_if = "is_default")]
    reads: BTreeSet<String>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct QuestionRecord {
    entry: Entry,
    #[serde(default, skip_serializing_if = "is_default")]
    item: Option<u16>,
    #[serde(default, skip_serializing_if = "is_default")]
    confirm: bool,
    first_asked: Turn,
    #[serde(default, skip_serializing_if = "is_default")]
    page: u16,
    /// Key and label.
    #[serde(default, skip_serializing_if = "is_default")]
    choices: Vec<(String, String)>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct InterludeRecord {
    entry: Entry,
    first_asked: Turn,
    kind: InterludeKindRecord,
    #[serde(default, skip_serializing_if = "is_default")]
    choices: Vec<(String, String)>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum InterludeKindRecord {
    Clarify {
        intents: Vec<String>,
        entities: Vec<Entity>,
    },
    Offer(OfferRecord),
    Consent {
        slot: String,
    },
    Helpful {
        model: String,
    },
    Permit(WishRecord),
}

#[derive(PartialEq, Serialize, Deserialize)]
struct WishRecord {
    model: String,
    tool: String,
    args: BTreeMap<String, Value>,
    question: String,
    #[serde(default, skip_serializing_if = "is_default")]
    made: Vec<Made>,
    asker: AskerRecord,
    #[serde(default, skip_serializing_if = "is_default")]
    values: BTreeMap<String, Value>,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AskerRecord {
    State(Entry),
    Intent(String),
    Router,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct OfferRecord {
    intent: String,
    #[serde(default, skip_serializing_if = "is_default")]
    entities: Vec<Entity>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct WaitingRecord {
    flow: String,
    #[serde(default, skip_serializing_if = "is_default")]
    event: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    data: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "is_default")]
    with: BTreeMap<String, Value>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct AsideRecord {
    turn: Turn,
    index: u32,
    what: OutsideRecord,
    /// None = the router.
    #[serde(default, skip_serializing_if = "is_default")]
    intent: Option<String>,
    asks: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    said: String,
    #[serde(default, skip_serializing_if = "is_default")]
    wish: Option<WishRecord>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct LooseEndRecord {
    turn: Turn,
    index: u32,
    tool: String,
    #[serde(default, skip_serializing_if = "is_default")]
    outcome: Option<String>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct HandoffRecord {
    desk: String,
    entry: Entry,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "is_default")]
    position: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    announced: u16,
    #[serde(default, skip_serializing_if = "is_default")]
    closing: bool,
}
