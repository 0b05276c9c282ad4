//! A conversation in memory: begun, taken from its rows, or moved to another version of the bot.

use std::collections::BTreeSet;
use std::sync::Arc;

use dialog::{Bot, Conversation, ConversationId, EffectId, Owner, Package, Turn, Value};
use llm::budget::Spent;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use store::{OwnerKind, Stored, Version};
use tracing::warn;

use crate::TurnError;
use crate::answer::Digest;
use crate::deployment::{Deployment, Versions};
use crate::job::Begin;
use crate::line::Settled;
use crate::row::{ROW_FORM, Start, StateRow, StoredStateRow};
use crate::runtime::Inner;
use crate::secret;

/// Suggestions that a desk is shown of one handoff; a person reads no more.
const SUGGESTIONS_MAX: usize = 20;

/// A conversation between two turns.
pub(crate) struct Loaded {
    pub(crate) deployment: Arc<Deployment>,
    pub(crate) conversation: Conversation,
    /// The store's version; 0 = it isn't stored yet.
    pub(crate) version: Version,
    pub(crate) last_seq: u64,
    pub(crate) notes: Notes,
    /// It came from another version of the bot, and no turn was committed since.
    pub(crate) moved: bool,
}

/// What the runtime notes beside the core's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notes {
    /// What has not answered yet, and the turn that it goes back to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) open: Vec<Open>,
    /// What the models' answers have spent.
    #[serde(default, skip_serializing_if = "Spent::is_nothing")]
    pub(crate) spent: Spent,
    /// What was said before the messages that a model is shown.
    #[serde(default, skip_serializing_if = "Digest::is_empty")]
    pub(crate) digest: Digest,
    /// What the desk that has the conversation was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) desk: Option<DeskFile>,
}

/// An effect without its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Open {
    pub(crate) turn: Turn,
    pub(crate) index: u32,
    /// The turn of the message that it goes back to.
    pub(crate) root: Turn,
}

/// What a desk is given with a handoff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeskFile {
    /// The desk.
    pub desk: String,
    /// Why it was asked.
    pub why: String,
    /// What the bot knew.
    pub package: Package,
    /// Results and model answers that came while a person owned: what about, and what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<(String, Value)>,
}

impl Loaded {
    /// A conversation that begins.
    pub(crate) fn begin(
        id: ConversationId,
        begin: &Begin,
        locale: dialog::Locale,
        deployment: Arc<Deployment>,
    ) -> Self {
        let conversation = Conversation::new(
            id,
            begin.user.clone(),
            begin.channel.clone(),
            locale,
            &deployment.bot,
        );
        Self::replayed(conversation, deployment)
    }

    /// A conversation that a replay goes on with.
    pub(crate) fn replayed(conversation: Conversation, deployment: Arc<Deployment>) -> Self {
        Self {
            deployment,
            conversation,
            version: Version(0),
            last_seq: 0,
            notes: Notes::default(),
            moved: false,
        }
    }

    /// A conversation as it was stored, on its version of the bot.
    fn restore(
        id: &ConversationId,
        stored: &Stored,
        row: StoredStateRow,
        versions: &Versions,
    ) -> Result<Self, TurnError> {
        let (deployment, pinned) = match versions.get(&stored.head.bot) {
            Some(deployment) => (deployment, true),
            None => (versions.current(), false),
        };
        let moved = match pinned {
            true => None,
            false => Conversation::migrated(&deployment.bot, &row.dialog),
        };
        let conversation = match moved.map_or_else(
            || Conversation::from_record(&deployment.bot, &row.dialog),
            Ok,
        ) {
            Ok(conversation) => conversation,
            Err(error) if pinned => return Err(unreadable(id, &error)),
            Err(error) => {
                warn!(conversation = %id, version = %stored.head.bot, %error,
                    "The conversation's version of the bot is gone, and its state doesn't exist in the newest one: it begins anew.");
                Self::begin_anew(id, stored, &row.dialog, &deployment)
            }
        };
        let mut loaded = Self {
            conversation,
            version: stored.version,
            last_seq: stored.last_seq,
            notes: row.notes,
            moved: stored.head.bot != deployment.bot.version,
            deployment,
        };
        loaded.conversation.version = loaded.deployment.bot.version.clone();
        Ok(loaded)
    }

    /// What is left of a conversation whose version is gone: who, where, and the counters that must not go back.
    fn begin_anew(
        id: &ConversationId,
        stored: &Stored,
        record: &Json,
        deployment: &Deployment,
    ) -> Conversation {
        let text = |field: &str| record.get(field).and_then(Json::as_str);
        let locale = text("locale").map_or(deployment.bot.default_locale().clone(), Into::into);
        let channel = text("channel").unwrap_or("http").to_owned();
        let user = stored.head.user.clone();
        let mut conversation =
            Conversation::new(id.clone(), user, channel, locale, &deployment.bot);
        conversation.turn = stored.turn;
        conversation.epoch = stored.head.epoch;
        if stored.head.owner == OwnerKind::Ended {
            conversation.owner = Owner::Ended;
        }
        conversation
    }

