//! The whole system: the real binary over HTTP, its store in a temporary folder. One file a subject.

#[path = "../support/mod.rs"]
mod support;

mod commands;
mod disk;
mod drain;
mod encoders;
mod reload;
mod secret;
mod websocket;
