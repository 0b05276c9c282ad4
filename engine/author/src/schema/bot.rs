//! The keys of `bot.yaml`.

use super::Wanted::{
    Any, Bool, Duration, Expression, Int, List, Map, Name, Number, OneOf, Say, Shape as In, Text,
    Transitions, Type, Words,
};
use super::{Shape, key};

pub(crate) static BOT: Shape = Shape {
    name: "a bot",
    keys: &[
        key("bot", Name("bot"), "its name"),
        key("description", Text, "what it is for, for people"),
        key(
            "locales",
            List(&Text),
            "its languages; the first is the default",
        ),
        key("tz", Text, "the zone for \"tomorrow at nine\""),
        key("understanding", In(&UNDERSTANDING), "when an intent counts"),
        key("slots", Map(&In(&SLOT)), "slots shared by all flows"),
        key(
            "events",
            Map(&Any),
            "events that may come from outside, with their data",
        ),
        key(
            "anywhere",
            Map(&Transitions),
            "handlers in every state of every flow",
        ),
        key(
            "router",
            List(&In(&ROUTER)),
            "tried in order when nothing else takes a message",
        ),
        key("models", Map(&In(&MODEL)), "models that answer"),
        key("desks", Map(&In(&DESK)), "where people answer"),
        key("logins", Map(&In(&LOGIN)), "how tools show who they are"),
        key("channels", Map(&In(&CHANNEL)), "where customers are"),
        key(
            "session",
            In(&SESSION),
            "when a session ends, and how one begins",
        ),
        key(
            "episodes",
            In(&EPISODES),
            "notes of past sessions, found again when they matter",
        ),
        key("properties", List(&In(&PROPERTY)), "what must always hold"),
        key("on_failed", Transitions, "taken when a step cannot go on"),
    ],
};

/// What can read texts; the first is taken where nothing is said. `encode` has those that are no part of this program.
pub(crate) const ENCODERS: [&str; 5] = ["auto", "sparse", "minilm", "minilm-fp32", "rust-bert"];

pub(crate) static UNDERSTANDING: Shape = Shape {
    name: "understanding",
    keys: &[
        key("encoder", Words(&ENCODERS), "how texts are read"),
        key("accept", Number, "from here an intent counts"),
        key("confirm", Number, "from here it is worth asking back"),
        key(
            "costs",
            In(&COSTS),
            "instead of the two: what a mistake costs",
        ),
        key(
            "detect_language",
            Bool,
            "whether a session's first message sets the language",
        ),
        key(
            "several",
            Words(&["in_turn", "clarify"]),
            "what two intents in one message do",
        ),
    ],
};

pub(crate) static COSTS: Shape = Shape {
    name: "costs",
    keys: &[
        key("wrong", Number, "of a wrong answer"),
        key("ask", Number, "of asking back"),
        key("person", Number, "of a person"),
    ],
};

pub(crate) static SLOT: Shape = Shape {
    name: "a slot",
    keys: &[
        key("type", Type, "what it holds"),
        key(
            "item_of",
            Name("slot"),
            "the list whose chosen item it holds",
        ),
        key("max", Int, "with `item_of`: the most items, as a list"),
        key("from", Text, "the entity that fills it: `entity.x`"),
        key(
            "scope",
            Words(&["flow", "session", "user"]),
            "how long it lives",
        ),
        key("default", Any, "what it holds before anything is said"),
        key("pattern", Text, "what a text must look like"),
        key("secret", Bool, "masked wherever it would be seen"),
        key("ttl", Duration, "how long the long-term memory keeps it"),
        key(
            "consent",
            Name("template"),
            "the question asked before it is kept for long",
        ),
        key(
            "from_visitor",
            Bool,
            "whether a visitor's client may set it",
        ),
        key("accept", List(&Text), "with `type: file`: MIME types"),
        key(
            "size_max",
            OneOf(&[Int, Text]),
            "with `type: file`: the largest size, `10MB`",
        ),
    ],
};

pub(crate) static EVENT: Shape = Shape {
    name: "an event",
    keys: &[
        key("fields", Map(&Type), "its data"),
        key(
            "from_visitor",
            Bool,
            "whether a visitor's client may send it",
        ),
    ],
};

pub(crate) static ROUTER: Shape = Shape {
    name: "a step of the router",
    keys: &[
        key(
            "when",
            Words(&["unsure", "none"]),
            "only for these messages",
        ),
        key(
            "do",
            Words(&["clarify", "generate", "say", "handoff"]),
            "what it does",
        ),
        key("options_max", Int, "with `clarify`: at most so many"),
        key("model", Name("model"), "with `generate`"),
        key("guard", Expression, "only if this holds"),
        key("say", Say, "with `say`"),
        key("times", Int, "how often in a row"),
        key("to", Name("desk"), "with `handoff`"),
        key("why", Text, "with `handoff`: why, for the desk"),
    ],
};

pub(crate) static MODEL: Shape = Shape {
    name: "a model",
    keys: &[
        key(
            "targets",
            OneOf(&[List(&Text), In(&TARGETS)]),
            "tried in order",
        ),
        key("system", Name("template"), "its prompt"),
        key("knowledge", In(&KNOWLEDGE), "the articles it gets"),
        key("tools", List(&Name("tool")), "what it may call"),
        key("may_see", List(&Name("slot")), "slots that it may see"),
        key("limits", In(&LIMITS), "bounds of one answer"),
        key("check", In(&CHECK), "when an answer is said"),
        key(
            "moderation",
            Name("tool"),
            "a tool that looks at questions and answers before they are used",
        ),
        key("on_fail", Transitions, "refusal, no target left, a limit"),
    ],
};

