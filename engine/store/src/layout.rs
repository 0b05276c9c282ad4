//! The fields of each record, in the order in which they are written.

use dialog::{ConversationId, EffectId, Turn};

use crate::codec::{Reader, Record, Writer};
use crate::{
    BodyHash, Dead, DeadLetter, Head, Lane, OutboxRow, OwnerKind, Scheduled, Seen, Stored,
    TurnRecord, Version,
};

impl Record for Stored {
    const NAME: &'static str = "a conversation's state";

    fn write(&self, to: &mut Writer) {
        to.u64(self.version.0);
        to.u64(self.turn.0);
        to.u64(self.last_seq);
        to.time(self.begun);
        to.time(self.active);
        to.time(self.owned_since);
        write_head(&self.head, to);
        to.bytes(&self.state);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            version: Version(from.u64()?),
            turn: Turn(from.u64()?),
            last_seq: from.u64()?,
            begun: from.time()?,
            active: from.time()?,
            owned_since: from.time()?,
            head: read_head(from)?,
            state: from.bytes()?,
        })
    }
}

fn write_head(head: &Head, to: &mut Writer) {
    to.text(head.user.as_str());
    to.text(head.bot.as_str());
    to.u8(owner_number(head.owner));
    to.u64(head.epoch);
    to.option(head.timer, Writer::time);
}

fn read_head(from: &mut Reader<'_>) -> Option<Head> {
    Some(Head {
        user: from.text()?.into(),
        bot: from.text()?.into(),
        owner: owner_of(from.u8()?)?,
        epoch: from.u64()?,
        timer: from.option(Reader::time)?,
    })
}

/// The number that stands for an owner on the disk.
pub(crate) fn owner_number(owner: OwnerKind) -> u8 {
    match owner {
        OwnerKind::Bot => 0,
        OwnerKind::Queued => 1,
        OwnerKind::Person => 2,
        OwnerKind::Ended => 3,
    }
}

fn owner_of(number: u8) -> Option<OwnerKind> {
    match number {
        0 => Some(OwnerKind::Bot),
        1 => Some(OwnerKind::Queued),
        2 => Some(OwnerKind::Person),
        3 => Some(OwnerKind::Ended),
        _ => None,
    }
}

impl Record for TurnRecord {
    const NAME: &'static str = "a turn";

    fn write(&self, to: &mut Writer) {
        to.u64(self.turn.0);
        to.time(self.at);
        to.u64(self.first_seq);
        to.list(&self.feed, |to, entry| to.bytes(entry));
        to.bytes(&self.event);
        to.bytes(&self.trace);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            turn: Turn(from.u64()?),
            at: from.time()?,
            first_seq: from.u64()?,
            feed: from.list(Reader::bytes)?,
            event: from.bytes()?,
            trace: from.bytes()?,
        })
    }
}

impl Record for OutboxRow {
    const NAME: &'static str = "an effect in the outbox";

    fn write(&self, to: &mut Writer) {
        write_effect(&self.id, to);
        to.u8(lane_number(self.lane));
        to.u8(u8::from(self.begun));
        to.bytes(&self.payload);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            id: read_effect(from)?,
            lane: lane_of(from.u8()?)?,
            begun: from.flag()?,
            payload: from.bytes()?,
        })
    }
}

fn write_effect(id: &EffectId, to: &mut Writer) {
    to.text(id.conversation.as_str());
    to.u64(id.turn.0);
    to.u32(id.index);
}

fn read_effect(from: &mut Reader<'_>) -> Option<EffectId> {
    Some(EffectId {
        conversation: ConversationId(from.text()?),
        turn: Turn(from.u64()?),
        index: from.u32()?,
    })
}

fn lane_number(lane: Lane) -> u8 {
    match lane {
        Lane::Send => 0,
        Lane::Call => 1,
        Lane::Generate => 2,
        Lane::Desk => 3,
    }
}

fn lane_of(number: u8) -> Option<Lane> {
    match number {
        0 => Some(Lane::Send),
        1 => Some(Lane::Call),
        2 => Some(Lane::Generate),
        3 => Some(Lane::Desk),
        _ => None,
    }
}

impl Record for Seen {
    const NAME: &'static str = "a message's id";

    fn write(&self, to: &mut Writer) {
        to.text(self.conversation.as_str());
        to.u64(self.turn.0);
        to.0.extend_from_slice(&self.body.0);
        to.time(self.at);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            conversation: ConversationId(from.text()?),
            turn: Turn(from.u64()?),
            body: BodyHash(from.take(32)?.try_into().ok()?),
            at: from.time()?,
        })
    }
}

/// Some ids of one conversation and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids(pub(crate) Vec<Id>);

/// A message's id within a conversation, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    pub(crate) source: String,
    pub(crate) id: String,
    pub(crate) seen: Seen,
}

impl Record for Ids {
    const NAME: &'static str = "a day's ids of messages";

    fn write(&self, to: &mut Writer) {
        to.list(&self.0, |to, one| {
            to.text(&one.source);
            to.text(&one.id);
            one.seen.write(to);
        });
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let ids = from.list(|from| {
            Some(Id {
                source: from.text()?,
                id: from.text()?,
                seen: Seen::read(from)?,
            })
        });
        ids.map(Self)
    }
}

impl Record for Scheduled {
    const NAME: &'static str = "an event for later";

    fn write(&self, to: &mut Writer) {
        write_effect(&self.id, to);
        to.text(self.user.as_str());
        to.time(self.at);
        to.bytes(&self.payload);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            id: read_effect(from)?,
            user: from.text()?.into(),
            at: from.time()?,
            payload: from.bytes()?,
        })
    }
}

impl Record for DeadLetter {
    const NAME: &'static str = "a dead letter";

    fn write(&self, to: &mut Writer) {
        to.text(self.conversation.as_str());
        to.text(&self.id);
        to.time(self.at);
        to.text(&self.why);
        match &self.what {
            Dead::Effect(row) => {
                to.u8(0);
                row.write(to);
            }
            Dead::Event(event) => {
                to.u8(1);
                to.bytes(event);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            conversation: ConversationId(from.text()?),
            id: from.text()?,
            at: from.time()?,
            why: from.text()?,
            what: match from.u8()? {
                0 => Dead::Effect(OutboxRow::read(from)?),
                1 => Dead::Event(from.bytes()?),
                _ => return None,
            },
        })
    }
}

/// A value that has no fields: a memory's, a document's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opaque(pub(crate) Vec<u8>);

impl Record for Opaque {
    const NAME: &'static str = "a value";

    fn write(&self, to: &mut Writer) {
        to.bytes(&self.0);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.bytes().map(Self)
    }
}
