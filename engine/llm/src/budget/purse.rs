//! One answer's purse: every call that is made for it is reserved, made and settled.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};

use super::{Exceeded, Ledger, Reservation, Scope, Spent, Who};
use crate::model::Answer;
use crate::price::Prices;
use crate::{Error, ErrorKind, Model, Piece, Request, Usage, estimate};

/// What a call took.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// Which model, as `provider:name`.
    pub target: String,
    /// Its tokens.
    pub usage: Usage,
    /// What they come to.
    pub spent: Spent,
}

/// Is told of every bill, as soon as a call is over.
pub type Clerk = Arc<dyn Fn(&Bill) + Send + Sync>;

/// Pays for the calls of one answer.
pub struct Purse {
    ledger: Arc<Ledger>,
    prices: Arc<Prices>,
    who: Who,
    conversation: Spent,
    answer: Mutex<Spent>,
    clerk: Clerk,
    /// The purse of the answer for which this one pays, if that is another's.
    whole: Option<Arc<Purse>>,
}

impl Purse {
    /// A purse for an answer in a conversation that has spent this much before.
    pub fn new(
        ledger: Arc<Ledger>,
        prices: Arc<Prices>,
        who: Who,
        conversation: Spent,
        clerk: Clerk,
    ) -> Arc<Self> {
        Arc::new(Self {
            ledger,
            prices,
            who,
            conversation,
            answer: Mutex::default(),
            clerk,
            whole: None,
        })
    }

    /// A purse for what another model does for the same answer, with its own books and its own bills. What it pays counts for the
    /// limits of the answer and the conversation too, which are the first purse's.
    pub fn within(whole: &Arc<Self>, ledger: Arc<Ledger>, clerk: Clerk) -> Arc<Self> {
        Arc::new(Self {
            ledger,
            prices: whole.prices.clone(),
            who: whole.who.clone(),
            conversation: whole.conversation,
            answer: Mutex::default(),
            clerk,
            whole: Some(Arc::clone(whole)),
        })
    }

    /// What the answer has spent so far; calls under way are not in it.
    pub fn spent(&self) -> Spent {
        *self.answer.lock().expect("nothing panics while it is held")
    }

    /// The model, paid from this purse. Put it around each target of a chain, so that every try is paid.
    pub fn model(self: &Arc<Self>, inner: Arc<dyn Model>) -> Arc<dyn Model> {
        let purse = Arc::clone(self);
        Arc::new(Paid { inner, purse })
    }

    fn price(&self, target: &str, usage: &Usage) -> Spent {
        let tokens = usage.input.saturating_add(usage.output);
        Spent::new(tokens, self.prices.cost(target, usage))
    }

    /// Sets aside the most that a call may take, if every limit allows it.
    fn reserve(&self, asked: Spent) -> Result<Reservation, Exceeded> {
        let spent = self.spent();
        let Some(whole) = &self.whole else {
            let conversation = self.conversation.and(spent);
            return self.ledger.reserve(&self.who, spent, conversation, asked);
        };
        let all = whole.spent();
        let conversation = self.conversation.and(all);
        let limits = whole.ledger.limits();
        limits.answer.check(Scope::Answer, all, asked)?;
        let scope = Scope::Conversation;
        limits.conversation.check(scope, conversation, asked)?;
        self.ledger.reserve(&self.who, spent, conversation, asked)
    }

    fn add(&self, spent: Spent) {
        let mut answer = self.answer.lock().expect("nothing panics while it is held");
        *answer = answer.and(spent);
    }

    fn settle(&self, reservation: Reservation, bill: &Bill) {
        reservation.settle(bill.spent);
        self.add(bill.spent);
        if let Some(whole) = &self.whole {
            whole.add(bill.spent);
        }
        // A call that was refused before it was read costs nothing, and is none.
        if bill.spent.tokens > 0 {
            (self.clerk)(bill);
        }
    }
}

struct Paid {
    inner: Arc<dyn Model>,
    purse: Arc<Purse>,
}

impl Model for Paid {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn stream(&self, request: Request, deadline: Duration) -> Answer {
        let input = estimate::request(&request);
        let most = Usage {
            input,
            output: request.tokens_max.into(),
            cached: 0,
            estimated: true,
        };
        let purse = &self.purse;
        let asked = purse.price(self.name(), &most);
        let reservation = match purse.reserve(asked) {
            Ok(reservation) => reservation,
            Err(exceeded) => {
                let error = Error::new(ErrorKind::Budget, self.name(), exceeded.to_string());
                return stream::iter([Err(error)]).boxed();
            }
        };
        let mut tab = Tab {
            purse: Arc::clone(purse),
            target: self.name().to_owned(),
            reservation: Some(reservation),
            input,
            output: 0,
        };
        let answer = self.inner.stream(request, deadline);
        answer.inspect(move |item| tab.hear(item)).boxed()
    }
}

/// Settles a call when it is over: by its end, by an error, or because nobody listens any more.
struct Tab {
    purse: Arc<Purse>,
    target: String,
    reservation: Option<Reservation>,
    input: u64,
    output: u64,
}

impl Tab {
    fn hear(&mut self, item: &Result<Piece, Error>) {
        match item {
            Ok(Piece::Text(text)) => self.output += estimate::text(text),
            Ok(Piece::Call(call)) => {
                self.output +=
                    estimate::text(&call.tool) + estimate::text(&call.arguments.to_text());
            }
            Ok(Piece::End(end)) => self.pay(&end.usage),
            Err(error) => match &error.usage {
                Some(usage) => self.pay(&usage.clone()),
                None if self.output == 0 && was_not_read(error.kind) => {
                    self.pay(&Usage::default());
                }
                None => self.pay_by_estimate(),
            },
        }
    }

    /// The provider did not say what it took: the estimate of what was asked and of what came.
    fn pay_by_estimate(&mut self) {
        self.pay(&Usage {
            input: self.input,
            output: self.output,
            cached: 0,
            estimated: true,
        });
    }

    fn pay(&mut self, usage: &Usage) {
        if let Some(reservation) = self.reservation.take() {
            let bill = Bill {
                target: self.target.clone(),
                usage: *usage,
                spent: self.purse.price(&self.target, usage),
            };
            self.purse.settle(reservation, &bill);
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        self.pay_by_estimate();
    }
}

/// Failures of which providers take no money, because no model has read the request.
fn was_not_read(kind: ErrorKind) -> bool {
    match kind {
        ErrorKind::LogIn
        | ErrorKind::Quota { .. }
        | ErrorKind::TooLong
        | ErrorKind::Invalid
        | ErrorKind::Unavailable
        | ErrorKind::Unreachable
        | ErrorKind::NotAStream
        | ErrorKind::Budget
        | ErrorKind::NotRecorded => true,
        ErrorKind::Empty | ErrorKind::Refused | ErrorKind::CutOff | ErrorKind::Timeout => false,
    }
}
