//! Every provider's format against a scripted server: what is read, what is sent, and how each failure is sorted.

mod answers;
mod budget;
mod cassette;
mod chain;
mod faults;
mod support;
