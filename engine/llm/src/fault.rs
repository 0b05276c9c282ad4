//! A failure before it has a target, and how what a provider says of it is sorted.

use std::time::Duration;

use serde_json::Value;

use crate::{Error, ErrorKind, Key, Usage};

/// The longest message that an error carries: enough for every provider's sentence, too little for a web page.
const MESSAGE_BYTES_MAX: usize = 500;

/// A failure on the way to becoming an [`Error`].
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) status: Option<u16>,
    pub(crate) message: String,
    pub(crate) usage: Option<Usage>,
}

impl Fault {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            message: message.into(),
            usage: None,
        }
    }

    /// The error of this target. Providers like to repeat the key in what they say; it is taken out.
    pub(crate) fn of<'a>(self, target: &str, secrets: impl Iterator<Item = &'a Key>) -> Error {
        Error {
            kind: self.kind,
            target: target.to_owned(),
            status: self.status,
            message: presentable(&self.message, secrets),
            usage: self.usage.map(Box::new),
            tried: Vec::new(),
        }
    }
}

fn presentable<'a>(message: &str, secrets: impl Iterator<Item = &'a Key>) -> String {
    let message = secrets
        .map(Key::expose)
        .filter(|secret| !secret.is_empty())
        .fold(message.to_owned(), |message, secret| {
            message.replace(secret, "***")
        });
    let mut line: String = message
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if line.len() > MESSAGE_BYTES_MAX {
        line.truncate(line.floor_char_boundary(MESSAGE_BYTES_MAX));
        line.push('…');
    }
    line
}

/// What a provider says of a failure, found in any of the shapes in use.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) status: Option<u16>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) message: String,
    /// Its codes and types, in lower case.
    codes: Vec<String>,
}

impl Told {
    /// The error object in a JSON value, if there is one: `{"error": {…}}`, `{"error": "…"}`, and the same in an array.
    pub(crate) fn find(value: &Value) -> Option<Self> {
        let value = value.get(0).unwrap_or(value);
        match value.get("error")? {
            Value::Null => None,
            Value::String(message) => Some(Self {
                message: message.clone(),
                ..Self::default()
            }),
            error => Some(Self::of(error)),
        }
    }

    /// What the body of an error response says; the text itself if it is in no known shape.
    pub(crate) fn read(body: &str) -> Self {
        let value: Value = serde_json::from_str(body).unwrap_or_default();
        Self::find(&value).unwrap_or_else(|| Self {
            message: ["message", "detail"]
                .iter()
                .find_map(|key| value.get(key)?.as_str())
                .unwrap_or(body)
                .to_owned(),
            ..Self::default()
        })
    }

