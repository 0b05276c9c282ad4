//! How many files the system lets this process open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// Kept for what is not a connection: the store, the bot's files, calls of tools.
const OTHERS: usize = 768;

/// As many connections as are wished for, or as the system allows. Takes all that the system lets it take: many systems begin
/// at 1,024 and allow far more to who asks.
pub(crate) fn connections_max(wished: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let allowed = current.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    });
    let room = allowed.saturating_sub(OTHERS).max(1);
    if room < wished {
        warn!(
            open_files = allowed,
            connections = room,
            "The system's limit of open files allows fewer connections than are configured."
        );
    }
    wished.min(room)
}
