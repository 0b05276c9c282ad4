//! A judge beside the model: what it is asked, what it costs, and in whose books that stands.

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
use llm::price::Prices;
use llm::{Answer, End, Error, ErrorKind, Message, Model, Piece, Request, Stop, Usage};
use runtime::{Accounts, Config, Deployment, Expense, Journal, Runtime, Target, VirtualClock};
use store::Memory;

use crate::support::{START, new_conversation, text};

const BOT: &str = r#"
bot: shop
locales: [en]
understanding: { accept: 0.5, confirm: 0.3 }
router: [ { do: generate, model: helper } ]
models:
  helper:
    targets: ["test:writer"]
    system: persona
    limits: { tokens_max: TOKENS }
    check: { bands: { send: 0.6, with_sources: 0.6 }, samples: 2, judge: strict, on_low: { say: not_sure } }
    on_fail: { say: cannot_answer }
  strict: { targets: ["test:judge"] }
"#;
const TEMPLATES: &str = "
persona: You are the boatman.
not_sure: I am not sure about that.
cannot_answer: I cannot answer that now.
thanks: Thanks.
";
const ARTICLE: &str =
    "# Whale watching\n\nThe whale watching boat leaves at nine. It takes twelve passengers.\n";
const QUESTION: &str = "when does the whale watching boat leave?";
const ANSWER: &str = "The whale watching boat leaves at nine.";
const YES: &str = r#"{"sentences": [{"n": 1, "supported": true}]}"#;

/// A model that says one text after another, each for 100 tokens in and 10 out.
struct Speaker {
    name: &'static str,
    says: Mutex<VecDeque<&'static str>>,
    asked: Mutex<Vec<Request>>,
}

impl Model for Speaker {
    fn name(&self) -> &str {
        self.name
    }

    fn stream(&self, request: Request, _: Duration) -> Answer {
        self.asked.lock().unwrap().push(request);
        let Some(text) = self.says.lock().unwrap().pop_front() else {
            let error = Error::new(ErrorKind::Unavailable, self.name, "it is busy");
            return stream::iter([Err(error)]).boxed();
        };
        let end = End {
            stop: Stop::Done,
            usage: Usage {
                input: 100,
                output: 10,
                ..Usage::default()
            },
            model: self.name.to_owned(),
            tried: Vec::new(),
        };
        stream::iter([Ok(Piece::Text(text.to_owned())), Ok(Piece::End(end))]).boxed()
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

struct Place {
    writer: Arc<Speaker>,
    judge: Arc<Speaker>,
    notes: Arc<Notes>,
    said: Vec<String>,
}

/// A question, answered by these.
async fn ask(tokens: u32, writes: &[&'static str], judges: &[&'static str]) -> Place {
    let speaker = |name, says: &[&'static str]| {
        Arc::new(Speaker {
            name,
            says: Mutex::new(says.iter().copied().collect()),
            asked: Mutex::default(),
        })
    };
    let (writer, judge) = (
        speaker("test:writer", writes),
        speaker("test:judge", judges),
    );
    let notes = Arc::new(Notes::default());
    let config = Config {
        accounts: Arc::new(Accounts::new(Prices::known(), notes.clone(), Vec::new())),
        ..Config::default()
    };
    let clock = Arc::new(VirtualClock::new(START.parse().unwrap()));
    let deployment = deployment(tokens, &writer, &judge);
    let runtime = Runtime::start(config, Arc::new(Memory::new()), clock, deployment);
    let runtime = runtime.await.unwrap();
    let _ = runtime.open(new_conversation("c1", "ana")).await;
    runtime.accept(text("c1", "1", QUESTION)).await.unwrap();
    runtime.settle().await.unwrap();
    let transcript = runtime.transcript(&"c1".into(), Turn(1)).await.unwrap();
    let said = transcript.0.into_iter().map(|entry| entry.text).collect();
    Place {
        writer,
        judge,
        notes,
        said,
    }
}

fn deployment(tokens: u32, writer: &Arc<Speaker>, judge: &Arc<Speaker>) -> Deployment {
    let bot = BOT.replace("TOKENS", &tokens.to_string());
    let files = [
        ("bot.yaml", bot.as_str()),
        ("templates/en/shop.yaml", TEMPLATES),
        (
            "intents/en/shop.yaml",
            "intents:\n  thank_you:\n    examples: |\n      thank you\n      thanks a lot\n",
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
    let target = |speaker: &Arc<Speaker>| {
        let model: Arc<dyn Model> = speaker.clone();
        (speaker.name.to_owned(), Target::Model(model))
    };
    Deployment {
        bot: compiled.bot.unwrap(),
        templates: Arc::new(compiled.templates.unwrap()),
        model: Arc::new(understand::Model::train(
            &compiled.training.unwrap(),
            &mut |_| {},
        )),
        tools: tools::Toolbox::default(),
        articles: Arc::new(Articles::new(&mut library, |_| None).unwrap()),
        targets: BTreeMap::from([target(writer), target(judge)]),
    }
}

#[tokio::test]
async fn the_same_question_is_asked_again_and_the_judge_gets_it_all_as_data() {
    let place = ask(4_000, &[ANSWER, ANSWER], &[YES]).await;
    assert_eq!(place.said.last().unwrap(), ANSWER);
    let asked = place.writer.asked.lock().unwrap();
    let [first, second] = asked.as_slice() else {
        panic!("an answer and a sample: {asked:?}");
    };
    assert_eq!((first.sample, second.sample), (0, 1));
    assert_eq!(first.messages, second.messages);
    let judged = place.judge.asked.lock().unwrap();
    let [question] = judged.as_slice() else {
        panic!("asked once: {judged:?}");
    };
    assert!(question.format.is_some(), "structured output is asked for");
    assert!(!question.system.contains("boatman") && !question.system.contains(ANSWER));
    let [Message::User { text }] = question.messages.as_slice() else {
        panic!("one message: {question:?}");
    };
    assert!(
        text.contains(&format!("<answer>\n[1] {ANSWER}\n</answer>")),
        "{text}"
    );
    assert!(
        text.contains("twelve passengers") && text.contains(QUESTION),
        "{text}"
    );
}

#[tokio::test]
async fn each_call_stands_in_the_books_under_the_name_of_who_was_asked() {
    let place = ask(4_000, &[ANSWER, ANSWER], &[YES]).await;
    let notes = place.notes.0.lock().unwrap();
    let paid: Vec<(&str, u64)> = notes
        .iter()
        .map(|note| (note.model.as_str(), note.bill.spent.tokens))
        .collect();
    assert_eq!(paid, [("helper", 110), ("helper", 110), ("strict", 110)]);
}

#[tokio::test]
async fn a_judge_that_does_not_fit_into_the_answer_s_limit_is_not_asked() {
    let place = ask(500, &[ANSWER, ANSWER], &[YES]).await;
    assert_eq!(
        place.judge.asked.lock().unwrap().len(),
        0,
        "{:?}",
        place.said
    );
    assert_ne!(place.said.last().unwrap(), ANSWER);
}
