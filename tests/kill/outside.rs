//! The outside world of the storm: it notes every call that reaches it, and under which id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

/// Sends each parcel twice over: once by a call that may be repeated under its id, once by one that may never be.
pub(crate) const BOT: &[(&str, &str)] = &[
    (
        "bot.yaml",
        "bot: post\nlocales: [en]\ntz: UTC\nrouter: [{ do: say, say: again }]\nsession: { idle: 24h, greet: { first: { say: welcome }, returning: { say: welcome } } }\n",
    ),
    (
        "tools.yaml",
        r#"
tools:
  keyed:
    description: May be repeated under its id
    http: "POST ${OUTSIDE}/keyed"
    args: { what: { type: text, in: body } }
    returns: { ok: bool }
    timeout: 8s
    repeat: keyed
  never:
    description: May never be repeated
    http: "POST ${OUTSIDE}/never"
    args: { what: { type: text, in: body } }
    returns: { ok: bool }
    timeout: 8s
    repeat: never
"#,
    ),
    (
        "flows/send.yaml",
        r#"
flow: send
description: Sends parcels
start: { intent: begin }
slots: { what: { type: text } }
initial: which
states:
  which:
    collect: [{ slot: what, ask: which_parcel, verbatim: true }]
    done: once
    on: { intent.enough: over }
  once:
    call: keyed
    with: { what: slots.what }
    done: twice
    error: { say: unsure, clear: [what], target: which }
  twice:
    call: never
    with: { what: slots.what }
    done: { say: done, clear: [what], target: which }
    error: { say: unsure, clear: [what], target: which }
  over: { final: true }
"#,
    ),
    (
        "intents/en/all.yaml",
        "intents:\n  begin:\n    examples: |\n      begin\n      let us begin\n      start now\n      go on\n      please start\n      begin to send\n  enough:\n    examples: |\n      enough\n      that is enough\n      I have enough\n      stop it\n      no more of it\n      that will do\n",
    ),
    (
        "templates/en/all.yaml",
        "welcome: Hello.\nagain: Again?\nwhich_parcel: Which parcel?\ndone: Done.\nunsure: Unsure.\nlabels: { intents: { begin: Begin, enough: Enough } }\n",
    ),
];

/// What arrived, by address and parcel: the ids that it came under, one for each time.
type Arrived = Arc<Mutex<BTreeMap<(String, String), Vec<String>>>>;

/// A server that notes what it is told.
pub(crate) struct Outside {
    arrived: Arrived,
    url: String,
}

impl Outside {
    pub(crate) async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let arrived = Arrived::default();
        let router = Router::new()
            .route("/{how}", post(note))
            .with_state(arrived.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { arrived, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// How many calls have arrived.
    pub(crate) fn calls(&self) -> usize {
        let arrived = self.arrived.lock().expect("no call panics");
        arrived.values().map(Vec::len).sum()
    }

    /// Everything that arrived came under one id, and once where it may never be repeated; these parcels arrived.
    pub(crate) fn check(&self, parcels: impl Iterator<Item = String>) {
        let arrived = self.arrived.lock().expect("no call panics");
        for ((how, what), ids) in &*arrived {
            let distinct: BTreeSet<&String> = ids.iter().collect();
            assert_eq!(distinct.len(), 1, "{what} came by {how} under {ids:?}");
            let is_good = how != "never" || ids.len() == 1;
            assert!(
                is_good,
                "{what} may never be repeated, and came {} times",
                ids.len()
            );
        }
        for what in parcels {
            let key = ("keyed".to_owned(), what);
            assert!(arrived.contains_key(&key), "{} never arrived", key.1);
        }
    }
}

async fn note(
    State(arrived): State<Arrived>,
    Path(how): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let id = headers.get("idempotency-key");
    let id = id.map_or("none", |id| id.to_str().unwrap_or_default());
    let what = body["what"].as_str().unwrap_or_default().to_owned();
    let mut arrived = arrived.lock().expect("no call panics");
    arrived.entry((how, what)).or_default().push(id.to_owned());
    Json(json!({ "ok": true }))
}
