//! The step of a turn; one that panics takes nothing down.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dialog::{Effect, EffectId, EffectKind, Event, Outgoing, Owner, Trace};
use tracing::error;

use crate::TurnError;
use crate::effects::failed_response;
use crate::job::Cause;
use crate::line::Line;
use crate::row::Start;
use crate::runtime::Inner;
use crate::state::Loaded;

/// The note in the trace of a turn whose step panicked.
pub(crate) const PANICKED: &str = "The step panicked; the event is a dead letter.";

/// A conversation after a step, with what led there.
pub(crate) struct Stepped {
    pub(crate) loaded: Box<Loaded>,
    /// What was before the step, where a replay needs it.
    pub(crate) start: Option<Start>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) trace: Trace,
    /// Why the step could not be made.
    pub(crate) panicked: Option<String>,
}

impl Inner {
    /// The step. One that panics takes nothing down: the conversation stays as it was, and the customer hears `failed`.
    pub(crate) async fn advance(
        &self,
        line: &Line,
        loaded: Box<Loaded>,
        cause: &Cause,
        event: &Event,
    ) -> Result<Stepped, TurnError> {
        let start = loaded.start();
        let Loaded {
            deployment,
            conversation,
            version,
            last_seq,
            notes,
            moved,
        } = *loaded;
        let bot = deployment.bot.clone();
        let stepped = catch_unwind(AssertUnwindSafe(|| dialog::step(&bot, conversation, event)));
        match stepped {
            Ok(step) => Ok(Stepped {
                loaded: Box::new(Loaded {
                    deployment,
                    conversation: step.conversation,
                    version,
                    last_seq,
                    notes,
                    moved,
                }),
                start,
                effects: step.effects,
                trace: step.trace,
                panicked: None,
            }),
            Err(panic) => {
                let why = panic_text(&*panic);
                error!(conversation = %line.id, why, "A step panicked; the event is a dead letter.");
                metrics::counter!("switchboard_panics_total").increment(1);
                let loaded = self.load(line, cause).await?;
                Ok(stand_in(loaded, why))
            }
        }
    }
}

impl Stepped {
    /// A step that was made again.
    pub(crate) fn again(before: Box<Loaded>, step: dialog::Step) -> Self {
        let last_seq = before.last_seq;
        let after = Loaded::replayed(step.conversation, before.deployment);
        Self {
            loaded: Box::new(Loaded { last_seq, ..after }),
            start: None,
            effects: step.effects,
            trace: step.trace,
            panicked: None,
        }
    }
}

/// The turn in place of one that panicked.
pub(crate) fn stand_in(mut loaded: Box<Loaded>, why: String) -> Stepped {
    let start = loaded.start();
    loaded.conversation.turn.0 += 1;
    let id = EffectId {
        conversation: loaded.conversation.id.clone(),
        turn: loaded.conversation.turn,
        index: 0,
    };
    let speaks = matches!(loaded.conversation.owner, Owner::Bot | Owner::Queued { .. });
    let effects = speaks.then(|| Effect {
        id,
        kind: EffectKind::Send(Outgoing::Response(failed_response(&loaded))),
    });
    let trace = Trace {
        notes: vec![PANICKED.to_owned()],
        ..Trace::default()
    };
    Stepped {
        loaded,
        start,
        effects: effects.into_iter().collect(),
        trace,
        panicked: Some(why),
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a text".to_owned())
}
