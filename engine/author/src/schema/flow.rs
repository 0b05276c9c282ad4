//! The keys of flows and answers.

use super::Wanted::{
    Any, Bool, Duration, Expression, Int, List, Map, Name, OneOf, Say, Shape as In, Text,
    Transitions, Type, Words,
};
use super::{SLOT, Shape, key};

/// `flows/*.yaml` with `flow:`.
pub(crate) static FLOW: Shape = Shape {
    name: "a flow",
    keys: &[
        key("flow", Name("flow"), "its name"),
        key(
            "description",
            Text,
            "for people, and for models that choose a flow",
        ),
        key("start", In(&START), "what starts it"),
        key("slots", Map(&In(&SLOT)), "its own slots"),
        key("returns", Type, "what its final states return"),
        key("digressions", In(&DIGRESSIONS), "what may come in between"),
        key("initial", Name("state"), "the state it begins in"),
        key("states", Map(&In(&STATE)), "its states"),
        key(
            "on",
            Map(&Transitions),
            "handlers in every state of the flow",
        ),
        key(
            "migrate",
            In(&MIGRATE),
            "where conversations of an older version go on",
        ),
    ],
};

/// `flows/*.yaml` with `answers:`.
pub(crate) static ANSWERS: Shape = Shape {
    name: "a file of answers",
    keys: &[key("answers", Map(&In(&ANSWER)), "by intent")],
};

pub(crate) static ANSWER: Shape = Shape {
    name: "an answer",
    keys: &[
        key("say", Say, "what is said; with `call`, about its `result`"),
        key("call", Name("tool"), "a tool to call first"),
        key("with", Map(&Expression), "its arguments"),
        key("error", Transitions, "when the call fails"),
        key("generate", Name("model"), "a model that answers"),
    ],
};

pub(crate) static START: Shape = Shape {
    name: "a flow's start",
    keys: &[
        key(
            "intent",
            OneOf(&[Name("intent"), List(&Name("intent"))]),
            "the intents that start it",
        ),
        key("event", Name("event"), "the event that starts it"),
        key(
            "busy",
            Words(&["wait", "interrupt", "drop"]),
            "what the event does while another flow runs",
        ),
    ],
};

pub(crate) static DIGRESSIONS: Shape = Shape {
    name: "digressions",
    keys: &[
        key(
            "allow",
            OneOf(&[
                Words(&["none", "answers", "flows", "all"]),
                List(&Name("flow or answer")),
            ]),
            "what is let in",
        ),
        key("refuse", Say, "said when something else is wanted"),
        key(
            "later",
            Bool,
            "what was refused is offered when the flow ends",
        ),
        key("depth", Int, "how many flows may lie on each other"),
        key("on_resume", Say, "said when the flow goes on"),
    ],
};

pub(crate) static STATE: Shape = Shape {
    name: "a state",
    keys: &[
        key(
            "say",
            Say,
            "said on entering, and repeated as the open question",
        ),
        key("ask", Say, "the open question, where it differs from `say`"),
        key(
            "choices",
            OneOf(&[List(&Name("choice")), List(&In(&CHOICE))]),
            "what can be chosen",
        ),
        key("on", Map(&Transitions), "what takes which event"),
        key("always", Transitions, "transitions that need no event"),
        key("after", Map(&Transitions), "after this long in the state"),
        key(
            "no_input",
            Map(&Transitions),
            "after this long without a word of the customer",
        ),
        key("attempts", In(&ATTEMPTS), "how many misses, and what then"),
        key(
            "collect",
            List(&In(&COLLECT)),
            "slots to ask for, one question each",
        ),
        key("call", Name("tool"), "a tool to call"),
        key("flow", Name("flow"), "a flow to run"),
        key("generate", Name("model"), "a model that answers"),
        key("handoff", Name("desk"), "a desk to hand over to"),
        key("why", Text, "why, for the desk"),
        key("with", Map(&Expression), "arguments"),
        key("done", Transitions, "when it is done"),
        key("error", Transitions, "when it failed"),
        key("states", Map(&Any), "states within"),
        key(
            "initial",
            Name("state"),
            "the state within that is entered first",
        ),
        key("final", Bool, "ends the flow, or the state around it"),
        key("return", Map(&Expression), "what the flow returns"),
    ],
};

