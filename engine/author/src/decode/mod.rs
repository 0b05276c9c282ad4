//! Files → the bot's parts. First what is declared ([`declare`]), then everything that refers to it.

mod actions;
mod answers;
mod bot;
mod collect;
mod declare;
mod desks;
mod entities;
mod examples;
mod flow;
mod flow_names;
mod handlers;
mod keys;
mod literal;
mod migrate;
mod models;
mod openapi;
mod properties;
mod record;
mod review;
mod router;
mod say;
mod session;
mod slots;
mod state;
mod templates;
mod tools;
mod transition;
mod types;

pub(crate) use bot::{BotParts, bot_parts};
pub use bot::{Channel, Login};
pub(crate) use declare::{Declared, ReadIntent, Tree, declare};
pub(crate) use flow::{answers_of, flows};
pub(crate) use record::{Decoder, Point, Records, Said, Spot, Use};
pub(crate) use templates::{Field, Templates};
pub(crate) use tools::environment_names;
pub(crate) use types::TYPE_NAMES;
