//! What answers cost, and what they may cost.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use dialog::{Allowance, ModelDeclaration};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use llm::budget::{Bill, Clerk, Ledger, Limit, Limits, Purse, Spent, Who};
use llm::price::Prices;

use crate::line::lock;

/// A call of a model, as the accounts keep it. Nobody's words are in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Expense {
    /// When it was over.
    pub at: Timestamp,
    /// The bot's.
    pub bot: String,
    /// The model's name in bot.yaml.
    pub model: String,
    /// For whom, for the limits of a day: as [`Journal::visitor`] says.
    pub visitor: String,
    /// What it took.
    pub bill: Bill,
}

/// Keeps expenses for good.
pub trait Journal: Send + Sync {
    /// Adds one.
    fn note(&self, expense: &Expense);

    /// The name under which a user is kept.
    fn visitor(&self, user: &str) -> String;
}

/// The accounts of a place.
#[derive(Default)]
pub struct Accounts {
    prices: Arc<Prices>,
    journal: Option<Arc<dyn Journal>>,
    /// By the model's name in bot.yaml and its limits.
    ledgers: Mutex<BTreeMap<String, Arc<Ledger>>>,
    /// What was spent today before this process.
    before: Vec<Expense>,
}

impl Accounts {
    /// Accounts with these prices. `before` is what the journal says of today.
    pub fn new(prices: Prices, journal: Arc<dyn Journal>, before: Vec<Expense>) -> Self {
        Self {
            prices: Arc::new(prices),
            journal: Some(journal),
            ledgers: Mutex::default(),
            before,
        }
    }

    /// The purse of one answer.
    pub(super) fn purse(
        self: &Arc<Self>,
        now: Timestamp,
        bot: &str,
        user: &str,
        declaration: &ModelDeclaration,
        conversation: Spent,
    ) -> Arc<Purse> {
        let visitor = self.visitor(user);
        let who = who(&visitor, now);
        let clerk = self.clerk(now, bot, visitor, declaration);
        Purse::new(
            self.ledger(declaration),
            self.prices.clone(),
            who,
            conversation,
            clerk,
        )
    }

    /// The purse of another model that does something for that answer.
    pub(super) fn purse_within(
        self: &Arc<Self>,
        whole: &Arc<Purse>,
        now: Timestamp,
        bot: &str,
        user: &str,
        declaration: &ModelDeclaration,
    ) -> Arc<Purse> {
        let clerk = self.clerk(now, bot, self.visitor(user), declaration);
        Purse::within(whole, self.ledger(declaration), clerk)
    }

    fn visitor(&self, user: &str) -> String {
        let journal = self.journal.as_ref();
        journal.map_or_else(|| user.to_owned(), |journal| journal.visitor(user))
    }

    /// Notes the bills of a model.
    fn clerk(
        self: &Arc<Self>,
        now: Timestamp,
        bot: &str,
        visitor: String,
        declaration: &ModelDeclaration,
    ) -> Clerk {
        let (accounts, bot, model) = (self.clone(), bot.to_owned(), declaration.name.clone());
        Arc::new(move |bill: &Bill| {
            let Some(journal) = &accounts.journal else {
                return;
            };
            journal.note(&Expense {
                at: now,
                bot: bot.clone(),
                model: model.clone(),
                visitor: visitor.clone(),
                bill: bill.clone(),
            });
        })
    }

    /// A model's books; another version of the bot with other limits goes on with what was spent.
    fn ledger(&self, declaration: &ModelDeclaration) -> Arc<Ledger> {
        let limits = limits(declaration);
        let mut ledgers = lock(&self.ledgers);
        let known = ledgers.get(&declaration.name);
        if let Some(ledger) = known.filter(|ledger| *ledger.limits() == limits) {
            return ledger.clone();
        }
        let ledger = match known {
            Some(known) => known.under(limits),
            None => Ledger::new(limits),
        };
        let first = known.is_none();
        let own = self
            .before
            .iter()
            .filter(|one| one.model == declaration.name);
        for expense in own.filter(|_| first) {
            ledger.add(&who(&expense.visitor, expense.at), expense.bill.spent);
        }
        ledgers.insert(declaration.name.clone(), ledger.clone());
        ledger
    }
}

/// A day of the accounts is one of UTC: the same for every visitor.
fn who(visitor: &str, at: Timestamp) -> Who {
    Who {
        visitor: visitor.to_owned(),
        day: at.to_zoned(TimeZone::UTC).date().to_string(),
    }
}

fn limits(declaration: &ModelDeclaration) -> Limits {
    let limit = |allowance: &Allowance| Limit {
        tokens: allowance.tokens_max,
        micro_usd: allowance.cost_micro_usd_max,
    };
    let own = &declaration.limits;
    Limits {
        answer: Limit {
            tokens: Some(u64::from(own.tokens_max)),
            micro_usd: own.cost_micro_usd_max,
        },
        conversation: limit(&own.conversation),
        visitor: limit(&own.visitor),
        day: limit(&own.day),
    }
}
