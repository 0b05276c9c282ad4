//! The keys of tools, intents and templates.

use super::Wanted::{
    Any, Bool, Duration, Int, List, Map, Name, OneOf, Shape as In, Text, Type, Words,
};
use super::{Shape, key};

pub(crate) static TOOLS: Shape = Shape {
    name: "a file of tools",
    keys: &[key("tools", Map(&In(&TOOL)), "by name")],
};

pub(crate) static TOOL: Shape = Shape {
    name: "a tool",
    keys: &[
        key("description", Text, "for people and models"),
        key("http", Text, "method and address: `POST ${URL}/cards/{id}`"),
        key("openapi", Text, "an OpenAPI document below `specs/`"),
        key(
            "operations",
            List(&Text),
            "with `openapi`: the operations to offer",
        ),
        key("mcp", In(&MCP), "a server of the Model Context Protocol"),
        key("tools", List(&Text), "with `mcp`: the tools to offer"),
        key("builtin", Words(&["calculator"]), "one that is built in"),
        key("agent", Name("agent"), "an agent"),
        key("args", Map(&OneOf(&[Type, In(&ARG)])), "what it takes"),
        key("returns", Type, "what it gives"),
        key("timeout", Duration, "how long one attempt may take"),
        key("retry", In(&RETRY), "further attempts"),
        key(
            "repeat",
            Words(&["safe", "keyed", "never"]),
            "what repeating a call does",
        ),
        key("fresh", Duration, "how old a result may be when it is said"),
        key("login", Name("login"), "how it shows who it is"),
        key(
            "confirm",
            Words(&["user"]),
            "a model must ask the customer first",
        ),
        key(
            "ask",
            Name("template"),
            "with `confirm`: how the customer is asked; in the engine's words, if left out",
        ),
    ],
};

pub(crate) static MCP: Shape = Shape {
    name: "a server",
    keys: &[
        key("command", List(&Text), "the program and its arguments"),
        key("url", Text, "its address"),
    ],
};

pub(crate) static ARG: Shape = Shape {
    name: "an argument",
    keys: &[
        key("type", Type, "its type"),
        key(
            "in",
            Words(&["path", "query", "body", "header"]),
            "where it goes",
        ),
        key("optional", Bool, "whether it may be left out"),
        key("secret", Bool, "never in a log, a trace or an address"),
        key("description", Text, "for models"),
    ],
};

pub(crate) static RETRY: Shape = Shape {
    name: "retries",
    keys: &[
        key("max", Int, "how many, after the first attempt"),
        key("backoff", Duration, "the wait before the first of them"),
    ],
};

pub(crate) static INTENTS: Shape = Shape {
    name: "a file of intents",
    keys: &[
        key("intents", Map(&In(&INTENT)), "by name"),
        key("entities", Map(&In(&ENTITY)), "by name"),
    ],
};

pub(crate) static INTENT: Shape = Shape {
    name: "an intent",
    keys: &[
        key(
            "examples",
            OneOf(&[Text, List(&Text)]),
            "what customers write, one a line",
        ),
        key(
            "built_in",
            Bool,
            "whether a built-in intent keeps its own examples beside yours",
        ),
        key("description", Text, "for people"),
    ],
};

pub(crate) static ENTITY: Shape = Shape {
    name: "an entity",
    keys: &[
        key("values", Map(&Any), "its values and what people call them"),
        key("pattern", Text, "a regular expression"),
        key("learned", Bool, "found by what examples mark as it"),
        key("is", Name("entity"), "for a role: the entity it is"),
        key(
            "cue",
            OneOf(&[List(&Text), Map(&List(&Text))]),
            "for a role: the words before it",
        ),
        key("fuzzy", Int, "how many letters may differ"),
        key("description", Text, "for people"),
    ],
};

/// A template written as a map.
pub(crate) static TEMPLATE: Shape = Shape {
    name: "a template",
    keys: &[
        key("text", Text, "what is said"),
        key("cards", List(&In(&CARD)), "cards"),
        key("images", List(&In(&ATTACHMENT)), "images"),
        key("files", List(&In(&ATTACHMENT)), "files"),
        key("channels", Map(&Any), "other forms for some channels"),
    ],
};

pub(crate) static CARD: Shape = Shape {
    name: "a card",
    keys: &[
        key("title", Text, "its heading"),
        key("text", Text, "the text below"),
        key("image", Text, "its picture"),
        key("links", List(&In(&LINK)), "links"),
    ],
};

pub(crate) static LINK: Shape = Shape {
    name: "a link",
    keys: &[
        key("label", Text, "what it says"),
        key("url", Text, "where it leads"),
    ],
};

pub(crate) static ATTACHMENT: Shape = Shape {
    name: "an attachment",
    keys: &[
        key("name", Text, "the file's name"),
        key("mime", Text, "its MIME type"),
        key("url", Text, "its address, or a path under `media/`"),
        key("alt", Text, "what it shows, for those who can't see it"),
    ],
};
