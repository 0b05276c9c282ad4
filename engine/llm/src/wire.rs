//! The providers' languages: one file each, all of the same form.

mod anthropic;
mod gemini;
mod ollama;
mod openai;
mod openrouter;

use serde_json::Value;

use crate::draft::Draft;
use crate::fault::{Fault, Words};
use crate::frames::Framing;
use crate::{Kind, Request};

/// Sent wherever a provider has seeds, so that the same question gives the same answer as far as the provider can.
const SEED: u32 = 7;

/// A provider's language. Without state: what is read so far stands in the [`Draft`].
pub(crate) trait Wire: Send + Sync {
    /// The path below the base address.
    fn path(&self, model: &str) -> String;

    /// The header that carries the key, and what stands before the key in it.
    fn log_in(&self) -> (&'static str, &'static str);

    /// Headers that every call has.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// How values are separated.
    fn framing(&self) -> Framing {
        Framing::Events
    }

    /// The body of a call.
    fn body(&self, model: &str, request: &Request, dialect: Dialect) -> Value;

    /// Reads one value of a stream that is not an error.
    fn read(&self, value: &Value, draft: &mut Draft) -> Result<(), Fault>;

    /// The words by which errors are sorted.
    fn words(&self) -> &'static Words;
}

/// The language of a kind of provider.
pub(crate) fn of(kind: Kind) -> &'static dyn Wire {
    match kind {
        Kind::OpenAi => &openai::OpenAi,
        Kind::Anthropic => &anthropic::Anthropic,
        Kind::Gemini => &gemini::Gemini,
        Kind::OpenRouter => &openrouter::OpenRouter,
        Kind::Ollama => &ollama::Ollama,
    }
}

/// What a model takes. Which ones take no temperature changes with every release, so it is not listed here but learned from
/// the first answer that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Temperature and seed. Models that think often have none.
    pub(crate) sampling: bool,
    /// `max_tokens`; `max_completion_tokens` otherwise.
    pub(crate) max_tokens: bool,
    /// `stream_options`, which older servers do not know.
    pub(crate) stream_options: bool,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            sampling: true,
            max_tokens: true,
            stream_options: true,
        }
    }
}

impl Dialect {
    /// The dialect that does without what this refusal names; `None` if it names nothing that can be left out.
    pub(crate) fn without(self, refusal: &str) -> Option<Self> {
        let mut better = self;
        if refusal.contains("max_completion_tokens") {
            better.max_tokens = false;
        } else if refusal.contains("temperature") || refusal.contains("seed") {
            better.sampling = false;
        } else if refusal.contains("stream_options") {
            better.stream_options = false;
        }
        (better != self).then_some(better)
    }
}

/// The temperature that a request is for.
fn temperature(request: &Request) -> u32 {
    u32::from(request.sample > 0)
}

/// The seed that a request is for.
fn seed(request: &Request) -> u32 {
    SEED.saturating_add(request.sample)
}

/// A number of tokens in a JSON object; 0 if it is not there.
fn count(value: &Value, pointer: &str) -> u64 {
    value
        .pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_default()
}

/// A text in a JSON object; empty if it is not there.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The items of an array in a JSON object; none if it is not there.
fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_teaches_once() {
        let sentence = "Unsupported value: 'temperature' does not support 0 with this model.";
        let learned = Dialect::default().without(sentence).unwrap();
        assert!(!learned.sampling && learned.max_tokens);
        assert_eq!(learned.without(sentence), None);
        assert_eq!(Dialect::default().without("no such model"), None);
    }
}
