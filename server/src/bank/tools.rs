//! The demo bot's own tools against the bank: what `tools.yaml` declares is what the bank takes and gives.

use std::collections::{BTreeMap, BTreeSet};
use std::future::IntoFuture;
use std::path::Path;
use std::sync::Arc;

use dialog::{Bot, EffectId, ErrorKind, ToolOutcome, Turn, Value};
use jiff::civil::date;
use serde_json::{Value as Json, json};
use tools::{Call, HttpClient, Login, Place, PrivateAddresses, Secret, Toolbox};

use super::{Bank, router};

/// The demo bot's tools, with a bank of their own.
struct Demo {
    bot: Arc<Bot>,
    tools: Toolbox,
    address: String,
}

impl Demo {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let bank = Arc::new(Bank::new(date(2026, 3, 2), "k"));
        tokio::spawn(axum::serve(listener, router(bank)).into_future());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = author::read(&folder).unwrap();
        let bot = author::compile(&files, &author::Catalogue::default())
            .bot
            .unwrap();
        let login = Login::ApiKey {
            header: "X-Api-Key".to_owned(),
            secret: Secret::new("k"),
        };
        let place = Place {
            variables: BTreeMap::from([("BANK_URL".to_owned(), address.clone())]),
            logins: BTreeMap::from([("bank".to_owned(), login)]),
            private: PrivateAddresses::Loopback,
        };
        let client = HttpClient::new(PrivateAddresses::Loopback).unwrap();
        let Ok(tools) = Toolbox::new(&bot.tools, &place, &client) else {
            panic!("a tool can't be had")
        };
        Self {
            bot,
            tools,
            address,
        }
    }

    /// Calls a tool with arguments as flows give them.
    async fn call(&self, tool: &str, index: u32, args: Json) -> ToolOutcome {
        let declared = &self.bot.tools[self.bot.tool(tool).unwrap().index()];
        let args = declared.args.iter().map(|arg| {
            let value = dialog::coerce(&args[&arg.name], &arg.value_type).unwrap();
            (arg.name.clone(), value)
        });
        let effect = EffectId {
            conversation: "c".into(),
            turn: Turn(1),
            index,
        };
        let call = Call {
            effect,
            args: args.collect(),
        };
        self.tools.get(tool).unwrap().call(call).await
    }

    async fn admin(&self, method: &str, path: &str, body: &Json) -> Json {
        let request = reqwest::Client::new()
            .request(method.parse().unwrap(), format!("{}{path}", self.address))
            .header("X-Api-Key", "k")
            .json(body);
        request.send().await.unwrap().json().await.unwrap()
    }
}

fn ana(more: Json) -> Json {
    let mut args = json!({ "customer_id": "10000001" });
    args.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    args
}

fn top_up() -> Json {
    ana(json!({ "source_id": "s1", "amount": { "amount": 50, "currency": "EUR" } }))
}

fn dispute() -> Json {
    ana(json!({ "payment_ids": ["TX-000105"], "reason": "twice", "description": "" }))
}

#[tokio::test]
async fn every_tool_is_answered_as_it_declares() {
    let demo = Demo::open().await;
    let table = [
        ("find_cards", json!({ "type": "debit", "last4": "2222" })),
        ("list_cards", ana(json!({}))),
        (
            "order_card",
            ana(json!({ "card_id": "c1", "reason": "lost", "delivery": "express" })),
        ),
        (
            "set_card_pin",
            ana(json!({ "card_id": "c1", "pin": "8052" })),
        ),
        ("list_deliveries", ana(json!({}))),
        ("get_delivery", json!({ "order_no": "A-051" })),
        (
            "verify_customer",
            json!({ "customer_no": "10000001", "pin": "123456" }),
        ),
        (
            "save_address",
            ana(
                json!({ "street": "Weg 1", "postcode": "20099", "city": "Hamburg", "valid_from": "2026-03-15" }),
            ),
        ),
        ("save_phone", ana(json!({ "phone": "040 1234567" }))),
        ("list_payments", ana(json!({ "state": "open" }))),
        ("get_payment", json!({ "payment_id": "TX-000101" })),
        ("trace_payment", ana(json!({ "payment_id": "TX-000101" }))),
        ("file_dispute", dispute()),
        ("list_sources", ana(json!({}))),
        ("make_top_up", top_up()),
        (
            "book_callback",
            json!({ "phone": "040 1234567", "at": "2026-03-03T08:00:00Z", "name": "Ana", "topic": "" }),
        ),
        ("save_rating", json!({ "stars": 5, "comment": "" })),
    ];
    let mut called = BTreeSet::new();
    for (index, (tool, args)) in (0..).zip(table) {
        let outcome = demo.call(tool, index, args).await;
        assert!(
            matches!(outcome, ToolOutcome::Returned { .. }),
            "{tool}: {outcome:?}"
        );
        called.insert(tool.to_owned());
    }
    let declared: BTreeSet<String> = demo
        .bot
        .tools
        .iter()
        .filter(|tool| tools::built_in(tool).is_none())
        .map(|tool| tool.name.clone())
        .collect();
    assert_eq!(called, declared);
}

#[tokio::test]
async fn a_lost_answer_tops_up_once() {
    let demo = Demo::open().await;
    let fault = json!({ "on": "POST /customers/10000001/top-ups", "lose_answer": true });
    demo.admin("POST", "/admin/faults", &fault).await;
    let outcome = demo.call("make_top_up", 0, top_up()).await;
    let ToolOutcome::Returned { result } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(result.field("reference"), Some(&Value::from("U-101")));
    let orders = demo.admin("GET", "/admin/orders", &Json::Null).await;
    assert_eq!(orders["counts"], json!({ "make_top_up": 1 }));
    assert_eq!(orders["orders"][0]["idempotency_key"], "c/1/0");
}

#[tokio::test]
async fn a_lost_answer_to_what_must_not_be_repeated_is_unknown() {
    let demo = Demo::open().await;
    let fault = json!({ "on": "POST /customers/10000001/disputes", "lose_answer": true });
    demo.admin("POST", "/admin/faults", &fault).await;
    let outcome = demo.call("file_dispute", 0, dispute()).await;
    let ToolOutcome::Failed(error) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(error.kind, ErrorKind::Unknown);
    let orders = demo.admin("GET", "/admin/orders", &Json::Null).await;
    assert_eq!(orders["counts"], json!({ "file_dispute": 1 }));
}

#[tokio::test]
async fn what_the_bank_refuses_reaches_the_flows() {
    let demo = Demo::open().await;
    let table = [
        (
            "order_card",
            ana(json!({ "card_id": "c5", "reason": "lost", "delivery": "express" })),
            403,
            "not-yours",
        ),
        (
            "set_card_pin",
            ana(json!({ "card_id": "c1", "pin": "2345" })),
            422,
            "weak-pin",
        ),
        (
            "get_delivery",
            json!({ "order_no": "A-999" }),
            404,
            "no-such-order",
        ),
    ];
    for (index, (tool, args, status, code)) in (0..).zip(table) {
        let outcome = demo.call(tool, index, args).await;
        let ToolOutcome::Failed(error) = outcome else {
            panic!("{tool}: {outcome:?}")
        };
        let got = (error.kind, error.status, error.code.as_deref());
        assert_eq!(
            got,
            (ErrorKind::Refused, Some(status), Some(code)),
            "{tool}"
        );
    }
}
