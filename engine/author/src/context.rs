//! What every part of the compiler needs at hand.

use crate::diagnostic::Findings;
use crate::names::Names;
use crate::place::Sources;

/// The files, what they declare, and where findings go.
#[derive(Clone, Copy)]
pub(crate) struct Cx<'a> {
    /// The files' texts.
    pub(crate) sources: &'a Sources,
    /// What is wrong.
    pub(crate) findings: &'a Findings,
    /// What is declared.
    pub(crate) names: &'a Names,
}
