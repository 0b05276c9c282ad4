//! Limits of tokens and money, held before a call and not after it.
//!
//! A call is first reserved with the most that it can take: the upper estimate of its input ([`crate::estimate`]) and all of its
//! `tokens_max`. What is reserved counts as spent until the call is settled with what it really took, so that calls that run at the same
//! time can't pass a limit together. What was spent in an answer and in a conversation is the caller's to keep, for it holds both alone;
//! what visitors and the day spent is kept in the [`Ledger`], for they are shared.

mod ledger;
mod purse;

pub use ledger::{Ledger, Reservation, Who};
pub use purse::{Bill, Clerk, Purse};

use std::fmt;

use serde::{Deserialize, Serialize};

/// A limit; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limit {
    /// Tokens, input and output together.
    pub tokens: Option<u64>,
    /// Millionths of a US dollar.
    pub micro_usd: Option<u64>,
}

/// The limits of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// For one answer, with all the calls that it takes.
    pub answer: Limit,
    /// For a conversation.
    pub conversation: Limit,
    /// For a visitor, a day.
    pub visitor: Limit,
    /// For everybody, a day.
    pub day: Limit,
}

/// What was spent, or will be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// Tokens, input and output together.
    pub tokens: u64,
    /// Millionths of a US dollar, as far as prices are known.
    pub micro_usd: u64,
    /// Whether a price was unknown, so that the money is only a part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpriced: bool,
}

impl Spent {
    /// These tokens at this cost; `None` is a price that nobody knows.
    pub fn new(tokens: u64, micro_usd: Option<u64>) -> Self {
        Self {
            tokens,
            micro_usd: micro_usd.unwrap_or_default(),
            unpriced: micro_usd.is_none(),
        }
    }

    /// Whether it is none.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(other.tokens),
            micro_usd: self.micro_usd.saturating_add(other.micro_usd),
            unpriced: self.unpriced || other.unpriced,
        }
    }

    /// This without what was only reserved. That a price was unknown stays.
    fn less(self, reserved: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_sub(reserved.tokens),
            micro_usd: self.micro_usd.saturating_sub(reserved.micro_usd),
            unpriced: self.unpriced,
        }
    }
}

/// For what a limit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One answer.
    Answer,
    /// One conversation.
    Conversation,
    /// One visitor's day.
    Visitor,
    /// Everybody's day.
    Day,
}

/// Why a call may not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exceeded {
    /// It could pass a limit of tokens.
    #[error("{spent} of {limit} tokens of the {scope} are spent, and this call may take {asked}")]
    Tokens {
        /// Whose limit.
        scope: Scope,
        /// The limit.
        limit: u64,
        /// What is spent or reserved.
        spent: u64,
        /// What the call may take.
        asked: u64,
    },
    /// It could pass a limit of money.
    #[error(
        "{spent} of {limit} millionths of a dollar of the {scope} are spent, and this call may take {asked}"
    )]
    Money {
        /// Whose limit.
        scope: Scope,
        /// The limit.
        limit: u64,
        /// What is spent or reserved.
        spent: u64,
        /// What the call may take.
        asked: u64,
    },
    /// There is a limit of money, but nobody knows what the call costs.
    #[error(
        "the {scope} has a limit of money, and the price of this model is unknown: add it to the prices"
    )]
    NoPrice {
        /// Whose limit.
        scope: Scope,
    },
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer => "answer",
            Self::Conversation => "conversation",
            Self::Visitor => "visitor",
            Self::Day => "day",
        })
    }
}

impl Limit {
    /// Whether `asked` still fits after `spent`.
    pub fn check(self, scope: Scope, spent: Spent, asked: Spent) -> Result<(), Exceeded> {
        if let Some(limit) = self
            .tokens
            .filter(|&limit| spent.tokens.saturating_add(asked.tokens) > limit)
        {
            return Err(Exceeded::Tokens {
                scope,
                limit,
                spent: spent.tokens,
                asked: asked.tokens,
            });
        }
        match self.micro_usd {
            None => Ok(()),
            Some(_) if asked.unpriced => Err(Exceeded::NoPrice { scope }),
            Some(limit) if spent.micro_usd.saturating_add(asked.micro_usd) > limit => {
                Err(Exceeded::Money {
                    scope,
                    limit,
                    spent: spent.micro_usd,
                    asked: asked.micro_usd,
                })
            }
            Some(_) => Ok(()),
        }
    }
}
