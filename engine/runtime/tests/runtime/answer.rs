//! Answers of models: said sentence by sentence as they pass, broken off by a crash, paid, recorded and erased.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should stop there"
)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dialog::Turn;
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use knowledge::{Articles, Library};
use llm::cassette::Cassette;
use llm::price::Prices;
use llm::{Answer, End, Error, ErrorKind, Message, Model, Piece, Request, Stop, Usage};
use runtime::{
    Accounts, Clock, Config, Deployment, Expense, Feed, FeedKind, Journal, Runtime, Target,
    VirtualClock,
};
use serde_json::Value as Json;
use store::{Memory, Store};
use tokio::sync::mpsc;

use crate::support::{START, new_conversation, text};

const BOT: &str = r#"
bot: shop
locales: [en]
understanding: { accept: 0.5, confirm: 0.3 }
slots:
  nickname: { type: text, scope: user }
episodes: { keep: 90d }
router:
  - { do: generate, model: helper }
models:
  helper:
    targets: ["test:writer"]
    limits: { tokens_max: 4000, visitor: { tokens_max: TOKENS } }
    check: { bands: { send: 0.7, with_sources: 0.6 }, on_low: { say: not_sure } }
    on_fail: { say: cannot_answer }
"#;
const TEMPLATES: &str = "
not_sure: I am not sure about that.
cannot_answer: I cannot answer that now.
thanks: Thanks.
";
const ARTICLE: &str = "# Whale watching\n\nThe whale watching boat leaves at nine. It takes twelve passengers. A trip lasts three hours.\n";
const QUESTION: &str = "when does the whale watching boat leave?";

/// A model that writes what the test sends.
struct Writer {
    pieces: Mutex<Option<mpsc::UnboundedReceiver<Piece>>>,
    asked: Mutex<Vec<Request>>,
}

impl Model for Writer {
    fn name(&self) -> &str {
        "test:writer"
    }

    fn stream(&self, request: Request, _: Duration) -> Answer {
        self.asked.lock().unwrap().push(request);
        match self.pieces.lock().unwrap().take() {
            Some(pieces) => stream::unfold(pieces, |mut pieces| async {
                Some((Ok(pieces.recv().await?), pieces))
            })
            .boxed(),
            None => {
                let error = Error::new(ErrorKind::Unavailable, "test:writer", "it is busy");
                stream::iter([Err(error)]).boxed()
            }
        }
    }
}

#[derive(Default)]
struct Notes(Mutex<Vec<Expense>>);

impl Journal for Notes {
    fn note(&self, expense: &Expense) {
        self.0.lock().unwrap().push(expense.clone());
    }

    fn visitor(&self, user: &str) -> String {
        user.to_owned()
    }
}

/// A runtime, the pen of its model, and what is noted.
struct Place {
    runtime: Runtime,
    pen: mpsc::UnboundedSender<Piece>,
    writer: Arc<Writer>,
    notes: Arc<Notes>,
    store: Arc<dyn Store>,
    clock: Arc<VirtualClock>,
}

impl Place {
    async fn open() -> Self {
        Self::on(Arc::new(Memory::new()), 100_000, None).await
    }

    async fn on(store: Arc<dyn Store>, tokens: u64, record: Option<Arc<Cassette>>) -> Self {
        let (pen, pieces) = mpsc::unbounded_channel();
        let writer = Arc::new(Writer {
            pieces: Mutex::new(Some(pieces)),
            asked: Mutex::default(),
        });
        let notes = Arc::new(Notes::default());
        let config = Config {
            accounts: Arc::new(Accounts::new(Prices::known(), notes.clone(), Vec::new())),
            record,
            ..Config::default()
        };
        let clock = Arc::new(VirtualClock::new(START.parse().unwrap()));
        let runtime = Runtime::start(
            config,
            store.clone(),
            clock.clone(),
            deployment(&writer, tokens),
        );
        let runtime = runtime.await.unwrap();
        let _ = runtime.open(new_conversation("c1", "ana")).await;
        Self {
            runtime,
            pen,
            writer,
            notes,
            store,
            clock,
        }
    }

    async fn ask(&self, id: &str) -> Feed {
        let feed = self.runtime.subscribe(&"c1".into(), 0).await.unwrap();
        let accepted = self.runtime.accept(text("c1", id, QUESTION)).await.unwrap();
        assert!(accepted.pending, "the model is asked: {accepted:?}");
        feed
    }

    /// Says something that the model does not answer, and waits until that is clear.
    async fn tell(&self, words: &str) {
        self.runtime.accept(text("c1", words, words)).await.unwrap();
        self.runtime.settle().await.unwrap();
    }

