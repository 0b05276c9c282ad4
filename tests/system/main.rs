//! The whole system: the real binary over HTTP, its store in a temporary folder. One file a subject.

#[path = "../support/mod.rs"]
mod support;

#[path = "../../engine/llm/tests/providers/support/mod.rs"]
mod provider;

mod answer;
mod attack;
mod broken_off;
mod commands;
mod costs;
mod disk;
mod drain;
mod encoders;
mod reload;
mod secret;
mod websocket;