    fn of(error: &Value) -> Self {
        let word = |key: &str| match error.get(key)? {
            Value::String(word) => Some(word.to_lowercase()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let codes: Vec<String> = ["code", "type", "status"]
            .into_iter()
            .filter_map(word)
            .collect();
        Self {
            status: codes.iter().find_map(|code| code.parse().ok()),
            retry_after: retry_info(error),
            message: sentence(error),
            codes,
        }
    }

    /// The failure, sorted: by the provider's own words first, then by the status.
    pub(crate) fn sort(self, words: &Words) -> Fault {
        let kind = words.kind(&self).unwrap_or_else(|| self.by_status());
        let message = match self.message.trim() {
            "" => "the provider gives no reason".to_owned(),
            message => message.to_owned(),
        };
        Fault {
            status: self.status,
            ..Fault::new(kind, message)
        }
    }

    fn by_status(&self) -> ErrorKind {
        match self.status {
            Some(401 | 403 | 407) => ErrorKind::LogIn,
            Some(402) => ErrorKind::Quota { retry_after: None },
            Some(408) => ErrorKind::Timeout,
            Some(413) => ErrorKind::TooLong,
            Some(429) => ErrorKind::Quota {
                retry_after: self.retry_after,
            },
            Some(300..=399) => ErrorKind::NotAStream,
            Some(400..=499) => ErrorKind::Invalid,
            _ => ErrorKind::Unavailable,
        }
    }

    /// A single word must be a code; one with a space or an underline may stand in the sentence too.
    fn says(&self, words: &[&str]) -> bool {
        let message = self.message.to_lowercase();
        words.iter().any(|word| {
            self.codes.iter().any(|code| code == word)
                || (word.contains([' ', '_']) && message.contains(word))
        })
    }
}

/// The message; OpenRouter's is followed by what the provider behind it said.
fn sentence(error: &Value) -> String {
    let own = error.get("message").and_then(Value::as_str);
    let behind = error.pointer("/metadata/raw").and_then(Value::as_str);
    match (own, behind) {
        (Some(own), Some(behind)) => format!("{own}: {behind}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => error.to_string(),
    }
}

/// Google says in the body when to come back: `{"@type": "…RetryInfo", "retryDelay": "34.5s"}` among the details.
fn retry_info(error: &Value) -> Option<Duration> {
    let details = error.get("details")?.as_array()?;
    let delay = details
        .iter()
        .find_map(|detail| detail.get("retryDelay")?.as_str())?;
    Duration::try_from_secs_f64(delay.strip_suffix('s')?.parse().ok()?).ok()
}

/// A provider's words, in lower case: codes, or parts of messages where it has no code.
pub(crate) struct Words {
    pub(crate) too_long: &'static [&'static str],
    /// Money is used up, and waiting does not help.
    pub(crate) spent: &'static [&'static str],
    pub(crate) log_in: &'static [&'static str],
    pub(crate) quota: &'static [&'static str],
    pub(crate) refused: &'static [&'static str],
    pub(crate) unavailable: &'static [&'static str],
}

impl Words {
    fn kind(&self, told: &Told) -> Option<ErrorKind> {
        // "Too many tokens" of a 429 is about a minute, not about the window.
        if told.status != Some(429) && told.says(self.too_long) {
            return Some(ErrorKind::TooLong);
        }
        if told.says(self.spent) {
            return Some(ErrorKind::Quota { retry_after: None });
        }
        if told.says(self.log_in) {
            return Some(ErrorKind::LogIn);
        }
        if told.says(self.refused) {
            return Some(ErrorKind::Refused);
        }
        if told.says(self.quota) {
            return Some(ErrorKind::Quota {
                retry_after: told.retry_after,
            });
        }
        told.says(self.unavailable)
            .then_some(ErrorKind::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Words = Words {
        too_long: &[],
        spent: &[],
        log_in: &[],
        quota: &[],
        refused: &[],
        unavailable: &[],
    };

    #[test]
    fn a_key_is_taken_out_of_messages() {
        let key = Key::new("sk-123456");
        let fault = Fault::new(ErrorKind::LogIn, "wrong key: sk-123456\nreally");
        let error = fault.of("openai:x", [&key].into_iter());
        assert_eq!(error.message, "wrong key: ***  really".replace("  ", " "));
    }

    #[test]
    fn a_long_message_is_cut_between_letters() {
        let error = Fault::new(ErrorKind::Invalid, "ä".repeat(1000)).of("x", std::iter::empty());
        assert_eq!(error.message.chars().count(), MESSAGE_BYTES_MAX / 2 + 1);
    }

    #[test]
    fn a_number_in_an_error_object_is_its_status() {
        let told = Told::find(&serde_json::json!({ "error": { "code": 503, "message": "later" } }));
        let fault = told.unwrap().sort(&NONE);
        assert_eq!(
            (fault.kind, fault.status),
            (ErrorKind::Unavailable, Some(503))
        );
    }

    #[test]
    fn googles_delay_is_read() {
        let body = r#"[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"1.5s"}]}}]"#;
        let fault = Told::read(body).sort(&NONE);
        let retry_after = Some(Duration::from_millis(1500));
        assert_eq!(fault.kind, ErrorKind::Quota { retry_after });
    }
}
