//! Templates from outside: what authors write, what customers read.
#![allow(missing_docs, reason = "a test's name says what it shows")]

mod common;
mod fitting;
mod guide;
mod languages;
mod laws;
mod reads;
mod rendering;
