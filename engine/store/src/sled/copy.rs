//! Bundles out of the rows and back, for copies.

use std::collections::BTreeMap;

use dialog::{ConversationId, UserId};

use super::group::Group;
use super::keys::{self, Key};
use super::place::{cursor, place};
use crate::bundle::BUNDLES_A_PAGE;
use crate::codec::Record;
use crate::layout::Opaque;
use crate::{
    Bundle, ConversationBundle, Cursor, DeadLetter, OutboxRow, Page, Scheduled, Scope, StoreError,
    Stored, TurnRecord, UserBundle,
};

/// The kinds of rows that bundles are made of, in the order of their keys.
const SECTIONS: [u8; 3] = [b'c', b'n', b'u'];

impl Group<'_> {
    pub(super) fn bundles(&self, after: Option<&Cursor>) -> Result<Page<Bundle>, StoreError> {
        let mut from = after.map_or_else(|| Ok(vec![SECTIONS[0]]), place)?;
        let mut rows = Vec::new();
        while rows.len() < BUNDLES_A_PAGE {
            let Some(key) = self.first_of_a_section(&from)? else {
                return Ok(Page { rows, next: None });
            };
            let (bundle, rest) = self.bundle(&key)?;
            rows.extend(bundle);
            from = rest;
        }
        Ok(Page {
            rows,
            next: Some(cursor(&from)),
        })
    }

    /// The first key from there on that belongs to a bundle.
    fn first_of_a_section(&self, from: &[u8]) -> Result<Option<Key>, StoreError> {
        for section in SECTIONS {
            let start = if from < &[section][..] {
                &[section]
            } else {
                from
            };
            let first = self.rows_between(start, &[section + 1], 1)?.pop();
            if let Some((key, _)) = first {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The bundle that a key belongs to, if it makes one, and where the next begins.
    fn bundle(&self, key: &[u8]) -> Result<(Option<Bundle>, Key), StoreError> {
        let corrupt = || StoreError::Corrupt {
            what: "a key".to_owned(),
        };
        if key[0] == b'n' {
            let name = String::from_utf8(key[1..].to_vec()).map_err(|_| corrupt())?;
            let document = self.record::<Opaque>(key)?.ok_or_else(corrupt)?.0;
            return Ok((
                Some(Bundle::Document { name, document }),
                keys::behind_one(key),
            ));
        }
        let id = keys::text_at(key, 1).ok_or_else(corrupt)?;
        if key[0] == b'c' {
            let id = ConversationId(id);
            let bundle = self.conversation_bundle(&id)?;
            return Ok((
                bundle.map(|bundle| Bundle::Conversation(Box::new(bundle))),
                keys::behind(&keys::conversation(&id)),
            ));
        }
        let id = UserId(id);
        Ok((
            self.user_bundle(&id)?.map(Bundle::User),
            keys::behind(&keys::user(&id)),
        ))
    }

    fn conversation_bundle(
        &self,
        id: &ConversationId,
    ) -> Result<Option<ConversationBundle>, StoreError> {
        let Some(stored) = self.record::<Stored>(&keys::head(id))? else {
            return Ok(None);
        };
        Ok(Some(ConversationBundle {
            conversation: id.clone(),
            turns: self.records::<TurnRecord>(&keys::turns(id))?,
            outbox: self.records::<OutboxRow>(&keys::outbox_of(id))?,
            seen: self.seen_in(&Scope::Conversation(id.clone()), Some(&stored))?,
            stored,
            dead_letters: self.records::<DeadLetter>(&keys::dead_letters_of(id))?,
        }))
    }

    /// What a user has beside conversations; none if there is nothing.
    fn user_bundle(&self, id: &UserId) -> Result<Option<UserBundle>, StoreError> {
        let bundle = UserBundle {
            user: id.clone(),
            memory: self.memory(id)?,
            scheduled: self.scheduled(id)?,
            seen: self.seen_in(&Scope::User(id.clone()), None)?,
        };
        let empty =
            bundle.memory.is_empty() && bundle.scheduled.is_empty() && bundle.seen.is_empty();
        Ok((!empty).then_some(bundle))
    }

    fn records<R: Record>(&self, prefix: &[u8]) -> Result<Vec<R>, StoreError> {
        self.rows(prefix)?
            .iter()
            .map(|(_, value)| R::decode(value))
            .collect()
    }

    pub(super) fn scheduled(&self, user: &UserId) -> Result<Vec<Scheduled>, StoreError> {
        self.records(&keys::scheduled_of(user))
    }

    fn memory(&self, user: &UserId) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let prefix = keys::memories(user);
        let rows = self.rows(&prefix)?;
        let named = rows
            .iter()
            .filter_map(|(key, value)| Some((keys::text_at(key, prefix.len())?, value)));
        named
            .map(|(name, value)| Ok((name, Opaque::decode(value)?.0)))
            .collect()
    }

    pub(super) fn restore(&mut self, bundle: Bundle) -> Result<(), StoreError> {
        match bundle {
            Bundle::Conversation(bundle) => self.restore_conversation(&bundle),
            Bundle::User(bundle) => self.restore_user(bundle),
            Bundle::Document { name, document } => self.keep(&name, Some(document)),
        }
    }

    fn restore_conversation(&mut self, bundle: &ConversationBundle) -> Result<(), StoreError> {
        let id = &bundle.conversation;
        self.remove_conversation(id)?;
        self.place(id, &bundle.stored, None)?;
        for turn in &bundle.turns {
            self.put(keys::turn(id, turn.turn), turn.encode())?;
        }
        for row in &bundle.outbox {
            self.put(keys::outbox(&row.id), row.encode())?;
        }
        for letter in &bundle.dead_letters {
            self.put(keys::dead_letter(id, &letter.id), letter.encode())?;
        }
        // In the order in which they came, so that a copy has the rows of the original.
        let mut seen: Vec<_> = bundle.seen.iter().collect();
        seen.sort_by_key(|(_, seen)| seen.turn);
        seen.into_iter()
            .try_for_each(|(key, seen)| self.put_seen(key, seen))
    }

    fn restore_user(&mut self, bundle: UserBundle) -> Result<(), StoreError> {
        let memory = bundle
            .memory
            .into_iter()
            .map(|(key, value)| (key, Some(value)))
            .collect();
        self.change_memory(&bundle.user, memory)?;
        bundle
            .scheduled
            .iter()
            .try_for_each(|event| self.schedule(event))?;
        bundle
            .seen
            .iter()
            .try_for_each(|(key, seen)| self.put_seen(key, seen))
    }
}
