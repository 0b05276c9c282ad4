//! A whole store as one stream: to keep a copy, to move to another store, to compact.
//!
//! ```text
//! stream  = "switchboard store" version frame* end
//! frame   = length checksum payload        (numbers of four bytes, big-endian; CRC-32 of the payload)
//! payload = kind record                    (a conversation, a user, a document; last: how many there were)
//! ```
//!
//! A stream that was cut off, or changed by a bit, is noticed at the frame where it happened; what came before it is good.

use std::io::{self, Read, Write};

use crate::codec::{Reader, Record, Writer};
use crate::layout::Opaque;
use crate::{
    Bundle, ConversationBundle, DeadLetter, MessageKey, OutboxRow, Scheduled, Scope, Seen, Store,
    StoreError, Stored, TurnRecord, UserBundle,
};

const MAGIC: &[u8] = b"switchboard store";

/// The version of the stream; records have versions of their own.
const STREAM_VERSION: u8 = 1;

/// Largest frame that is read: a damaged length must not ask for all memory. A conversation of a million turns fits.
const FRAME_MAX: u32 = 1024 * 1024 * 1024;

/// Bundles that are written at once while importing.
const BUNDLES_AT_ONCE: usize = 64;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Conversations.
    pub conversations: u64,
    /// Users with a memory, events for later or ids of events.
    pub users: u64,
    /// Documents.
    pub documents: u64,
}

impl Copied {
    fn count(&mut self, bundle: &Bundle) {
        match bundle {
            Bundle::Conversation(_) => self.conversations += 1,
            Bundle::User(_) => self.users += 1,
            Bundle::Document { .. } => self.documents += 1,
        }
    }
}

/// Writes everything that a store holds. The store may be in use: then each conversation is copied as it was at some moment
/// meanwhile. Writing blocks: not on a worker that serves others.
pub async fn export(store: &dyn Store, to: &mut (dyn Write + Send)) -> Result<Copied, StoreError> {
    let mut copied = Copied::default();
    let mut after = None;
    write(to, MAGIC)?;
    write(to, &[STREAM_VERSION])?;
    loop {
        let page = store.bundles(after).await?;
        for bundle in &page.rows {
            copied.count(bundle);
            write_frame(to, &payload(bundle))?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    write_frame(to, &end(copied))?;
    to.flush().map_err(|why| stream_failed("written", &why))?;
    Ok(copied)
}

/// Reads a stream into a store, over what is there. Reading blocks, like writing in [`export`].
pub async fn import(store: &dyn Store, from: &mut (dyn Read + Send)) -> Result<Copied, StoreError> {
    read_start(from)?;
    let mut copied = Copied::default();
    let mut waiting = Vec::new();
    loop {
        let frame = read_frame(from)?;
        match parse(&frame)? {
            Frame::Bundle(bundle) => {
                copied.count(&bundle);
                waiting.push(bundle);
            }
            Frame::End(expected) if expected == copied => break,
            Frame::End(_) => return Err(damaged("it has not as many records as it says")),
        }
        if waiting.len() >= BUNDLES_AT_ONCE {
            store.restore(std::mem::take(&mut waiting)).await?;
        }
    }
    store.restore(waiting).await?;
    Ok(copied)
}

enum Frame {
    Bundle(Bundle),
    End(Copied),
}

const CONVERSATION: u8 = b'c';
const USER: u8 = b'u';
const DOCUMENT: u8 = b'n';
const END: u8 = b'z';

fn payload(bundle: &Bundle) -> Vec<u8> {
    match bundle {
        Bundle::Conversation(bundle) => framed(CONVERSATION, &**bundle),
        Bundle::User(bundle) => framed(USER, bundle),
        Bundle::Document { name, document } => {
            framed(DOCUMENT, &Named(name.clone(), Opaque(document.clone())))
        }
    }
}

fn end(copied: Copied) -> Vec<u8> {
    framed(END, &copied)
}

fn framed(kind: u8, record: &impl Record) -> Vec<u8> {
    let mut bytes = record.encode();
    bytes.insert(0, kind);
    bytes
}

fn parse(frame: &[u8]) -> Result<Frame, StoreError> {
    let (kind, record) = frame
        .split_first()
        .ok_or_else(|| damaged("a frame is empty"))?;
    match *kind {
        CONVERSATION => ConversationBundle::decode(record)
            .map(|bundle| Frame::Bundle(Bundle::Conversation(Box::new(bundle)))),
        USER => UserBundle::decode(record).map(|bundle| Frame::Bundle(Bundle::User(bundle))),
        DOCUMENT => Named::decode(record).map(|named| {
            Frame::Bundle(Bundle::Document {
                name: named.0,
                document: named.1.0,
            })
        }),
        END => Copied::decode(record).map(Frame::End),
        _ => Err(damaged("a frame is of no known kind")),
    }
}

impl Record for ConversationBundle {
    const NAME: &'static str = "a copied conversation";

    fn write(&self, to: &mut Writer) {
        to.text(self.conversation.as_str());
        to.bytes(&self.stored.encode());
        to.list(&self.turns, nest);
        to.list(&self.outbox, nest);
        to.list(&self.seen, write_seen);
        to.list(&self.dead_letters, nest);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let conversation = dialog::ConversationId(from.text()?);
        let scope = Scope::Conversation(conversation.clone());
        Some(Self {
            conversation,
            stored: nested::<Stored>(from)?,
            turns: from.list(nested::<TurnRecord>)?,
            outbox: from.list(nested::<OutboxRow>)?,
            seen: from.list(|from| read_seen(from, &scope))?,
            dead_letters: from.list(nested::<DeadLetter>)?,
        })
    }
}

impl Record for UserBundle {
    const NAME: &'static str = "a copied user";

    fn write(&self, to: &mut Writer) {
        to.text(self.user.as_str());
        let memory: Vec<Named> = self
            .memory
            .iter()
            .map(|(key, value)| Named(key.clone(), Opaque(value.clone())))
            .collect();
        to.list(&memory, nest);
        to.list(&self.scheduled, nest);
        to.list(&self.seen, write_seen);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let user = dialog::UserId(from.text()?);
        let scope = Scope::User(user.clone());
        let memory = from.list(nested::<Named>)?;
        Some(Self {
            user,
            memory: memory
                .into_iter()
                .map(|named| (named.0, named.1.0))
                .collect(),
            scheduled: from.list(nested::<Scheduled>)?,
            seen: from.list(|from| read_seen(from, &scope))?,
        })
    }
}

/// A value and its name.
struct Named(String, Opaque);

impl Record for Named {
    const NAME: &'static str = "a copied value";

    fn write(&self, to: &mut Writer) {
        to.text(&self.0);
        to.bytes(&self.1.encode());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self(from.text()?, nested::<Opaque>(from)?))
    }
}

impl Record for Copied {
    const NAME: &'static str = "the end of a copy";

    fn write(&self, to: &mut Writer) {
        to.u64(self.conversations);
        to.u64(self.users);
        to.u64(self.documents);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            conversations: from.u64()?,
            users: from.u64()?,
            documents: from.u64()?,
        })
    }
}

