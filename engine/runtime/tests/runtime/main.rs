//! The runtime from outside: one file a subject, all on the shop in `tests/bot`.

mod answer;
mod desk;
mod feed;
mod kill;
mod line;
mod outbox;
mod permit;
mod replay;
mod retention;
mod review;
mod support;
mod timer;
mod user;
mod version;
