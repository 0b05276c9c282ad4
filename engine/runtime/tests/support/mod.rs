//! Runtimes on a store in memory and a clock that stands still.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should stop there"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use dialog::{
    Bands, Bot, BuiltInTemplates, Handlers, Locale, SessionPolicy, Several, TemplateDeclaration,
    TemplateId, Understanding,
};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use render::Templates;
use runtime::{
    Authority, Body, Config, Deployment, Inbound, NewConversation, Runtime, Understand,
    VirtualClock,
};
use store::Store;
use tools::Toolbox;
use understand::Reading;

/// Understands nothing.
struct Nothing;

impl Understand for Nothing {
    fn understand(&self, _text: &str, _reading: &Reading<'_>) -> Understanding {
        Understanding::default()
    }

    fn is_slow(&self) -> bool {
        false
    }
}

pub(crate) async fn start(store: Arc<dyn Store>) -> Runtime {
    let clock = Arc::new(VirtualClock::new("2026-03-02T08:00:00Z".parse().unwrap()));
    Runtime::start(Config::default(), store, clock, deployment())
        .await
        .unwrap()
}

pub(crate) fn deployment() -> Deployment {
    let templates = Templates::compile(&[], &BTreeMap::new(), &[Locale::from("en")]).unwrap();
    Deployment {
        bot: Arc::new(bot()),
        templates: Arc::new(templates),
        model: Arc::new(Nothing),
        tools: Toolbox::default(),
    }
}

/// A bot without flows.
fn bot() -> Bot {
    let failed = TemplateId(0);
    Bot {
        name: "nobody".into(),
        version: "v1".into(),
        locales: vec!["en".into()],
        tz: TimeZone::UTC,
        bands: Bands {
            accept: 0.75,
            confirm: 0.4,
            several: Several::InTurn,
        },
        slots: Vec::new(),
        intents: Vec::new(),
        entities: Vec::new(),
        events: Vec::new(),
        templates: vec![TemplateDeclaration {
            name: "failed".into(),
            reads: Vec::new(),
        }],
        tools: Vec::new(),
        models: Vec::new(),
        desks: Vec::new(),
        flows: Vec::new(),
        answers: BTreeMap::new(),
        anywhere: Handlers::default(),
        router: Vec::new(),
        on_failed: Vec::new(),
        session: SessionPolicy {
            idle: SignedDuration::from_hours(24),
            greet_first: Vec::new(),
            greet_returning: Vec::new(),
        },
        built_in: BuiltInTemplates {
            failed,
            busy: failed,
            interrupted: failed,
            too_late: failed,
            cancelled: failed,
            refused: failed,
            offer: failed,
            clarify: failed,
            handing_over: failed,
            choice_gone: failed,
        },
        transitions: Vec::new(),
    }
}

pub(crate) fn new_conversation(id: &str, user: &str) -> NewConversation {
    NewConversation {
        id: Some(id.into()),
        user: Some(user.into()),
        channel: "http".into(),
        locale: None,
        slots: serde_json::Map::new(),
        by: Authority::Integrator,
    }
}

pub(crate) fn text(conversation: &str, id: &str, text: &str) -> Inbound {
    Inbound {
        conversation: conversation.into(),
        source: "http".into(),
        id: id.into(),
        body: Body::Text(text.into()),
        attachments: Vec::new(),
        by: Authority::Visitor,
    }
}
