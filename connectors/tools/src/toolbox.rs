//! The tools of one version of a bot, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialog::{ToolDeclaration, ToolKind};

use crate::calculator::Calculator;
use crate::http::HttpTool;
use crate::request::PlanError;
use crate::{HttpClient, Place, Tool};

/// A tool that can't be had here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tool `{tool}`: {why}")]
pub struct ToolProblem {
    /// Its name.
    pub tool: String,
    /// Why, in a sentence.
    pub why: String,
}

/// Tools by name.
#[derive(Clone, Default)]
pub struct Toolbox(BTreeMap<String, Arc<dyn Tool>>);

impl Toolbox {
    /// Makes the declared tools, in their place.
    ///
    /// # Errors
    /// Every tool that can't be had here, with its reason.
    pub fn new(
        declarations: &[ToolDeclaration],
        place: &Place,
        client: &HttpClient,
    ) -> Result<Self, Vec<ToolProblem>> {
        let mut toolbox = Self::default();
        let mut problems = Vec::new();
        for declaration in declarations {
            match make(declaration, place, client) {
                Ok(tool) => toolbox.insert(tool),
                Err(why) => problems.push(ToolProblem {
                    tool: declaration.name.clone(),
                    why,
                }),
            }
        }
        if problems.is_empty() {
            Ok(toolbox)
        } else {
            Err(problems)
        }
    }

    /// Adds a tool, or puts it in another's place: how tests stub one.
    pub fn insert(&mut self, tool: Arc<dyn Tool>) {
        self.0.insert(tool.declaration().name.clone(), tool);
    }

    /// The tool of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.0.get(name)
    }
}

fn make(
    declaration: &ToolDeclaration,
    place: &Place,
    client: &HttpClient,
) -> Result<Arc<dyn Tool>, String> {
    match &declaration.kind {
        ToolKind::Http { method, url } => {
            HttpTool::new(declaration, method, url, place, client.clone())
                .map(|tool| Arc::new(tool) as Arc<dyn Tool>)
                .map_err(|why: PlanError| why.to_string())
        }
        ToolKind::Builtin(name) => {
            built_in(declaration).ok_or_else(|| format!("there is no built-in tool `{name}`"))
        }
    }
}

/// The tool, if it is one that needs nothing of its place.
pub fn built_in(declaration: &ToolDeclaration) -> Option<Arc<dyn Tool>> {
    match &declaration.kind {
        ToolKind::Builtin(name) if name == "calculator" => {
            Some(Arc::new(Calculator(declaration.clone())))
        }
        ToolKind::Builtin(_) | ToolKind::Http { .. } => None,
    }
}
