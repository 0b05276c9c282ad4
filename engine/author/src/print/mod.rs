//! Diagnostics as text: for people, as JSON, as SARIF.

mod human;
mod json;
mod sarif;

pub use human::human;
pub use json::json;
pub use sarif::sarif;
