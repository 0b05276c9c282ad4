//! The one trait.

use std::time::Duration;

use futures_util::stream::BoxStream;

use crate::{Error, Piece, Request};

/// An answer as it comes: pieces, then [`Piece::End`] or an error, then nothing. Dropping it cancels the call.
pub type Answer = BoxStream<'static, Result<Piece, Error>>;

/// Something that answers requests.
pub trait Model: Send + Sync {
    /// What to call it in configuration, records and errors: `provider:model`.
    fn name(&self) -> &str;

    /// Asks, and gives the answer as it comes. The call is over, one way or the other, when `deadline` has passed since now.
    fn stream(&self, request: Request, deadline: Duration) -> Answer;
}
