//! Work on many pieces at once. Which thread takes a piece never shows in the result: pieces share nothing, and what they
//! give back is kept in their order.

use std::num::NonZero;
use std::sync::Mutex;

/// More threads than this gain nothing on matrices of this size, and each has a work space of its own.
const THREADS_MAX: usize = 8;

/// How many threads to use on this machine.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(THREADS_MAX)
}

/// Calls `work` on every piece with its index and the thread's work space; gives what it returned, in the pieces' order.
/// There are as many threads as work spaces.
pub(crate) fn each<T: Send, S: Send, R: Send>(
    pieces: &mut [T],
    spaces: &mut [S],
    work: impl Fn(usize, &mut T, &mut S) -> R + Sync,
) -> Vec<R> {
    let count = pieces.len();
    let queue = Mutex::new(pieces.iter_mut().enumerate());
    let done = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        for space in spaces.iter_mut().take(count) {
            scope.spawn(|| {
                while let Some((index, piece)) = next(&queue) {
                    let result = work(index, piece, space);
                    done.lock()
                        .expect("no thread panics while it holds this")
                        .push((index, result));
                }
            });
        }
    });
    let mut done = done
        .into_inner()
        .expect("no thread panics while it holds this");
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn next<I: Iterator>(queue: &Mutex<I>) -> Option<I::Item> {
    queue
        .lock()
        .expect("no thread panics while it holds this")
        .next()
}
