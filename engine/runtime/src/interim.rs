//! What the core's record form doesn't offer yet. Inherent methods of the core, once there, take these' place by themselves.

use std::collections::BTreeMap;

use dialog::{Bot, Conversation, Expected, Value};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// The record form of a conversation.
pub(crate) trait Record: Sized {
    fn to_record(&self, bot: &Bot) -> Json;
    fn from_record(bot: &Bot, record: &Json) -> Result<Self, String>;
    fn visible_slots(&self, bot: &Bot) -> BTreeMap<String, Value>;
    fn states(&self, bot: &Bot) -> Vec<String>;
}

impl Record for Conversation {
    fn to_record(&self, _bot: &Bot) -> Json {
        json!({
            "id": self.id, "user": self.user, "channel": self.channel, "locale": self.locale,
            "turn": self.turn, "owner": self.owner, "epoch": self.epoch,
        })
    }

    fn from_record(bot: &Bot, record: &Json) -> Result<Self, String> {
        let mut conversation = Self::new(
            field(record, "id")?,
            field(record, "user")?,
            field(record, "channel")?,
            field(record, "locale")?,
            bot,
        );
        conversation.turn = field(record, "turn")?;
        conversation.owner = field(record, "owner")?;
        conversation.epoch = field(record, "epoch")?;
        Ok(conversation)
    }

    fn visible_slots(&self, _bot: &Bot) -> BTreeMap<String, Value> {
        BTreeMap::new()
    }

    fn states(&self, _bot: &Bot) -> Vec<String> {
        Vec::new()
    }
}

/// Secrets out of a text.
pub(crate) fn mask(text: &str, _expected: &Expected) -> (String, BTreeMap<String, String>) {
    (text.to_owned(), BTreeMap::new())
}

fn field<T: DeserializeOwned>(record: &Json, name: &str) -> Result<T, String> {
    serde_json::from_value(record[name].clone()).map_err(|error| error.to_string())
}