    /// Takes the conversation to another deployment of the bot, if nothing that runs would be lost or its flows say where they
    /// go on. The same version deployed again may know other intents, and so other ids: the record's names carry over.
    pub(crate) fn move_to(&mut self, newest: Arc<Deployment>) {
        if Arc::ptr_eq(&newest, &self.deployment) {
            return;
        }
        let record = self.conversation.to_record(&self.deployment.bot);
        let same = newest.bot.version == self.deployment.bot.version;
        let moved = match same || self.conversation.is_between_flows() {
            true => Conversation::from_record(&newest.bot, &record).ok(),
            false => Conversation::migrated(&newest.bot, &record),
        };
        if let Some(mut moved) = moved {
            moved.version = newest.bot.version.clone();
            self.conversation = moved;
            self.deployment = newest;
            self.moved |= !same;
        }
    }

    /// The state's row, and the core's record in it.
    pub(crate) fn row(&self) -> (Vec<u8>, Json) {
        let dialog = self.conversation.to_record(&self.deployment.bot);
        let row = StateRow {
            v: ROW_FORM,
            notes: &self.notes,
            dialog: &dialog,
        };
        let bytes = serde_json::to_vec(&row).expect("plain data with text keys always serialises");
        (bytes, dialog)
    }

    /// What a replay needs to begin with the next turn, if it can't go on from the one before.
    pub(crate) fn start(&self) -> Option<Start> {
        if self.conversation.turn == Turn(0) {
            return Some(Start::New {
                channel: self.conversation.channel.clone(),
                locale: self.conversation.locale.clone(),
            });
        }
        self.moved.then(|| {
            let bot = &self.deployment.bot;
            Start::Moved(secret::marked(bot, self.conversation.to_record(bot)))
        })
    }

    /// For those who wait for this conversation.
    pub(crate) fn settled(&self) -> Settled {
        Settled {
            turn: self.conversation.turn,
            open: self.notes.roots(),
        }
    }
}

impl Inner {
    /// A stored conversation, on its version of the bot if that can be had.
    pub(crate) async fn restore(
        &self,
        id: &ConversationId,
        stored: &Stored,
    ) -> Result<Loaded, TurnError> {
        let row = serde_json::from_slice::<StoredStateRow>(&stored.state)
            .map_err(|error| unreadable(id, &error))?;
        // Between flows it goes on with the newest, whatever it was on.
        if row.dialog.get("frames").is_some() {
            self.revive(&stored.head.bot).await?;
        }
        Loaded::restore(id, stored, row, &self.versions)
    }
}

impl Notes {
    /// The turns that have caused something which has not answered yet.
    pub(crate) fn roots(&self) -> BTreeSet<Turn> {
        self.open.iter().map(|open| open.root).collect()
    }

    /// The turn that an effect's answer goes back to.
    pub(crate) fn root_of(&self, effect: &EffectId) -> Option<Turn> {
        self.open
            .iter()
            .find(|open| open.turn == effect.turn && open.index == effect.index)
            .map(|open| open.root)
    }

    /// Takes over what a model was shown, unless it was forgotten, or the session ended, meanwhile.
    pub(crate) fn digest_to(&mut self, digest: &Option<Digest>) {
        if let Some(digest) = digest.as_ref().filter(|new| new.until > self.digest.until) {
            self.digest = digest.clone();
        }
    }

    /// Notes that an effect waits for its answer.
    pub(crate) fn opened(&mut self, effect: &EffectId, root: Turn) {
        self.open.push(Open {
            turn: effect.turn,
            index: effect.index,
            root,
        });
    }

    /// Notes that it has come, or won't.
    pub(crate) fn closed(&mut self, effect: &EffectId) {
        self.open
            .retain(|open| open.turn != effect.turn || open.index != effect.index);
    }

    /// Shows the desk something more.
    pub(crate) fn suggest(&mut self, about: String, value: Value) {
        if let Some(desk) = &mut self.desk
            && desk.suggestions.len() < SUGGESTIONS_MAX
        {
            desk.suggestions.push((about, value));
        }
    }
}

fn unreadable(id: &ConversationId, why: &dyn std::fmt::Display) -> TurnError {
    TurnError::Internal(format!("the state of `{id}` can't be read: {why}"))
}

/// By what the store sorts.
pub(crate) fn owner_kind(owner: &Owner) -> OwnerKind {
    match owner {
        Owner::Bot => OwnerKind::Bot,
        Owner::Queued { .. } => OwnerKind::Queued,
        Owner::Person { .. } => OwnerKind::Person,
        Owner::Ended => OwnerKind::Ended,
    }
}

/// The fallback of a wanted language: itself, its language without a region, else the bot's first.
pub(crate) fn locale_of(bot: &Bot, wanted: Option<&dialog::Locale>) -> dialog::Locale {
    let known = |tag: &str| bot.locales.iter().find(|one| one.as_str() == tag).cloned();
    wanted
        .and_then(|wanted| {
            let language = wanted.as_str().split('-').next().unwrap_or_default();
            known(wanted.as_str()).or_else(|| known(language))
        })
        .unwrap_or_else(|| bot.default_locale().clone())
}