    /// What the model was asked last, with all that it was shown.
    fn asked(&self) -> String {
        let asked = self.writer.asked.lock().unwrap();
        let texts = asked.last().unwrap().messages.iter().map(|one| match one {
            Message::User { text } => text.clone(),
            other => format!("{other:?}"),
        });
        texts.collect::<Vec<_>>().join("\n")
    }

    fn write(&self, text: &str) {
        self.pen.send(Piece::Text(text.to_owned())).unwrap();
    }

    fn end(&self) {
        let end = End {
            stop: Stop::Done,
            usage: Usage {
                input: 900,
                output: 30,
                ..Usage::default()
            },
            model: "writer".to_owned(),
            tried: Vec::new(),
        };
        self.pen.send(Piece::End(end)).unwrap();
    }

    async fn said(&self) -> Vec<String> {
        self.runtime.settle().await.unwrap();
        let (entries, _) = self
            .runtime
            .transcript(&"c1".into(), Turn(1))
            .await
            .unwrap();
        entries.into_iter().map(|entry| entry.text).collect()
    }
}

fn deployment(writer: &Arc<Writer>, tokens: u64) -> Deployment {
    let bot = BOT.replace("TOKENS", &tokens.to_string());
    let files = [
        ("bot.yaml", bot.as_str()),
        ("templates/en/shop.yaml", TEMPLATES),
        (
            "intents/en/shop.yaml",
            "intents:\n  thank_you:\n    examples: |\n      thank you\n      thanks a lot\n      many thanks\n",
        ),
        (
            "flows/answers.yaml",
            "answers:\n  thank_you: { say: thanks }\n",
        ),
    ];
    let article = (
        "knowledge/en/whales.md".to_owned(),
        ARTICLE.as_bytes().to_vec(),
    );
    let mut library = Library::default();
    library.update(&BTreeMap::from([article]));
    let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    let compiled = author::compile(&BTreeMap::from(files), &author::Catalogue::default());
    assert!(compiled.bot.is_some(), "{:#?}", compiled.diagnostics);
    let target = Target::Model(writer.clone());
    Deployment {
        bot: compiled.bot.unwrap(),
        templates: Arc::new(compiled.templates.unwrap()),
        model: Arc::new(understand::Model::train(
            &compiled.training.unwrap(),
            &mut |_| {},
        )),
        tools: tools::Toolbox::default(),
        articles: Arc::new(Articles::new(&mut library, |_| None).unwrap()),
        targets: BTreeMap::from([("test:writer".to_owned(), target)]),
    }
}

/// The next entry of this kind.
async fn next(feed: &mut Feed, kind: &str) -> FeedKind {
    loop {
        let item = feed.next().await.unwrap().expect("the feed goes on");
        if item.kind == kind {
            return serde_json::from_str(&item.json).unwrap();
        }
    }
}

#[tokio::test]
async fn sentences_are_said_as_they_pass_and_the_message_has_their_id() {
    let place = Place::open().await;
    let mut feed = place.ask("1").await;
    place.write("The whale watching boat leaves at nine [1]. It takes ");
    let FeedKind::Delta { message, n, text } = next(&mut feed, "delta").await else {
        panic!("a delta");
    };
    assert_eq!(
        (n, text.as_str()),
        (0, "The whale watching boat leaves at nine.")
    );
    place.write("twelve passengers.");
    place.end();
    let FeedKind::Message(said) = next(&mut feed, "message").await else {
        panic!("a message");
    };
    assert_eq!(said.id, message);
    assert_eq!(
        said.text,
        "The whale watching boat leaves at nine. It takes twelve passengers."
    );
    assert_eq!(said.sources[0].title, "Whale watching");
}

#[tokio::test]
async fn what_a_model_makes_up_is_never_said() {
    let place = Place::open().await;
    let mut feed = place.ask("1").await;
    place.write("The whale watching boat leaves at nine. Tickets cost €45. ");
    place.write("Children travel free.");
    place.end();
    let said = next(&mut feed, "message").await;
    assert!(
        matches!(said, FeedKind::Message(said) if said.text == "The whale watching boat leaves at nine.")
    );
    let said = place.said().await;
    assert_eq!(said.last().unwrap(), "I am not sure about that.");
    assert!(!said.concat().contains("45") && !said.concat().contains("Children"));
}

#[tokio::test]
async fn an_answer_that_a_crash_broke_off_is_not_begun_again() {
    let place = Place::open().await;
    let mut feed = place.ask("1").await;
    place.write("The whale watching boat leaves at nine. It takes");
    next(&mut feed, "delta").await;
    // The process dies: what it did not commit is lost.
    let Place { store, runtime, .. } = place;
    drop((feed, runtime));
    let place = Place::on(store, 100_000, None).await;
    let said = place.said().await;
    let end = &said[said.len() - 2..];
    assert_eq!(end[0], "The whale watching boat leaves at nine.");
    assert_ne!(
        end[1], end[0],
        "the customer is told that it was broken off: {said:?}"
    );
    assert_eq!(
        place.writer.asked.lock().unwrap().len(),
        0,
        "nobody is asked again"
    );
    let again = place
        .runtime
        .accept(text("c1", "2", "thanks a lot"))
        .await
        .unwrap();
    assert_eq!(
        again.messages[0].text, "Thanks.",
        "the conversation goes on"
    );
}

