//! What a bot can call: HTTP tools and built-in ones.
//!
//! [`Toolbox`] is made from a bot's declarations and the [`Place`] where it runs (addresses, logins, what may be reached).
//! A [`Tool`] is called with checked arguments and always comes back with a [`dialog::ToolOutcome`]: failures are outcomes, in
//! the words that flows test. When to call, and the mark before a `repeat: never` call, is the runtime's business.

mod answer;
mod calculator;
mod guard;
mod http;
mod place;
mod request;
mod tool;
mod toolbox;

pub use guard::PrivateAddresses;
pub use http::HttpClient;
pub use place::{Login, Place, Secret};
pub use tool::{Call, CallFuture, Tool};
pub use toolbox::{ToolProblem, Toolbox, built_in};
