//! What visitors and the day have spent, shared by all conversations.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use super::{Exceeded, Limits, Scope, Spent};

/// How many visitors are kept apart a day, at some 100 bytes each. All beyond share one entry, and with it one limit.
const VISITORS_MAX: usize = 100_000;

/// The shared books. In memory: after a restart, [`Ledger::add`] what the place's records say of today.
#[derive(Debug)]
pub struct Ledger {
    limits: Limits,
    books: Mutex<Books>,
}

/// Who spends, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The visitor; all without one share a limit.
    pub visitor: String,
    /// The day, by the caller's clock, in a form that sorts: `2026-11-21`.
    pub day: String,
}

#[derive(Clone, Debug, Default)]
struct Books {
    day: String,
    all: Spent,
    visitors: BTreeMap<String, Spent>,
}

impl Books {
    /// Yesterday's books are closed when a new day begins.
    fn turn_to(&mut self, day: &str) {
        if *day > *self.day {
            *self = Self {
                day: day.to_owned(),
                ..Self::default()
            };
        }
    }

    fn visitor(&self, name: &str) -> Spent {
        self.visitors
            .get(self.entry(name))
            .copied()
            .unwrap_or_default()
    }

    fn entry<'a>(&self, name: &'a str) -> &'a str {
        let known = self.visitors.contains_key(name);
        if known || self.visitors.len() < VISITORS_MAX {
            name
        } else {
            ""
        }
    }

    /// Replaces what was counted for a visitor and the day. A reservation of an earlier day has no books any more.
    fn change(&mut self, who: &Who, from: Spent, to: Spent) {
        if who.day != self.day {
            return;
        }
        self.all = self.all.less(from).and(to);
        let entry = self.entry(&who.visitor).to_owned();
        let visitor = self.visitors.entry(entry).or_default();
        *visitor = visitor.less(from).and(to);
    }
}