#[tokio::test]
async fn a_model_that_is_not_there_takes_on_fail() {
    let place = Place::open().await;
    place.writer.pieces.lock().unwrap().take();
    place.ask("1").await;
    assert_eq!(
        place.said().await.last().unwrap(),
        "I cannot answer that now."
    );
    assert!(place.notes.0.lock().unwrap().is_empty(), "nothing was paid");
}

#[tokio::test]
async fn calls_are_noted_and_a_visitor_s_limit_holds() {
    let place = Place::on(Arc::new(Memory::new()), 1_500, None).await;
    place.ask("1").await;
    place.write("The whale watching boat leaves at nine.");
    place.end();
    place.said().await;
    {
        let notes = place.notes.0.lock().unwrap();
        let [expense] = notes.as_slice() else {
            panic!("one call: {notes:?}");
        };
        assert_eq!(expense.visitor, "ana");
        assert_eq!(expense.bill.usage.input, 900);
        assert_eq!(
            (expense.bot.as_str(), expense.model.as_str()),
            ("shop", "helper")
        );
    }
    // 930 of 1,500 tokens are spent, and the next call may take more than the rest.
    place.ask("2").await;
    assert_eq!(
        place.said().await.last().unwrap(),
        "I cannot answer that now."
    );
    assert_eq!(
        place.writer.asked.lock().unwrap().len(),
        1,
        "nothing was sent"
    );
}

#[tokio::test]
async fn recorded_calls_are_erased_with_the_person() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    let cassette = Cassette::open(&file).unwrap();
    let place = Place::on(Arc::new(Memory::new()), 100_000, Some(cassette)).await;
    place.ask("1").await;
    place.write("The whale watching boat leaves at nine.");
    place.end();
    place.said().await;
    let recorded = std::fs::read_to_string(&file).unwrap();
    let call: Json = serde_json::from_str(recorded.lines().next().unwrap()).unwrap();
    assert_eq!(call["about"], "c1");
    place.runtime.erase(&"ana".into()).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "");
}

#[tokio::test]
async fn older_messages_are_shown_as_what_was_said_that_matters() {
    let place = Place::open().await;
    place.writer.pieces.lock().unwrap().take();
    place
        .tell("my booking for the boat has the number 4417")
        .await;
    assert!(!place.asked().contains("earlier in this conversation"));
    for n in 0..12 {
        place.tell(&format!("and what about animal {n}?")).await;
    }
    let asked = place.asked();
    assert!(
        asked.contains(
            "earlier in this conversation: Customer: my booking for the boat has the number 4417"
        ),
        "{asked}"
    );
    let verbatim = asked.matches("Assistant {").count();
    assert!(verbatim <= 5, "not all are shown as they stand: {asked}");
    // The digest is stored with the conversation.
    let Place { store, runtime, .. } = place;
    drop(runtime);
    let place = Place::on(store, 100_000, None).await;
    place.writer.pieces.lock().unwrap().take();
    place.tell("so, what now, about this booking?").await;
    assert!(
        place.asked().contains("the number 4417"),
        "{}",
        place.asked()
    );
}

#[tokio::test]
async fn a_note_of_a_past_session_is_shown_when_the_question_goes_back_to_it() {
    let place = Place::open().await;
    place.writer.pieces.lock().unwrap().take();
    place.tell("I forgot my yellow umbrella on the boat").await;
    place
        .clock
        .set(place.clock.now() + SignedDuration::from_hours(25));
    place.runtime.settle().await.unwrap();
    let ana = place.runtime.user(&"ana".into()).await.unwrap();
    assert!(ana.episodes[0].text.contains("yellow umbrella"), "{ana:?}");
    place.tell("do you take dogs?").await;
    assert!(!place.asked().contains("umbrella"), "{}", place.asked());
    place.tell("has anybody found the yellow umbrella?").await;
    let asked = place.asked();
    assert!(
        asked.contains(
            "conversation of 2026-03-02: Customer: I forgot my yellow umbrella on the boat"
        ),
        "{asked}"
    );
    // It goes with the person, also from what is searched.
    let export = place.runtime.export(&"ana".into()).await.unwrap();
    assert!(
        export["memory"]["episodes"]
            .to_string()
            .contains("umbrella")
    );
    place.runtime.erase(&"ana".into()).await.unwrap();
    assert!(place.store.memory(&"ana".into()).await.unwrap().is_empty());
}
