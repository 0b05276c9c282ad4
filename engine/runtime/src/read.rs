//! What can be read of conversations: an answer again, the state, the transcript, the queue, a user.

use std::collections::BTreeMap;

use dialog::{ConversationId, EventKind, Owner, Turn, UserId};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::{Cursor, Filter, OwnerKind, Page, Stored, Summary, TurnRecord};

use crate::TurnError;
use crate::config::{PAGE_ROWS, TURNS_PER_ANSWER_MAX};
use crate::feed::{FeedKind, Said, Speaker};
use crate::inbound::{Accepted, UserView};
use crate::runtime::{Inner, Runtime};
use crate::state::{DeskFile, StoredRoot, StoredTurnRow};
use crate::user;

/// A conversation as an integrator or a desk sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// Whose it is.
    pub user: UserId,
    /// Its channel.
    pub channel: String,
    /// Its language.
    pub locale: dialog::Locale,
    /// The version of the bot that it runs on.
    pub version: dialog::BotVersion,
    /// Its last turn.
    pub turn: Turn,
    /// Who speaks.
    pub owner: Owner,
    /// When it began.
    pub begun: Timestamp,
    /// When it was last active.
    pub active: Timestamp,
    /// Slots by name, secrets masked.
    pub slots: BTreeMap<String, dialog::Value>,
    /// Where it is, as `flow.state`; none = in no flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Whether something has not answered yet.
    pub pending: bool,
    /// What the desk that has it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskFile>,
}

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The customer's as the client made it, else the effect's.
    pub id: String,
    /// Who.
    pub from: From,
    /// The name of the person at the desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What; of a choice, its key.
    pub text: String,
    /// In which turn.
    pub turn: Turn,
    /// When.
    pub at: Timestamp,
}

/// Who wrote a line of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
    /// A person at a desk.
    Person,
}

/// A conversation that waits for a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct QueueEntry {
    /// Which.
    pub conversation: ConversationId,
    /// Whose.
    pub user: UserId,
    /// For which desk.
    pub desk: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// From 1, within its desk.
    pub position: usize,
}

impl Runtime {
    /// A conversation's state.
    ///
    /// # Errors
    /// [`TurnError::NotFound`].
    pub async fn conversation(&self, id: &ConversationId) -> Result<ConversationView, TurnError> {
        let stored = self.inner.stored(id).await?;
        let loaded = self.inner.restore(id, &stored).await?;
        let bot = &loaded.deployment.bot;
        let conversation = &loaded.conversation;
        Ok(ConversationView {
            id: id.clone(),
            user: conversation.user.clone(),
            channel: conversation.channel.clone(),
            locale: conversation.locale.clone(),
            version: conversation.version.clone(),
            turn: conversation.turn,
            owner: conversation.owner.clone(),
            begun: stored.begun,
            active: stored.active,
            slots: conversation.slots(bot),
            state: conversation.state(bot),
            pending: !loaded.notes.open.is_empty(),
            desk: loaded.notes.desk.clone(),
        })
    }

    /// Conversations, with cursors.
    ///
    /// # Errors
    /// The store's; [`TurnError::Internal`] for a cursor that is none.
    pub async fn conversations(
        &self,
        filter: Filter,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<Summary>, TurnError> {
        Ok(self
            .inner
            .store
            .list(filter, after, limit.clamp(1, PAGE_ROWS))
            .await?)
    }

    /// Who waits for a person, first come first.
    ///
    /// # Errors
    /// The store's.
    pub async fn queue(&self) -> Result<Vec<QueueEntry>, TurnError> {
        let waiting = Filter {
            owner: Some(OwnerKind::Queued),
            ..Filter::default()
        };
        let page = self.inner.store.list(waiting, None, PAGE_ROWS).await?;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut queue = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            let Some(entry) = self.inner.queue_entry(row).await? else {
                continue;
            };
            let place = places.entry(entry.desk.clone()).or_default();
            *place += 1;
            queue.push(QueueEntry {
                position: *place,
                ..entry
            });
        }
        Ok(queue)
    }

    /// What was said by whom, from this turn on, and the turn to go on from if there is more.
    ///
    /// # Errors
    /// [`TurnError::NotFound`].
    pub async fn transcript(
        &self,
        id: &ConversationId,
        from: Turn,
    ) -> Result<(Vec<Entry>, Option<Turn>), TurnError> {
        let (turns, next) = self.inner.page(id, from).await?;
        Ok((turns.iter().flat_map(entries).collect(), next))
    }

    /// What is remembered of a user.
    ///
    /// # Errors
    /// The store's.
    pub async fn user(&self, id: &UserId) -> Result<UserView, TurnError> {
        let rows = self.inner.store.memory(id).await?;
        Ok(user::view(&rows, &self.current().bot, self.now()))
    }

