//! The bot in `tests/bot`, run on a clock that stands still, with tools that do as they are told.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should stop there"
)]

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use author::Catalogue;
use dialog::{Bot, ErrorKind, ToolDeclaration, ToolError, ToolOutcome, Value};
use jiff::{SignedDuration, Timestamp};
use render::Templates;
use runtime::{
    Accepted, Authority, Body, Clock, Config, Deployment, Inbound, NewConversation, Runtime,
    TurnError, VirtualClock,
};
use serde_json::{Map, Value as Json};
use store::{Memory, Store};
use tokio::sync::Semaphore;
use tools::{Call, CallFuture, Tool, Toolbox};
use understand::{Model, TrainingData};

/// A Monday morning in Berlin.
pub(crate) const START: &str = "2026-03-02T09:00:00+01:00";

/// The shop, compiled once for all tests of a file.
struct Compiled {
    bot: Arc<Bot>,
    templates: Arc<Templates>,
    training: TrainingData,
}

static SHOP: LazyLock<Compiled> = LazyLock::new(|| compile(&[]));

/// The shop with some of its files in other words.
fn compile(changed: &[(&str, &str)]) -> Compiled {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bot");
    let mut files = author::read(&folder).unwrap();
    for (path, text) in changed {
        files.insert((*path).to_owned(), text.as_bytes().to_vec());
    }
    let compiled = author::compile(&files, &Catalogue::default());
    assert!(compiled.bot.is_some(), "{:#?}", compiled.diagnostics);
    Compiled {
        bot: compiled.bot.unwrap(),
        templates: Arc::new(compiled.templates.unwrap()),
        training: compiled.training.unwrap(),
    }
}

/// A version of the shop with some of its files in other words, and without tools.
pub(crate) fn shop_with(changed: &[(&str, &str)]) -> Deployment {
    let compiled = compile(changed);
    Deployment {
        bot: compiled.bot,
        templates: compiled.templates,
        model: trained(),
        tools: Toolbox::default(),
        articles: Arc::default(),
        targets: BTreeMap::new(),
    }
}

/// The shop with these tools.
pub(crate) fn shop(tools: Toolbox) -> Deployment {
    shop_with_model(tools, trained())
}

/// What the shop's examples make.
pub(crate) fn trained() -> Arc<Model> {
    static MODEL: LazyLock<Arc<Model>> =
        LazyLock::new(|| Arc::new(Model::train(&SHOP.training, &mut |_| {})));
    MODEL.clone()
}

/// The shop with these tools and a model that was trained before.
pub(crate) fn shop_with_model(tools: Toolbox, model: Arc<Model>) -> Deployment {
    Deployment {
        bot: SHOP.bot.clone(),
        templates: SHOP.templates.clone(),
        model,
        tools,
        articles: Arc::default(),
        targets: BTreeMap::new(),
    }
}

/// A tool that answers as told, in order; told nothing, it waits.
pub(crate) struct Scripted {
    declaration: ToolDeclaration,
    outcomes: Mutex<VecDeque<ToolOutcome>>,
    told: Semaphore,
    pub(crate) calls: Mutex<Vec<Call>>,
    running: AtomicUsize,
}

/// A call that runs, until it ends or is given up.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Scripted {
    pub(crate) fn new(declaration: &ToolDeclaration) -> Arc<Self> {
        Arc::new(Self {
            declaration: declaration.clone(),
            outcomes: Mutex::default(),
            told: Semaphore::new(0),
            calls: Mutex::default(),
            running: AtomicUsize::new(0),
        })
    }

    pub(crate) fn returns(&self, fields: &[(&str, Value)]) {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        self.tell(ToolOutcome::Returned {
            result: Value::Map(fields.collect()),
        });
    }

    pub(crate) fn fails(&self, kind: ErrorKind) {
        self.tell(ToolOutcome::Failed(ToolError {
            kind,
            status: None,
            code: None,
        }));
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// The next call panics.
    pub(crate) fn panics(&self) {
        self.told.add_permits(1);
    }

    fn tell(&self, outcome: ToolOutcome) {
        self.outcomes.lock().unwrap().push_back(outcome);
        self.told.add_permits(1);
    }
}

impl Tool for Scripted {
    fn declaration(&self) -> &ToolDeclaration {
        &self.declaration
    }

    fn call(&self, call: Call) -> CallFuture<'_> {
        self.calls.lock().unwrap().push(call);
        Box::pin(async {
            let running = Running::new(&self.running);
            self.told.acquire().await.unwrap().forget();
            drop(running);
            let outcome = self.outcomes.lock().unwrap().pop_front();
            outcome.expect("a tool that is told to panic has nothing to give")
        })
    }
}

