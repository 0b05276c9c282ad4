//! Where models are found: a provider's address, key and language.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::http::{Client, Remote};
use crate::{Model, wire};

/// How long a provider may say nothing at all, not even a sign of life, before the call is given up. Models that think before
/// they speak are quiet for some ten seconds.
const IDLE: Duration = Duration::from_secs(30);

/// The languages that providers speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// OpenAI's chat completions, also of llama.cpp, vLLM, LM Studio, Mistral, Groq and many others.
    OpenAi,
    /// Anthropic's messages.
    Anthropic,
    /// Google's Gemini.
    Gemini,
    /// OpenRouter: OpenAI's, with errors and headers of its own.
    OpenRouter,
    /// Ollama's own.
    Ollama,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::OpenAi,
        Self::Anthropic,
        Self::Gemini,
        Self::OpenRouter,
        Self::Ollama,
    ];

    /// As it stands in configuration and before the colon of a target.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::OpenRouter => "openrouter",
            Self::Ollama => "ollama",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A key, which shows itself to nobody but the provider.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The key, without the line break that files end with.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_owned())
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

/// A provider of models.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name before the colon of a target. A place may have several of one kind.
    pub name: String,
    /// The language that it speaks.
    pub kind: Kind,
    /// The address up to and including the version, as `https://api.openai.com/v1`; with or without a slash at the end.
    pub base_url: String,
    /// What it knows us by; local servers need none.
    pub key: Option<Key>,
    /// More headers, as a gateway in between wants them. They are as secret as the key, and the key's own header wins over them.
    pub headers: BTreeMap<String, Key>,
    /// How long it may say nothing.
    pub idle: Duration,
}

impl Provider {
    /// The provider itself, without a key.
    pub fn defaults(kind: Kind) -> Self {
        let base_url = match kind {
            Kind::OpenAi => "https://api.openai.com/v1",
            Kind::Anthropic => "https://api.anthropic.com/v1",
            Kind::Gemini => "https://generativelanguage.googleapis.com/v1beta",
            Kind::OpenRouter => "https://openrouter.ai/api/v1",
            Kind::Ollama => "http://127.0.0.1:11434",
        };
        Self {
            name: kind.name().to_owned(),
            kind,
            base_url: base_url.to_owned(),
            key: None,
            headers: BTreeMap::new(),
            idle: IDLE,
        }
    }

    /// One of its models. Nothing is sent yet.
    pub fn model(&self, name: &str, client: &Client) -> Arc<dyn Model> {
        Arc::new(Remote::new(self, name, wire::of(self.kind), client))
    }
}

/// The provider's and the model's name of a target: `openai:gpt-5-mini` gives `("openai", "gpt-5-mini")`. Only the first colon counts, for
/// Ollama's names have one too. `None` if a part is missing.
pub fn parse_target(target: &str) -> Option<(&str, &str)> {
    let (provider, model) = target.split_once(':')?;
    (!provider.is_empty() && !model.is_empty()).then_some((provider, model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_provider_and_a_model() {
        assert_eq!(
            parse_target("openai:gpt-5-mini"),
            Some(("openai", "gpt-5-mini"))
        );
        assert_eq!(
            parse_target("ollama:llama3.2:3b"),
            Some(("ollama", "llama3.2:3b"))
        );
        assert_eq!(parse_target("extractive"), None);
        assert_eq!(parse_target("openai:"), None);
    }

    #[test]
    fn a_key_is_not_shown() {
        let mut provider = Provider::defaults(Kind::OpenAi);
        provider.key = Some(Key::new("sk-secret\n"));
        assert!(!format!("{provider:?}").contains("secret"));
        assert_eq!(provider.key.unwrap().expose(), "sk-secret");
    }

    #[test]
    fn kinds_have_one_name_each() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
            assert_eq!(
                serde_json::to_value(kind).unwrap(),
                serde_json::json!(kind.name())
            );
        }
    }
}
