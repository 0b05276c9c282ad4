//! How a model's answer ended; where it was not said, why.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Source, Value};

/// How a model's answer ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "Stored")]
pub enum GenerateOutcome {
    /// Answered: the whole text, checked.
    Answered {
        /// The text.
        text: String,
        /// How far it is supported.
        score: f32,
        /// The articles it rests on.
        sources: Vec<Source>,
    },
    /// It did not pass its check.
    #[serde(rename = "doubted")]
    Low {
        /// What spoke against it.
        because: Doubt,
    },
    /// It wants to make a call that the customer has to agree to first. Nothing was said.
    Asks {
        /// The tool.
        tool: String,
        /// Its arguments, by their declared types.
        args: BTreeMap<String, Value>,
        /// What was asked: the answer to it goes on after the call.
        question: String,
        /// Calls that were made for the answer.
        made: Vec<Made>,
    },
    /// Refusal, no target left, a limit.
    Failed {
        /// Why, for people.
        why: String,
    },
}

/// A call that was made for an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// The tool.
    pub tool: String,
    /// Its arguments.
    pub args: BTreeMap<String, Value>,
    /// What came back.
    pub result: Value,
    /// Whether the customer agreed to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub agreed: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What speaks against an answer. Never its words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// In turns from before it was kept.
    Unknown,
    /// No article answers the question well enough to be quoted.
    NoArticle,
    /// It says nothing.
    Empty,
    /// It says the same twice.
    Repeated,
    /// It names a passage that there is not.
    Citation,
    /// It names no passage, and has to.
    Uncited,
    /// A sentence must not be said: it has a price that stands nowhere, is in another language, and so on.
    Vetoed {
        /// By their names in the check, such as `price`.
        causes: Vec<String>,
    },
    /// A sentence is not supported enough.
    Support {
        /// How far it is.
        support: f32,
    },
    /// The model's further answers don't say the same.
    Samples {
        /// How far they support the weakest sentence.
        support: f32,
    },
    /// The judge calls a sentence unsupported.
    Judge {
        /// Which, from 1.
        sentence: u32,
    },
    /// Who should have looked at it could not.
    Unseen {
        /// Who.
        by: Reviewer,
        /// Why not.
        why: String,
    },
    /// The moderation does not allow it.
    Moderation {
        /// Whose words.
        of: Writer,
        /// The tool's own word for it, such as `hate`.
        category: Option<String>,
    },
}

/// Who looks at a whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reviewer {
    /// Another model.
    Judge,
    /// The same model, asked again.
    Samples,
}

/// Who wrote what is moderated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// The customer.
    Customer,
    /// The model.
    Model,
}

impl Writer {
    /// As a moderating tool gets it.
    pub fn name(self) -> &'static str {
        match self {
            Writer::Customer => "customer",
            Writer::Model => "model",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::Unknown => out.write_str("it did not pass the check"),
            Doubt::NoArticle => out.write_str("no article answers the question well enough"),
            Doubt::Empty => out.write_str("it says nothing"),
            Doubt::Repeated => out.write_str("it says the same twice"),
            Doubt::Citation => out.write_str("it names a passage that there is not"),
            Doubt::Uncited => out.write_str("it names no passage, and `cite: required` wants one"),
            Doubt::Vetoed { causes } => write!(out, "the check's vetoes: {}", causes.join(", ")),
            Doubt::Support { support } => write!(out, "a sentence has support {support:.2}"),
            Doubt::Samples { support } => write!(
                out,
                "samples: the model's other answers support a sentence by {support:.2}"
            ),
            Doubt::Judge { sentence } => {
                write!(out, "judge: sentence {sentence} is not supported")
            }
            Doubt::Unseen { by, why } => {
                let by = match by {
                    Reviewer::Judge => "judge",
                    Reviewer::Samples => "samples",
                };
                write!(out, "{by}: it could not be looked at: {why}")
            }
            Doubt::Moderation { of, category } => {
                write!(out, "moderation: the {}'s words are not allowed", of.name())?;
                match category {
                    Some(category) => write!(out, " ({category})"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// As it stands in turns: before doubts were kept, a low answer was the one word.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Answered {
        text: String,
        score: f32,
        sources: Vec<Source>,
    },
    Low,
    Doubted {
        because: Doubt,
    },
    Asks {
        tool: String,
        args: BTreeMap<String, Value>,
        question: String,
        made: Vec<Made>,
    },
    Failed {
        why: String,
    },
}

impl From<Stored> for GenerateOutcome {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Answered {
                text,
                score,
                sources,
            } => GenerateOutcome::Answered {
                text,
                score,
                sources,
            },
            Stored::Low => GenerateOutcome::Low {
                because: Doubt::Unknown,
            },
            Stored::Doubted { because } => GenerateOutcome::Low { because },
            Stored::Asks {
                tool,
                args,
                question,
                made,
            } => GenerateOutcome::Asks {
                tool,
                args,
                question,
                made,
            },
            Stored::Failed { why } => GenerateOutcome::Failed { why },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> GenerateOutcome {
        serde_json::from_str(json).expect("it reads")
    }

    #[test]
    fn what_was_written_is_read_also_where_it_is_old() {
        let low = |because| GenerateOutcome::Low { because };
        assert_eq!(read("\"low\""), low(Doubt::Unknown));
        for outcome in [
            low(Doubt::Support { support: 0.25 }),
            low(Doubt::Moderation {
                of: Writer::Model,
                category: Some("hate".to_owned()),
            }),
            GenerateOutcome::Asks {
                tool: "refund".to_owned(),
                args: BTreeMap::from([("order".to_owned(), Value::from("4711"))]),
                question: "I want my money back".to_owned(),
                made: vec![Made {
                    tool: "find".to_owned(),
                    args: BTreeMap::new(),
                    result: Value::from("found"),
                    agreed: false,
                }],
            },
            GenerateOutcome::Failed {
                why: "a limit".to_owned(),
            },
        ] {
            let json = serde_json::to_string(&outcome).expect("plain data");
            assert_eq!(read(&json), outcome, "{json}");
        }
    }
}