    /// Everything that is kept about a person.
    ///
    /// # Errors
    /// The store's.
    pub async fn export(&self, id: &UserId) -> Result<Json, TurnError> {
        let view = self.user(id).await?;
        let scheduled = self.inner.store.scheduled_of(id).await?;
        let scheduled: Vec<Json> = scheduled
            .iter()
            .map(|one| json!({ "at": one.at, "what": serde_json::from_slice::<Json>(&one.payload).ok() }))
            .collect();
        let mut conversations = Vec::new();
        let mut after = None;
        loop {
            let filter = Filter {
                user: Some(id.clone()),
                ..Filter::default()
            };
            let page = self.inner.store.list(filter, after, PAGE_ROWS).await?;
            for row in page.rows {
                conversations.push(self.exported(row).await?);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(
            json!({ "user": id, "memory": view, "scheduled": scheduled, "conversations": conversations }),
        )
    }

    async fn exported(&self, row: Summary) -> Result<Json, TurnError> {
        let mut messages = Vec::new();
        let mut from = Some(Turn(1));
        while let Some(turn) = from {
            let (entries, next) = self.transcript(&row.conversation, turn).await?;
            messages.extend(entries);
            from = next;
        }
        let view = self.conversation(&row.conversation).await?;
        Ok(json!({ "conversation": view, "messages": messages }))
    }
}

impl Inner {
    pub(crate) async fn stored(&self, id: &ConversationId) -> Result<Stored, TurnError> {
        self.store
            .load(id)
            .await?
            .ok_or_else(|| TurnError::NotFound(id.clone()))
    }

    /// What a message has caused so far.
    pub(crate) async fn answer(
        &self,
        id: &ConversationId,
        root: Turn,
    ) -> Result<Accepted, TurnError> {
        let stored = self.stored(id).await?;
        if root.0 == 0 || root > stored.turn {
            return Err(TurnError::NotFound(id.clone()));
        }
        let loaded = self.restore(id, &stored).await?;
        let turns = self.store.turns(id, root, TURNS_PER_ANSWER_MAX).await?;
        let messages = turns
            .iter()
            .filter(|turn| root_of(turn) == Some(root))
            .flat_map(said)
            .collect();
        Ok(Accepted {
            turn: root,
            messages,
            owner: loaded.conversation.owner.clone(),
            pending: loaded.notes.roots().contains(&root),
        })
    }

    /// The queues, as the store knows them.
    pub(crate) async fn read_board(&self) -> Result<(), TurnError> {
        let mut after = None;
        loop {
            let waiting = Filter {
                owner: Some(OwnerKind::Queued),
                ..Filter::default()
            };
            let page = self.store.list(waiting, after, PAGE_ROWS).await?;
            for row in page.rows {
                let stored = self.stored(&row.conversation).await?;
                let loaded = self.restore(&row.conversation, &stored).await?;
                self.board.owner_changed(
                    &self.lines,
                    &row.conversation,
                    &Owner::Bot,
                    &loaded.conversation.owner,
                );
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn queue_entry(&self, row: Summary) -> Result<Option<QueueEntry>, TurnError> {
        let Some(stored) = self.store.load(&row.conversation).await? else {
            return Ok(None);
        };
        let loaded = self.restore(&row.conversation, &stored).await?;
        let Owner::Queued { desk, since } = loaded.conversation.owner else {
            return Ok(None);
        };
        let why = loaded.notes.desk.map(|file| file.why).unwrap_or_default();
        Ok(Some(QueueEntry {
            conversation: row.conversation,
            user: row.user,
            desk,
            why,
            since,
            position: 0,
        }))
    }

    pub(crate) async fn page(
        &self,
        id: &ConversationId,
        from: Turn,
    ) -> Result<(Vec<TurnRecord>, Option<Turn>), TurnError> {
        self.stored(id).await?;
        let turns = self.store.turns(id, from, PAGE_ROWS).await?;
        let next = match turns.last() {
            Some(last) if turns.len() == PAGE_ROWS => Some(Turn(last.turn.0 + 1)),
            Some(_) | None => None,
        };
        Ok((turns, next))
    }
}

fn root_of(turn: &TurnRecord) -> Option<Turn> {
    serde_json::from_slice::<StoredRoot>(&turn.event)
        .ok()
        .map(|row| row.root)
}

/// A turn's messages.
pub(crate) fn said(turn: &TurnRecord) -> impl Iterator<Item = Said> + '_ {
    turn.feed
        .iter()
        .filter_map(|entry| match serde_json::from_slice(entry) {
            Ok(FeedKind::Message(said)) => Some(said),
            Ok(_) | Err(_) => None,
        })
}

/// A turn's lines: what the customer did, then what was said.
fn entries(turn: &TurnRecord) -> Vec<Entry> {
    let event = serde_json::from_slice::<StoredTurnRow>(&turn.event)
        .ok()
        .map(|row| row.event);
    let customer = event.and_then(|event| customer_entry(turn, event.kind));
    let said = said(turn).map(|said| said_entry(turn, said));
    customer.into_iter().chain(said).collect()
}

fn customer_entry(turn: &TurnRecord, kind: EventKind) -> Option<Entry> {
    let (id, text) = match kind {
        EventKind::Message(message) => (message.id, message.text),
        EventKind::Choice { choice } => (choice.to_string(), choice.key),
        _ => return None,
    };
    Some(Entry {
        id,
        from: From::Customer,
        name: None,
        text,
        turn: turn.turn,
        at: turn.at,
    })
}

fn said_entry(turn: &TurnRecord, said: Said) -> Entry {
    let (from, name) = match said.from {
        Speaker::Bot => (From::Bot, None),
        Speaker::Person { name } => (From::Person, Some(name)),
    };
    Entry {
        id: said.id.to_string(),
        from,
        name,
        text: said.text,
        turn: turn.turn,
        at: turn.at,
    }
}
