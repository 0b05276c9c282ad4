//! Runs conversations: takes what the world sends, one turn at a time and in order for each conversation, keeps it durably,
//! acknowledges, and then carries out what the bot decided.
//!
//! [`Runtime`] is the whole interface. The decisions are `dialog`'s, the words `render`'s, the keeping `store`'s; here is what
//! waits: mailboxes, the outbox, timers, the clock, desks, versions side by side, and the orderly end.

mod answer;
mod at_desk;
mod bounds;
mod busy;
mod clock;
mod commit;
mod config;
mod deployment;
mod desk;
mod effects;
mod episode;
mod error;
mod feed;
mod id;
mod inbound;
mod inbox;
mod job;
mod line;
mod outbox;
mod person;
mod prepare;
mod queue;
mod read;
mod repetition;
mod replay;
mod resting;
mod retention;
mod revive;
mod row;
mod runtime;
mod secret;
mod state;
mod step;
mod talk;
mod trace;
mod transcript;
mod turn;
mod user;
mod view;
mod wheel;

pub use answer::{Accounts, EXTRACTIVE, Expense, Journal, Target, Targets};
pub use clock::{Clock, Sleep, SystemClock, VirtualClock};
pub use config::{ATTACHMENTS_MAX, Config, ID_CHARS_MAX, TEXT_CHARS_MAX};
pub use deployment::{Deployment, Understand, VERSIONS_MAX};
pub use error::TurnError;
pub use feed::{Feed, FeedItem, FeedKind, Said, Speaker};
pub use inbound::{
    Accepted, Addressee, Agent, Authority, Body, Inbound, NewConversation, Opened, OutsideEvent,
    UserView,
};
pub use inbox::NotUnderstood;
pub use queue::QueueEntry;
pub use replay::Replay;
pub use resting::Resting;
pub use retention::Retention;
pub use revive::Compile;
pub use runtime::{Runtime, Watcher};
pub use state::DeskFile;
pub use trace::TurnTrace;
pub use transcript::{Entry, From};
pub use view::ConversationView;
