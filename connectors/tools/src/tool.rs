//! The one trait of everything that can be called.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use dialog::{EffectId, ToolDeclaration, ToolOutcome, Value};

/// A call that runs. Dropping it gives it up.
pub type CallFuture<'a> = Pin<Box<dyn Future<Output = ToolOutcome> + Send + 'a>>;

/// Something that can be called.
pub trait Tool: Send + Sync {
    /// What it takes and gives, and what repeating it does.
    fn declaration(&self) -> &ToolDeclaration;

    /// Calls it: all attempts that its declaration allows, within bounded time. Never panics over what the outside sends.
    fn call(&self, call: Call) -> CallFuture<'_>;
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The effect's id: sent as the idempotency key where the tool is `repeat: keyed`.
    pub effect: EffectId,
    /// The arguments by name.
    pub args: BTreeMap<String, Value>,
}
