//! Language models behind one trait: what is asked, what streams back, and what went wrong, the same for every provider.
//!
//! A [`Provider`] gives a [`Model`]; several models make a [`Chain`]. [`Model::stream`] yields text as it comes, tool calls when they are
//! complete, and then exactly one [`End`], or an [`Error`] that says what a caller should do differently. [`cassette`] records and replays
//! calls, [`price`] turns tokens into money, [`budget`] refuses a call before it is made.
//!
//! What is deliberately not here: prompts (they are the author's templates), running tools, and judging what a model said.

mod answer;
pub mod budget;
pub mod cassette;
mod chain;

mod draft;
mod error;
pub mod estimate;
mod fault;
mod frames;
mod http;
mod model;
pub mod price;
mod provider;
mod request;
mod wire;

pub use answer::{Arguments, End, Piece, Stop, ToolCall, Usage};

pub use chain::Chain;
pub use error::{Error, ErrorKind};
pub use http::Client;
pub use model::{Answer, Model};
pub use provider::{Key, Kind, Provider, parse_target};
pub use request::{Message, Request, ToolSchema};
