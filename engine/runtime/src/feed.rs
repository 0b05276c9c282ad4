//! What a conversation's subscribers are told, in order, under numbers that only rise.
//!
//! An entry is written once, as JSON, into the commit of its turn; live subscribers and those who read again get the same
//! bytes. What is not committed (typing, a place in the queue) has no number.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dialog::{Attachment, Card, Choice, ConversationId, EffectId, Message, Owner, Source, Turn};
use serde::{Deserialize, Serialize};
use store::Store;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::TurnError;
use crate::config::PAGE_ROWS;
use crate::line::Line;
use crate::runtime::Runtime;

/// A message as clients get it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// Its stable id: the effect's.
    pub id: EffectId,
    /// Its number in the feed.
    pub seq: u64,
    /// The turn that said it.
    pub turn: Turn,
    /// Who speaks.
    pub from: Speaker,
    /// The text, in the channel's format.
    pub text: String,
    /// What can be chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Cards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// Images and files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// How long a client should wait before it shows it, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_ms: Option<u64>,
}

/// Who speaks in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The bot.
    Bot,
    /// A person at a desk, as the customer sees them.
    Person {
        /// The name.
        name: String,
    },
}

impl Said {
    pub(crate) fn new(id: EffectId, seq: u64, from: Speaker, message: Message) -> Self {
        Self {
            turn: id.turn,
            id,
            seq,
            from,
            text: message.text,
            choices: message.choices,
            cards: message.cards,
            attachments: message.attachments,
            sources: message.sources,
            pause_ms: message
                .pause
                .and_then(|pause| u64::try_from(pause.as_millis()).ok()),
        }
    }
}

/// An entry of the feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FeedKind {
    /// Something was said.
    Message(Said),
    /// A checked sentence of a model's answer, before the answer is whole.
    Delta {
        /// The message that it belongs to.
        message: EffectId,
        /// Its number, from 0.
        n: u32,
        /// Its text.
        text: String,
    },
    /// The bot is about to say something, or a person types. Not committed.
    Typing,
    /// Somebody else speaks from now on.
    Owner {
        /// Who.
        owner: Owner,
    },
    /// The place in a desk's queue, from 1. Not committed.
    Queue {
        /// The place.
        position: u32,
    },
    /// The conversation has ended.
    End,
}

impl FeedKind {
    /// The name of the entry's kind, as a server-sent event has it.
    pub fn name(&self) -> &'static str {
        match self {
            FeedKind::Message(_) => "message",
            FeedKind::Delta { .. } => "delta",
            FeedKind::Typing => "typing",
            FeedKind::Owner { .. } => "owner",
            FeedKind::Queue { .. } => "queue",
            FeedKind::End => "end",
        }
    }
}

/// An entry ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedItem {
    /// Its number; none = it is not committed and can't be read again.
    pub seq: Option<u64>,
    /// [`FeedKind::name`].
    pub kind: &'static str,
    /// The entry as JSON.
    pub json: Arc<str>,
}

impl FeedItem {
    /// An entry that is not committed.
    pub(crate) fn passing(kind: &FeedKind) -> Self {
        Self {
            seq: None,
            kind: kind.name(),
            json: to_json(kind).into(),
        }
    }

    /// A committed entry from its bytes.
    pub(crate) fn stored(seq: u64, payload: &[u8]) -> Option<Self> {
        let kind: FeedKind = serde_json::from_slice(payload).ok()?;
        Some(Self {
            seq: Some(seq),
            kind: kind.name(),
            json: std::str::from_utf8(payload).ok()?.into(),
        })
    }
}

/// An entry's JSON, the form in which it is stored and sent.
pub(crate) fn to_json(kind: &FeedKind) -> String {
    serde_json::to_string(kind).expect("plain data with text keys always serialises")
}

/// A subscription: first what is stored after some number, then what comes, nothing lost or doubled.
pub struct Feed {
    line: Arc<Line>,
    store: Arc<dyn Store>,
    live: Receiver<FeedItem>,
    stored: std::vec::IntoIter<FeedItem>,
    reading: bool,
    seq: u64,
    closing: CancellationToken,
}

impl Feed {
    pub(crate) fn new(
        line: Arc<Line>,
        store: Arc<dyn Store>,
        after_seq: u64,
        closing: CancellationToken,
    ) -> Self {
        Self {
            live: line.listen(),
            line,
            store,
            stored: Vec::new().into_iter(),
            reading: true,
            seq: after_seq,
            closing,
        }
    }

    /// The next entry. None = the subscription is over: the server shuts down, the conversation was erased, or the subscriber
    /// lagged and must read again from the last number it has.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self) -> Result<Option<FeedItem>, TurnError> {
        loop {
            if let Some(item) = self.stored.next() {
                return Ok(Some(item));
            }
            if self.reading {
                self.read().await?;
                continue;
            }
            let received = tokio::select! {
                () = self.closing.cancelled() => return Ok(None),
                received = self.live.recv() => received,
            };
            match received {
                Ok(item) if item.seq.is_none_or(|seq| seq > self.seq) => {
                    return Ok(Some(self.passed(item)));
                }
                Ok(_already_read) => {}
                Err(RecvError::Lagged(_) | RecvError::Closed) => return Ok(None),
            }
        }
    }

    /// Reads a page of what is stored. Listening began before, so that nothing falls in between.
    async fn read(&mut self) -> Result<(), TurnError> {
        let rows = self.store.feed(&self.line.id, self.seq, PAGE_ROWS).await?;
        self.reading = rows.len() == PAGE_ROWS;
        self.seq = rows.last().map_or(self.seq, |row| row.seq);
        let items: Vec<FeedItem> = rows
            .iter()
            .filter_map(|row| FeedItem::stored(row.seq, &row.payload))
            .collect();
        self.stored = items.into_iter();
        Ok(())
    }

    fn passed(&mut self, item: FeedItem) -> FeedItem {
        self.seq = item.seq.unwrap_or(self.seq);
        item
    }
}

impl Runtime {
    /// The conversation's feed after this number; 0 = from its beginning.
    ///
    /// # Errors
    /// [`TurnError::NotFound`], [`TurnError::Draining`]; [`TurnError::Gone`] if the entry of this number is not there any more:
    /// going on behind it would leave out what came between.
    pub async fn subscribe(
        &self,
        conversation: &ConversationId,
        after_seq: u64,
    ) -> Result<Feed, TurnError> {
        let inner = &self.inner;
        if inner.draining.load(Ordering::Acquire) {
            return Err(TurnError::Draining);
        }
        match inner.store.load(conversation).await? {
            Some(stored) if stored.last_seq >= after_seq => {}
            None if after_seq == 0 => return Err(TurnError::NotFound(conversation.clone())),
            Some(_) | None => return Err(TurnError::Gone),
        }
        let line = inner.lines.get(conversation);
        Ok(Feed::new(
            line,
            inner.store.clone(),
            after_seq,
            inner.closing.clone(),
        ))
    }
}
