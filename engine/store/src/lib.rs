//! Where conversations live: the [`Store`] trait, and the stores that keep it.
//!
//! A turn is one [`Commit`]: atomic, durable once answered, and refused when it repeats a message, rests on a read that is no
//! longer true, or comes from a replica that lost its place. Records are opaque bytes here: what is in a state, an event or a
//! payload is the runtime's business; the store knows ids, times and owners only.
//!
//! Two stores: [`Memory`] forgets with the process; [`Sled`] is the default and flushes before it answers. Both keep the same
//! contract, which is the module [`suite`].

mod bundle;
mod codec;
mod commit;
mod error;
#[cfg(test)]
mod golden;
mod layout;
mod memory;
mod query;
mod record;
mod sled;
mod store;
mod stream;
pub mod suite;
mod verdict;

pub use bundle::*;
pub use commit::*;
pub use error::*;
pub use memory::Memory;
pub use query::*;
pub use record::*;
pub use sled::{Compacted, FREE_BYTES_MIN, Options, Sled};
pub use store::*;
pub use stream::{Copied, export, import};
