//! A model's call that the customer agreed to, over crashes: before the yes, and between the yes and its result.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should stop there"
)]

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dialog::Turn;
use futures_util::{StreamExt, stream};
use knowledge::{Articles, Library};
use llm::{
    Answer, Arguments, End, Error, ErrorKind, Message, Model, Piece, Request, Stop, ToolCall, Usage,
};
use runtime::{Config, Deployment, Runtime, Target, VirtualClock};
use serde_json::json;
use store::{Memory, Store};
use tools::Toolbox;

use crate::support::{START, Scripted, new_conversation, text};

const BOT: &str = r#"
bot: harbour
locales: [en]
understanding: { accept: 0.5, confirm: 0.3 }
router: [ { do: generate, model: helper } ]
models:
  helper:
    targets: ["test:writer"]
    tools: [book]
    check: { bands: { send: 0.5, with_sources: 0.5 }, on_low: { say: not_sure } }
    on_fail: { say: cannot_answer }
"#;
const TOOLS: &str = r#"
tools:
  book:
    description: Books seats
    http: "POST http://harbour.invalid/seats"
    args: { seats: { type: int, in: body } }
    returns: { booking: text }
    repeat: REPEAT
    confirm: user
"#;
const TEMPLATES: &str = "
not_sure: I am not sure about that.
cannot_answer: I cannot answer that now.
thanks: Thanks.
";
const ASKED: &str = "Shall I do this for you? Books seats (seats: 2)";
const BOOKED: &str = "Your booking is W-7.";

enum Turns {
    Calls,
    Says(&'static str),
}

/// A model that does as it is told.
struct Speaker {
    turns: Mutex<VecDeque<Turns>>,
    asked: Mutex<Vec<Request>>,
}

impl Model for Speaker {
    fn name(&self) -> &str {
        "test:writer"
    }

    fn stream(&self, request: Request, _: Duration) -> Answer {
        self.asked.lock().unwrap().push(request);
        let (piece, stop) = match self.turns.lock().unwrap().pop_front() {
            Some(Turns::Says(text)) => (Piece::Text(text.to_owned()), Stop::Done),
            Some(Turns::Calls) => (Piece::Call(call()), Stop::Calls),
            None => {
                let error = Error::new(ErrorKind::Unavailable, "test:writer", "it is busy");
                return stream::iter([Err(error)]).boxed();
            }
        };
        let end = End {
            stop,
            usage: Usage::default(),
            model: "writer".to_owned(),
            tried: Vec::new(),
        };
        stream::iter([Ok(piece), Ok(Piece::End(end))]).boxed()
    }
}

fn call() -> ToolCall {
    let seats = json!({ "seats": 2 });
    ToolCall {
        id: "1".to_owned(),
        tool: "book".to_owned(),
        arguments: Arguments::Object(seats.as_object().unwrap().clone()),
        signature: None,
    }
}

struct Place {
    runtime: Runtime,
    store: Arc<dyn Store>,
    writer: Arc<Speaker>,
    book: Arc<Scripted>,
    repeat: &'static str,
}

impl Place {
    async fn on(store: Arc<dyn Store>, repeat: &'static str, turns: Vec<Turns>) -> Self {
        let writer = Arc::new(Speaker {
            turns: Mutex::new(turns.into()),
            asked: Mutex::default(),
        });
        let clock = Arc::new(VirtualClock::new(START.parse().unwrap()));
        let (deployment, book) = deployment(repeat, &writer);
        let runtime = Runtime::start(Config::default(), store.clone(), clock, deployment);
        let runtime = runtime.await.unwrap();
        let _ = runtime.open(new_conversation("c1", "ana")).await;
        Self {
            runtime,
            store,
            writer,
            book,
            repeat,
        }
    }

    /// A customer who wanted two seats, and is asked.
    async fn asked(repeat: &'static str) -> Self {
        let store = Arc::new(Memory::new());
        let place = Self::on(store, repeat, vec![Turns::Calls]).await;
        place.tell("1", "two seats on the boat, please").await;
        assert_eq!(place.said().await.last().unwrap(), ASKED);
        assert_eq!(place.book.calls(), 0, "nothing is called without a yes");
        place
    }

    /// The process dies and starts again.
    async fn crash(self, turns: Vec<Turns>) -> Self {
        let Self {
            runtime,
            store,
            repeat,
            ..
        } = self;
        drop(runtime);
        Self::on(store, repeat, turns).await
    }

