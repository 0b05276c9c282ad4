//! A timer that is longer than a session can be idle never fires.

use super::{Checked, graph};
use crate::rule;

pub(super) fn check(checked: &Checked<'_>) {
    let idle = checked.bot.session.idle;
    for (id, flow) in checked.flows() {
        for state in graph::ids(flow) {
            let own = &flow.states[state.index()];
            for (key, timers) in [("after", &own.after), ("no_input", &own.no_input)] {
                if timers.iter().any(|timed| timed.after >= idle) {
                    checked.cx.findings.add_with_help(
                        &rule::AFTER_BEYOND_SESSION,
                        checked.key_place(id, state, key),
                        format!(
                            "a session ends after {} without a word, so this timer never fires",
                            words(idle)
                        ),
                        "make it shorter, or `session: { idle: … }` in bot.yaml longer, or use `schedule`",
                    );
                }
            }
        }
    }
}

/// A length of time as an author writes it.
fn words(duration: jiff::SignedDuration) -> String {
    let seconds = duration.as_secs();
    match (seconds % 86_400, seconds % 3_600, seconds % 60) {
        (0, ..) => format!("{}d", seconds / 86_400),
        (_, 0, _) => format!("{}h", seconds / 3_600),
        (_, _, 0) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}