impl Ledger {
    /// Empty books under these limits.
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            books: Mutex::default(),
        })
    }

    /// The same books under other limits.
    pub fn under(&self, limits: Limits) -> Arc<Self> {
        let books = self.lock().clone();
        Arc::new(Self {
            limits,
            books: Mutex::new(books),
        })
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counts what was spent without having been reserved here: before a restart, or by another process.
    pub fn add(&self, who: &Who, spent: Spent) {
        let mut books = self.lock();
        books.turn_to(&who.day);
        books.change(who, Spent::default(), spent);
    }

    /// What the day has spent or reserved.
    pub fn day(&self) -> Spent {
        self.lock().all
    }

    /// What a visitor has spent or reserved that day.
    pub fn visitor(&self, name: &str) -> Spent {
        self.lock().visitor(name)
    }

    /// Sets aside the most that a call may take, if every limit allows it. `answer` and `conversation` are what those have spent so far.
    pub fn reserve(
        self: &Arc<Self>,
        who: &Who,
        answer: Spent,
        conversation: Spent,
        asked: Spent,
    ) -> Result<Reservation, Exceeded> {
        let limits = &self.limits;
        let mut books = self.lock();
        books.turn_to(&who.day);
        limits.answer.check(Scope::Answer, answer, asked)?;
        limits
            .conversation
            .check(Scope::Conversation, conversation, asked)?;
        limits
            .visitor
            .check(Scope::Visitor, books.visitor(&who.visitor), asked)?;
        limits.day.check(Scope::Day, books.all, asked)?;
        books.change(who, Spent::default(), asked);
        Ok(Reservation {
            ledger: Arc::clone(self),
            who: who.clone(),
            asked,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().expect("nothing panics while it is held")
    }
}

/// What is set aside for a call. One that is dropped without being settled stays spent as a whole: nobody knows what it took.
#[derive(Debug)]
#[must_use]
pub struct Reservation {
    ledger: Arc<Ledger>,
    who: Who,
    asked: Spent,
}

impl Reservation {
    /// Counts what the call really took instead.
    pub fn settle(self, spent: Spent) {
        let mut books = self.ledger.lock();
        books.change(&self.who, self.asked, spent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limit;

    fn who(visitor: &str, day: &str) -> Who {
        Who {
            visitor: visitor.into(),
            day: day.into(),
        }
    }

    fn tokens(tokens: u64) -> Spent {
        Spent::new(tokens, Some(0))
    }

    fn limit(tokens: u64) -> Limit {
        Limit {
            tokens: Some(tokens),
            micro_usd: None,
        }
    }

    fn reserve(ledger: &Arc<Ledger>, who: &Who, asked: u64) -> Result<Reservation, Exceeded> {
        ledger.reserve(who, Spent::default(), Spent::default(), tokens(asked))
    }

    #[test]
    fn calls_at_the_same_time_cannot_pass_a_limit_together() {
        let ledger = Ledger::new(Limits {
            day: limit(100),
            ..Limits::default()
        });
        let (anna, ben) = (who("anna", "1"), who("ben", "1"));
        let first = reserve(&ledger, &anna, 60).unwrap();
        let refused = reserve(&ledger, &ben, 60).unwrap_err();
        assert_eq!(
            refused,
            Exceeded::Tokens {
                scope: Scope::Day,
                limit: 100,
                spent: 60,
                asked: 60
            }
        );
        first.settle(tokens(10));
        drop(reserve(&ledger, &ben, 60).unwrap());
        assert_eq!(ledger.day(), tokens(70), "what is not settled is spent");
    }

    #[test]
    fn each_limit_is_held() {
        for scope in [
            Scope::Answer,
            Scope::Conversation,
            Scope::Visitor,
            Scope::Day,
        ] {
            let mut limits = Limits::default();
            let place = match scope {
                Scope::Answer => &mut limits.answer,
                Scope::Conversation => &mut limits.conversation,
                Scope::Visitor => &mut limits.visitor,
                Scope::Day => &mut limits.day,
            };
            *place = limit(100);
            let ledger = Ledger::new(limits);
            let anna = who("anna", "1");
            ledger.add(&anna, tokens(50));
            let try_it = |asked| ledger.reserve(&anna, tokens(50), tokens(50), tokens(asked));
            assert!(try_it(51).is_err(), "{scope}");
            assert!(try_it(50).is_ok(), "{scope}");
        }
    }

    #[test]
    fn a_visitor_and_a_day_begin_anew() {
        let ledger = Ledger::new(Limits {
            visitor: limit(100),
            ..Limits::default()
        });
        let late = reserve(&ledger, &who("anna", "2026-11-21"), 90).unwrap();
        assert!(reserve(&ledger, &who("anna", "2026-11-21"), 20).is_err());
        assert!(reserve(&ledger, &who("ben", "2026-11-21"), 20).is_ok());
        assert!(reserve(&ledger, &who("anna", "2026-11-22"), 20).is_ok());
        late.settle(tokens(1));
        assert_eq!(
            ledger.visitor("anna"),
            tokens(20),
            "yesterday's is not counted today"
        );
    }

    #[test]
    fn a_limit_of_money_needs_a_price() {
        let ledger = Ledger::new(Limits {
            day: Limit {
                tokens: None,
                micro_usd: Some(100),
            },
            ..Limits::default()
        });
        let anna = who("anna", "1");
        let none = Spent::default();
        let unknown = ledger.reserve(&anna, none, none, Spent::new(5, None));
        assert_eq!(
            unknown.unwrap_err(),
            Exceeded::NoPrice { scope: Scope::Day }
        );
        assert!(
            ledger
                .reserve(&anna, none, none, Spent::new(5, Some(101)))
                .is_err()
        );
        assert!(
            ledger
                .reserve(&anna, none, none, Spent::new(5, Some(100)))
                .is_ok()
        );
    }
}