    async fn tell(&self, id: &str, words: &str) {
        self.runtime.accept(text("c1", id, words)).await.unwrap();
    }

    /// Until the tool is called.
    async fn called(&self) {
        while self.book.calls() == 0 {
            tokio::task::yield_now().await;
        }
    }

    async fn said(&self) -> Vec<String> {
        self.runtime.settle().await.unwrap();
        let entries = self.runtime.transcript(&"c1".into(), Turn(1)).await;
        entries
            .unwrap()
            .0
            .into_iter()
            .map(|entry| entry.text)
            .collect()
    }
}

fn deployment(repeat: &str, writer: &Arc<Speaker>) -> (Deployment, Arc<Scripted>) {
    let tools = TOOLS.replace("REPEAT", repeat);
    let files = [
        ("bot.yaml", BOT),
        ("tools.yaml", tools.as_str()),
        ("templates/en/harbour.yaml", TEMPLATES),
        (
            "intents/en/harbour.yaml",
            "intents:\n  thank_you:\n    examples: |\n      thank you\n      thanks a lot\n",
        ),
        (
            "flows/answers.yaml",
            "answers:\n  thank_you: { say: thanks }\n",
        ),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let compiled = author::compile(&BTreeMap::from(files), &author::Catalogue::default());
    assert!(compiled.bot.is_some(), "{:#?}", compiled.diagnostics);
    let bot = compiled.bot.unwrap();
    let book = Scripted::new(&bot.tools[0]);
    let mut toolbox = Toolbox::default();
    toolbox.insert(book.clone());
    let target = Target::Model(writer.clone());
    let deployment = Deployment {
        bot,
        templates: Arc::new(compiled.templates.unwrap()),
        model: Arc::new(understand::Model::train(
            &compiled.training.unwrap(),
            &mut |_| {},
        )),
        tools: toolbox,
        articles: Arc::new(Articles::new(&mut Library::default(), |_| None).unwrap()),
        targets: BTreeMap::from([("test:writer".to_owned(), target)]),
    };
    (deployment, book)
}

#[tokio::test]
async fn the_yes_makes_one_call_also_after_a_crash_before_it() {
    let place = Place::asked("never").await;
    let place = place.crash(vec![Turns::Says(BOOKED)]).await;
    place.book.returns(&[("booking", "W-7".into())]);
    place.tell("2", "yes").await;
    assert_eq!(place.said().await.last().unwrap(), BOOKED);
    let calls = place.book.calls.lock().unwrap().clone();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].args["seats"], dialog::Value::Int(2));
    let asked = place.writer.asked.lock().unwrap();
    let Some(Message::User { text }) = asked[0].messages.last() else {
        panic!("the model is asked again: {asked:?}");
    };
    assert!(
        text.contains("<done>") && text.contains("booking: W-7"),
        "{text}"
    );
    assert!(text.contains("two seats on the boat"), "{text}");
}

#[tokio::test]
async fn a_never_call_that_a_crash_cut_off_is_unknown_and_the_customer_hears_so() {
    let place = Place::asked("never").await;
    place.tell("2", "yes").await;
    place.called().await;
    let place = place.crash(vec![Turns::Says(BOOKED)]).await;
    assert_eq!(
        place.said().await.last().unwrap(),
        "I can't tell whether that worked. Please check before you try it again."
    );
    assert_eq!(place.book.calls(), 0, "nothing is made twice");
    assert_eq!(
        place.writer.asked.lock().unwrap().len(),
        0,
        "the model is not asked"
    );
}

#[tokio::test]
async fn a_keyed_call_that_a_crash_cut_off_is_made_again_under_its_key() {
    let place = Place::asked("keyed").await;
    place.tell("2", "yes").await;
    place.called().await;
    let before = place.book.calls.lock().unwrap()[0].effect.clone();
    let place = place.crash(vec![Turns::Says(BOOKED)]).await;
    place.book.returns(&[("booking", "W-7".into())]);
    assert_eq!(place.said().await.last().unwrap(), BOOKED);
    let calls = place.book.calls.lock().unwrap().clone();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].effect, before);
}

#[tokio::test]
async fn a_no_is_one() {
    let place = Place::asked("keyed").await;
    place.tell("2", "no").await;
    assert_eq!(
        place.said().await.last().unwrap(),
        "All right, I have not done it."
    );
    place.tell("3", "yes").await;
    place.said().await;
    assert_eq!(place.book.calls(), 0);
}
