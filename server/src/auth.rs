//! Who may do what: API keys for programs and people, a token for each conversation.
//!
//! A conversation's token is an HMAC of its id under a secret of the data folder: nothing has to be stored for it, and it
//! opens this conversation only. API keys are random and long, so their SHA-256 is enough to keep (a slow hash would only be
//! a way to stop the server); they are compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use dialog::ConversationId;

/// What a caller may do. Each role includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// A visitor, with a conversation's token.
    Public,
    /// A desk's agent: the queue, and conversations at a desk.
    Agent,
    /// A program of the operator's: any user's conversations, events.
    Integrator,
    /// A desk's supervisor.
    Supervisor,
    /// Everything.
    Operator,
}

/// A key as configured.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyEntry {
    /// Whose it is: shown in logs and to customers who talk to this person.
    pub(crate) name: String,
    /// What it opens.
    pub(crate) role: Role,
    /// The key's SHA-256, in hexadecimal.
    pub(crate) sha256: String,
}

/// A caller who has shown who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// Checks keys and tokens.
pub(crate) struct Gate {
    keys: Vec<KeyEntry>,
    secret: [u8; 32],
    /// On loopback nobody needs a key.
    open: bool,
}

/// What was wrong with the credentials.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthError {
    #[error("A key or token is needed: `Authorization: Bearer …`.")]
    Missing,
    #[error("The key or token is not known here.")]
    Wrong,
}

impl Gate {
    pub(crate) fn new(keys: Vec<KeyEntry>, secret: [u8; 32], open: bool) -> Self {
        Self { keys, secret, open }
    }

    /// The token that opens one conversation.
    pub(crate) fn token(&self, conversation: &ConversationId) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(conversation.as_str().as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// Who is calling, from the `Authorization` header's value. A credential that is sent is always checked, also where
    /// none is needed; a conversation's token makes a [`Role::Public`].
    pub(crate) fn caller(
        &self,
        authorization: Option<&str>,
        conversation: Option<&ConversationId>,
    ) -> Result<Caller, AuthError> {
        let Some(authorization) = authorization else {
            return if self.open {
                Ok(Caller {
                    name: "loopback".into(),
                    role: Role::Operator,
                })
            } else {
                Err(AuthError::Missing)
            };
        };
        let credential = authorization
            .strip_prefix("Bearer ")
            .ok_or(AuthError::Wrong)?
            .trim();
        if let Some(conversation) = conversation
            && same(self.token(conversation).as_bytes(), credential.as_bytes())
        {
            return Ok(Caller {
                name: "visitor".into(),
                role: Role::Public,
            });
        }
        self.key(credential).ok_or(AuthError::Wrong)
    }

    fn key(&self, credential: &str) -> Option<Caller> {
        let hash = hex(&Sha256::digest(credential.as_bytes()));
        let entry = self.keys.iter().find(|entry| {
            same(
                entry.sha256.to_ascii_lowercase().as_bytes(),
                hash.as_bytes(),
            )
        })?;
        Some(Caller {
            name: entry.name.clone(),
            role: entry.role,
        })
    }
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// Bytes as hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(open: bool) -> Gate {
        let key = KeyEntry {
            name: "crm".into(),
            role: Role::Integrator,
            sha256: hex(&Sha256::digest(b"k-1")),
        };
        Gate::new(vec![key], [7; 32], open)
    }

    #[test]
    fn a_token_opens_its_own_conversation_only() {
        let gate = gate(false);
        let (mine, other) = (ConversationId::from("a"), ConversationId::from("b"));
        let bearer = format!("Bearer {}", gate.token(&mine));
        assert_eq!(
            gate.caller(Some(&bearer), Some(&mine))
                .map(|caller| caller.role),
            Ok(Role::Public)
        );
        assert_eq!(
            gate.caller(Some(&bearer), Some(&other)),
            Err(AuthError::Wrong)
        );
        assert_eq!(gate.caller(Some(&bearer), None), Err(AuthError::Wrong));
    }

    #[test]
    fn without_a_credential_only_loopback_is_open() {
        assert_eq!(
            gate(true).caller(None, None).map(|caller| caller.role),
            Ok(Role::Operator)
        );
        assert_eq!(gate(false).caller(None, None), Err(AuthError::Missing));
    }

    #[test]
    fn a_credential_that_is_sent_is_checked_also_on_loopback() {
        assert_eq!(
            gate(true)
                .caller(Some("Bearer k-1"), None)
                .map(|caller| caller.role),
            Ok(Role::Integrator)
        );
        assert_eq!(
            gate(true).caller(Some("Bearer nonsense"), None),
            Err(AuthError::Wrong)
        );
        assert_eq!(
            gate(true).caller(Some("Basic eDp5"), None),
            Err(AuthError::Wrong)
        );
    }
}
