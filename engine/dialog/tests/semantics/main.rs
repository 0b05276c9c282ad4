//! What the language means: chapter 4 of its specification, rule by rule, on small bots.

mod bank;
mod digressions;
mod fuzz;
mod memory;
mod permits;
mod questions;
mod records;
mod states;
mod support;
mod values;
