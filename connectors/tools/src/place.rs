//! What tools must know of the place where a bot runs. The caller reads the environment and files; this crate doesn't.

use std::collections::BTreeMap;
use std::fmt;

use crate::PrivateAddresses;

/// The place where a bot runs.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Values for `${NAME}` in addresses.
    pub variables: BTreeMap<String, String>,
    /// Logins by the name that tools give (`login: core`).
    pub logins: BTreeMap<String, Login>,
    /// Which addresses that are not public may be called.
    pub private: PrivateAddresses,
}

/// How a request shows who sends it.
#[derive(Clone, Debug)]
pub enum Login {
    /// A key in a header of its own.
    ApiKey {
        /// The header's name.
        header: String,
        /// The key.
        secret: Secret,
    },
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token.
        token: Secret,
    },
}

/// A text that never shows in a log.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the request.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹secret›")
    }
}