/// A runtime with all that a test turns and looks at.
pub(crate) struct Shop {
    pub(crate) runtime: Runtime,
    pub(crate) clock: Arc<VirtualClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) tools: BTreeMap<String, Arc<Scripted>>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        let clock = Arc::new(VirtualClock::new(START.parse().unwrap()));
        Self::on(Arc::new(Memory::new()), clock).await
    }

    pub(crate) async fn on(store: Arc<dyn Store>, clock: Arc<VirtualClock>) -> Self {
        let mut toolbox = Toolbox::default();
        let mut tools = BTreeMap::new();
        for declaration in &SHOP.bot.tools {
            let tool = Scripted::new(declaration);
            tools.insert(declaration.name.clone(), tool.clone());
            toolbox.insert(tool);
        }
        let runtime = Runtime::start(
            Config::default(),
            store.clone(),
            clock.clone(),
            shop(toolbox),
        )
        .await
        .unwrap();
        Self {
            runtime,
            clock,
            store,
            tools,
        }
    }

    /// The process dies and starts again: the store and the time are what is left.
    pub(crate) async fn crash(self) -> Self {
        Self::on(self.store, self.clock).await
    }

    pub(crate) fn tool(&self, name: &str) -> &Scripted {
        &self.tools[name]
    }

    /// Opens conversation `c1` of user `ana`.
    pub(crate) async fn begin(&self) -> Vec<String> {
        let opened = self
            .runtime
            .open(new_conversation("c1", "ana"))
            .await
            .unwrap();
        texts(&opened.messages)
    }

    /// What the bot says at once to a text of the customer's in `c1`.
    pub(crate) async fn says(&self, words: &str) -> Vec<String> {
        texts(&self.send(words).await.messages)
    }

    /// The same, with all that came of it.
    pub(crate) async fn send(&self, words: &str) -> Accepted {
        self.try_send(words).await.unwrap()
    }

    pub(crate) async fn try_send(&self, words: &str) -> Result<Accepted, TurnError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::SeqCst);
        self.runtime
            .accept(text("c1", &format!("auto-{n}"), words))
            .await
    }

    /// Everything that was said in `c1`, in order.
    pub(crate) async fn said(&self) -> Vec<String> {
        self.settled_transcript()
            .await
            .into_iter()
            .filter(|(from, _)| from != "customer")
            .map(|(_, text)| text)
            .collect()
    }

    /// Who said what in `c1`, once nothing is outstanding.
    pub(crate) async fn settled_transcript(&self) -> Vec<(String, String)> {
        self.runtime.settle().await.unwrap();
        self.transcript().await
    }

    pub(crate) async fn transcript(&self) -> Vec<(String, String)> {
        let (entries, _) = self
            .runtime
            .transcript(&"c1".into(), dialog::Turn(1))
            .await
            .unwrap();
        let name = |from| {
            serde_json::to_value(from)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        entries
            .into_iter()
            .map(|entry| (name(entry.from), entry.text))
            .collect()
    }

    /// Lets time pass, stopping at every deadline on the way.
    pub(crate) async fn pass(&self, time: SignedDuration) {
        let until: Timestamp = self.clock.now() + time;
        loop {
            self.runtime.settle().await.unwrap();
            match self
                .runtime
                .next_deadline()
                .await
                .unwrap()
                .filter(|at| *at <= until)
            {
                Some(at) => self.clock.set(at),
                None => break,
            }
        }
        self.clock.set(until);
        self.runtime.settle().await.unwrap();
    }
}

pub(crate) fn texts(messages: &[runtime::Said]) -> Vec<String> {
    messages.iter().map(|said| said.text.clone()).collect()
}

pub(crate) fn new_conversation(id: &str, user: &str) -> NewConversation {
    NewConversation {
        id: Some(id.into()),
        user: Some(user.into()),
        channel: "http".into(),
        locale: None,
        slots: Map::new(),
        by: Authority::Integrator,
    }
}

pub(crate) fn text(conversation: &str, id: &str, text: &str) -> Inbound {
    inbound(conversation, id, Body::Text(text.into()))
}

pub(crate) fn event(conversation: &str, id: &str, name: &str, data: Json) -> Inbound {
    let data = data.as_object().unwrap().clone();
    inbound(
        conversation,
        id,
        Body::Event {
            name: name.into(),
            data,
        },
    )
}

pub(crate) fn inbound(conversation: &str, id: &str, body: Body) -> Inbound {
    Inbound {
        conversation: conversation.into(),
        source: "http".into(),
        id: id.into(),
        body,
        attachments: Vec::new(),
        by: Authority::Visitor,
    }
}