pub(crate) static TARGETS: Shape = Shape {
    name: "targets",
    keys: &[
        key("simple", List(&Text), "for simple questions"),
        key("complex", List(&Text), "for complex ones"),
    ],
};

pub(crate) static KNOWLEDGE: Shape = Shape {
    name: "knowledge",
    keys: &[key("passages_max", Int, "how many passages it gets")],
};

pub(crate) static LIMITS: Shape = Shape {
    name: "limits",
    keys: &[
        key("turns_max", Int, "rounds of tool calls"),
        key("tokens_max", Int, "tokens, in and out"),
        key("deadline", Duration, "from the question to the last word"),
        key("cost_max", Text, "money: `0.02 USD`"),
        key(
            "conversation",
            In(&ALLOWANCE),
            "what all answers of a conversation may take",
        ),
        key(
            "visitor",
            In(&ALLOWANCE),
            "what one visitor's answers may take a day",
        ),
        key("day", In(&ALLOWANCE), "what all answers may take a day"),
    ],
};

pub(crate) static ALLOWANCE: Shape = Shape {
    name: "an allowance",
    keys: &[
        key("tokens_max", Int, "tokens, in and out"),
        key("cost_max", Text, "money: `0.02 USD`"),
    ],
};

pub(crate) static CHECK: Shape = Shape {
    name: "a check",
    keys: &[
        key("bands", In(&CHECK_BANDS), "from where an answer is said"),
        key(
            "cite",
            Words(&["required", "wanted", "off"]),
            "whether sources are named",
        ),
        key(
            "judge",
            Name("model"),
            "another model that is asked whether each sentence is supported",
        ),
        key(
            "samples",
            Int,
            "how many answers are asked for and compared: 2 to 5",
        ),
        key("on_low", Transitions, "when an answer is not supported"),
        key(
            "stream",
            Bool,
            "whether sentences are said as they pass (the default), or the whole answer at its end",
        ),
    ],
};

pub(crate) static CHECK_BANDS: Shape = Shape {
    name: "bands",
    keys: &[
        key("send", Number, "from here it is said"),
        key("with_sources", Number, "from here with its sources"),
    ],
};

pub(crate) static DESK: Shape = Shape {
    name: "a desk",
    keys: &[
        key(
            "via",
            Words(&[
                "console",
                "chatwoot",
                "sunshine",
                "intercom",
                "slack",
                "email",
                "webhook",
                "matrix",
                "django-helpdesk",
            ]),
            "the connector",
        ),
        key("hours", In(&HOURS), "when it is open"),
        key(
            "package",
            List(&Words(&["transcript", "slots", "why", "summary"])),
            "what it gets",
        ),
        key("queue", In(&QUEUE), "waiting"),
        key(
            "closed",
            Transitions,
            "outside its hours, or when nobody is there",
        ),
        key("gave_up", Transitions, "when waiting took too long"),
        key("after", Transitions, "when people gave it back"),
        key("login", Name("login"), "how it is reached"),
        key("settings", Map(&Any), "of its connector"),
    ],
};

pub(crate) static HOURS: Shape = Shape {
    name: "hours",
    keys: &[
        key("open", OneOf(&[Text, List(&Text)]), "`Mon-Fri 08:00-20:00`"),
        key("holidays", List(&Text), "days on which it is closed"),
    ],
};

pub(crate) static QUEUE: Shape = Shape {
    name: "a queue",
    keys: &[
        key("announce_every", Duration, "how often the position is told"),
        key(
            "give_up_after",
            Duration,
            "how long a customer waits at most",
        ),
    ],
};

pub(crate) static LOGIN: Shape = Shape {
    name: "a login",
    keys: &[
        key(
            "kind",
            Words(&["api_key", "bearer", "basic", "oauth2", "hmac", "mtls"]),
            "how it works",
        ),
        key("header", Text, "the header that carries it"),
        key(
            "secret",
            Text,
            "the secret, from the environment: `${NAME}`",
        ),
        key("user", Text, "with `basic`: the user"),
        key("token_url", Text, "with `oauth2`: where tokens come from"),
        key("client_id", Text, "with `oauth2`: who asks"),
        key("scopes", List(&Text), "with `oauth2`: what for"),
    ],
};

pub(crate) static CHANNEL: Shape = Shape {
    name: "a channel",
    keys: &[
        key("via", Text, "the connector; its name, if left out"),
        key(
            "window_template",
            Name("template"),
            "said outside the channel's window",
        ),
        key("login", Name("login"), "how it is reached"),
        key("settings", Map(&Any), "of its connector"),
    ],
};

pub(crate) static SESSION: Shape = Shape {
    name: "a session",
    keys: &[
        key("idle", Duration, "how long without a word of either side"),
        key("greet", In(&GREET), "how one begins"),
    ],
};

pub(crate) static EPISODES: Shape = Shape {
    name: "notes of sessions",
    keys: &[
        key("keep", Duration, "how long after the session"),
        key("guard", Expression, "which sessions; without it all"),
    ],
};

pub(crate) static GREET: Shape = Shape {
    name: "a greeting",
    keys: &[
        key("first", Transitions, "for a first-time user"),
        key("returning", Transitions, "for a returning one"),
    ],
};

pub(crate) static PROPERTY: Shape = Shape {
    name: "a property",
    keys: &[
        key("invariant", Expression, "holds always"),
        key("reach", Text, "what can be reached: a state, or `handoff`"),
        key("from", Text, "from where: a state, or `any`"),
        key("on", Text, "by what: `intent.x`"),
        key("within_user_turns", Int, "in how many messages"),
        key("never", Expression, "never holds"),
        key("description", Text, "for people"),
    ],
};