pub(crate) static ATTEMPTS: Shape = Shape {
    name: "attempts",
    keys: &[
        key("max", Int, "with this miss `then` is taken"),
        key("then", Transitions, "what then"),
    ],
};

pub(crate) static COLLECT: Shape = Shape {
    name: "a question",
    keys: &[
        key("slot", Name("slot"), "the slot to fill"),
        key("ask", Say, "the question"),
        key("when", Expression, "only asked when this holds"),
        key("optional", Bool, "the customer may skip it"),
        key(
            "again",
            Bool,
            "asked although it is set, offering the value",
        ),
        key("accept", Expression, "whether a `value` is taken"),
        key("reject", Say, "said when a value is refused"),
        key("confirm", Say, "asks yes or no about the value"),
        key(
            "verbatim",
            Bool,
            "the whole message is the value, whatever its intent",
        ),
        key(
            "choices",
            OneOf(&[List(&Name("choice")), List(&In(&CHOICE))]),
            "further choices",
        ),
        key("label", Name("template"), "how a value or item is shown"),
    ],
};

pub(crate) static CHOICE: Shape = Shape {
    name: "a choice",
    keys: &[
        key("id", Name("choice"), "its name"),
        key("label", Name("template"), "how it is shown"),
    ],
};

pub(crate) static TRANSITION: Shape = Shape {
    name: "a transition",
    keys: &[
        key("guard", Expression, "taken only if this holds"),
        key("set", Map(&Expression), "slots and their new values"),
        key("say", Say, "what is said"),
        key(
            "clear",
            OneOf(&[Name("slot"), List(&Name("slot"))]),
            "slots that are unset",
        ),
        key(
            "forget",
            OneOf(&[Words(&["user"]), List(&Name("slot"))]),
            "what is forgotten for good",
        ),
        key("schedule", In(&SCHEDULE), "an event for later"),
        key(
            "raise",
            OneOf(&[Name("event"), In(&RAISE)]),
            "an event for now",
        ),
        key("miss", Bool, "counts a miss for its target"),
        key("target", Name("state"), "the state it leads to"),
        key("handoff", Name("desk"), "hands over, and comes back"),
        key("why", Text, "why, for the desk"),
        key("cancel", Words(&["flow"]), "ends the flow"),
        key("flow", Name("flow"), "a flow to start on top"),
        key("with", Map(&Expression), "values for that flow's slots"),
    ],
};

pub(crate) static SCHEDULE: Shape = Shape {
    name: "a schedule",
    keys: &[
        key("event", Name("event"), "which event"),
        key("at", Expression, "a moment, or a duration from now"),
        key("with", Map(&Expression), "its data"),
    ],
};

pub(crate) static RAISE: Shape = Shape {
    name: "a raised event",
    keys: &[
        key("event", Name("event"), "which event"),
        key("with", Map(&Expression), "its data"),
    ],
};

pub(crate) static SAY: Shape = Shape {
    name: "something said",
    keys: &[
        key("template", Name("template"), "what is said"),
        key("with", Map(&Expression), "further values for it"),
        key("pause", Duration, "a pause before what follows"),
    ],
};

pub(crate) static MIGRATE: Shape = Shape {
    name: "a migration",
    keys: &[
        key("from", Text, "the version that conversations come from"),
        key(
            "states",
            Map(&OneOf(&[Name("state"), In(&MIGRATE_STATE)])),
            "where each old state goes on",
        ),
        key("slots", Map(&Name("slot")), "old names and new ones"),
    ],
};

pub(crate) static MIGRATE_STATE: Shape = Shape {
    name: "a state's migration",
    keys: &[
        key("to", Name("state"), "the state it goes on in"),
        key(
            "clear",
            OneOf(&[Name("slot"), List(&Name("slot"))]),
            "slots that are unset",
        ),
        key("end", Bool, "the flow ends"),
        key("say", Say, "what is said"),
    ],
};