/// A record within another, with a version of its own.
fn nest(to: &mut Writer, record: &impl Record) {
    to.bytes(&record.encode());
}

fn nested<R: Record>(from: &mut Reader<'_>) -> Option<R> {
    R::decode(&from.bytes()?).ok()
}

fn write_seen(to: &mut Writer, (key, seen): &(MessageKey, Seen)) {
    to.text(&key.source);
    to.text(&key.id);
    nest(to, seen);
}

fn read_seen(from: &mut Reader<'_>, scope: &Scope) -> Option<(MessageKey, Seen)> {
    let key = MessageKey {
        scope: scope.clone(),
        source: from.text()?,
        id: from.text()?,
    };
    Some((key, nested::<Seen>(from)?))
}

fn write_frame(to: &mut dyn Write, payload: &[u8]) -> Result<(), StoreError> {
    let length = u32::try_from(payload.len())
        .ok()
        .filter(|length| *length <= FRAME_MAX);
    let length = length.ok_or_else(|| {
        StoreError::Invalid("a conversation above 1 GB can't be copied".to_owned())
    })?;
    write(to, &length.to_be_bytes())?;
    write(to, &crc32fast::hash(payload).to_be_bytes())?;
    write(to, payload)
}

fn write(to: &mut dyn Write, bytes: &[u8]) -> Result<(), StoreError> {
    to.write_all(bytes)
        .map_err(|why| stream_failed("written", &why))
}

fn read_start(from: &mut dyn Read) -> Result<(), StoreError> {
    let mut start = [0; MAGIC.len() + 1];
    read(from, &mut start)?;
    match start.split_last() {
        Some((&STREAM_VERSION, MAGIC)) => Ok(()),
        Some((&found, MAGIC)) => Err(StoreError::Newer {
            found,
            known: STREAM_VERSION,
        }),
        _ => Err(damaged("it does not begin like a copy of a store")),
    }
}

fn read_frame(from: &mut dyn Read) -> Result<Vec<u8>, StoreError> {
    let mut numbers = [0; 8];
    read(from, &mut numbers)?;
    let [a, b, c, d, e, f, g, h] = numbers;
    let (length, checksum) = (
        u32::from_be_bytes([a, b, c, d]),
        u32::from_be_bytes([e, f, g, h]),
    );
    if length > FRAME_MAX {
        return Err(damaged("a frame is longer than any can be"));
    }
    let mut payload = Vec::new();
    let count = from
        .take(length.into())
        .read_to_end(&mut payload)
        .map_err(|why| stream_failed("read", &why))?;
    if count < length as usize {
        return Err(damaged("it ends too early"));
    }
    if crc32fast::hash(&payload) != checksum {
        return Err(damaged("a checksum is wrong"));
    }
    Ok(payload)
}

fn read(from: &mut dyn Read, bytes: &mut [u8]) -> Result<(), StoreError> {
    from.read_exact(bytes).map_err(|why| match why.kind() {
        io::ErrorKind::UnexpectedEof => damaged("it ends too early"),
        _ => stream_failed("read", &why),
    })
}

fn damaged(how: &str) -> StoreError {
    StoreError::Corrupt {
        what: format!("the copy is damaged: {how}"),
    }
}

fn stream_failed(what: &str, why: &io::Error) -> StoreError {
    StoreError::File {
        what: format!("The copy could not be {what}"),
        why: why.to_string(),
    }
}
