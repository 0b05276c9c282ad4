//! The bank over a real socket on loopback, as its callers meet it.

use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::date;
use serde_json::{Value as Json, json};

use super::{Bank, router};

/// A bank on a port of its own; Monday, 2 March 2026.
struct Outside {
    address: String,
    client: reqwest::Client,
}

impl Outside {
    async fn open() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let bank = Arc::new(Bank::new(date(2026, 3, 2), "k"));
        tokio::spawn(axum::serve(listener, router(bank)).into_future());
        Self {
            address,
            client: reqwest::Client::new(),
        }
    }

    fn request(&self, line: &str) -> reqwest::RequestBuilder {
        let (method, path) = line.split_once(' ').unwrap();
        self.client
            .request(method.parse().unwrap(), format!("{}{path}", self.address))
            .header("X-Api-Key", "k")
    }

    async fn get(&self, path: &str) -> (u16, Json) {
        answer(self.request(&format!("GET {path}"))).await
    }

    async fn send(&self, line: &str, key: Option<&str>, body: &Json) -> (u16, Json) {
        let mut request = self.request(line).json(body);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request).await
    }

    async fn counts(&self) -> Json {
        self.get("/admin/orders").await.1["counts"].clone()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Json) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

fn replacement(customer: &str) -> Json {
    json!({ "customer_id": customer, "reason": "lost", "delivery": "express" })
}

#[tokio::test]
async fn a_card_is_found_replaced_once_and_on_its_way() {
    let bank = Outside::open().await;
    let search = json!({ "type": "debit", "last4": "4711" });
    let (_, found) = bank.send("POST /cards/search", None, &search).await;
    assert_eq!(
        found,
        json!({ "cards": [{ "id": "c1", "label": "girocard", "status": "active" }] })
    );

    let (status, ordered) = bank
        .send(
            "POST /cards/c1/replacement",
            Some("a/1/0"),
            &replacement("10000001"),
        )
        .await;
    assert_eq!(
        (status, &ordered),
        (
            200,
            &json!({ "order_no": "A-101", "arrives_on": "2026-03-04" })
        )
    );
    let (_, again) = bank
        .send(
            "POST /cards/c1/replacement",
            Some("a/1/0"),
            &replacement("10000001"),
        )
        .await;
    assert_eq!(again, ordered);
    assert_eq!(bank.counts().await, json!({ "order_card": 1 }));

    let (_, delivery) = bank.get("/deliveries/A-101").await;
    assert_eq!(delivery["delivery"]["status"], "in_production");
    assert_eq!(delivery["delivery"]["remind_at"], "2026-03-04T17:00:00Z");
    let (_, cards) = bank.get("/customers/10000001/cards").await;
    assert_eq!(cards["cards"][0]["status"], "blocked");
}

#[tokio::test]
async fn a_key_for_another_request_is_refused() {
    let bank = Outside::open().await;
    bank.send(
        "POST /cards/c1/replacement",
        Some("k1"),
        &replacement("10000001"),
    )
    .await;
    let (status, problem) = bank
        .send(
            "POST /cards/c2/replacement",
            Some("k1"),
            &replacement("10000001"),
        )
        .await;
    assert_eq!((status, &problem["code"]), (422, &json!("key-reused")));
    let (status, problem) = bank
        .send("POST /cards/c2/replacement", None, &replacement("10000001"))
        .await;
    assert_eq!((status, &problem["code"]), (400, &json!("key-missing")));
}

#[tokio::test]
async fn refusals_are_problems_with_a_status_and_a_code() {
    let bank = Outside::open().await;
    let top_up = |amount: f64| json!({ "source_id": "s1", "amount": { "amount": amount, "currency": "EUR" } });
    let declined = json!({ "source_id": "s3", "amount": { "amount": 50.0, "currency": "EUR" } });
    let moved = |postcode: &str| json!({ "street": "Weg 1", "postcode": postcode, "city": "X", "valid_from": "2026-03-02" });
    let callback =
        |at: &str, phone: &str| json!({ "phone": phone, "at": at, "name": "Ana", "topic": "" });
    let disputed =
        |ids: Json| json!({ "payment_ids": ids, "reason": "not_mine", "description": "" });
    let table = [
        (
            "POST /cards/c9/replacement",
            replacement("10000001"),
            404,
            "no-such-card",
        ),
        (
            "POST /cards/c1/replacement",
            replacement("10000002"),
            403,
            "not-yours",
        ),
        ("POST /cards/c1/replacement", json!({}), 422, "malformed"),
        (
            "PUT /cards/c1/pin",
            json!({ "customer_id": "10000001", "pin": "2345" }),
            422,
            "weak-pin",
        ),
        (
            "PUT /customers/10000001/address",
            moved("00000"),
            422,
            "no-such-postcode",
        ),
        (
            "PUT /customers/10000001/phone",
            json!({ "phone": "0900 123456" }),
            422,
            "not-reachable",
        ),
        (
            "POST /customers/10000001/top-ups",
            top_up(1_000.01),
            422,
            "over-limit",
        ),
        (
            "POST /customers/10000002/top-ups",
            declined,
            402,
            "declined",
        ),
        (
            "POST /payments/TX-000201/trace",
            json!({ "customer_id": "10000001" }),
            403,
            "not-yours",
        ),
        (
            "POST /customers/10000001/disputes",
            disputed(json!([])),
            422,
            "how-many",
        ),
        (
            "POST /customers/10000001/disputes",
            disputed(json!(["TX-000201"])),
            403,
            "not-yours",
        ),
        (
            "POST /callbacks",
            callback("2026-03-07T09:00:00Z", "0900 123456"),
            422,
            "not-reachable",
        ),
        (
            "POST /ratings",
            json!({ "stars": 6, "comment": "" }),
            422,
            "no-such-rating",
        ),
        ("POST /nothing", json!({}), 404, "no-such-path"),
    ];
    for (line, body, status, code) in table {
        let (got, problem) = bank.send(line, Some(line), &body).await;
        assert_eq!(
            (got, problem["code"].as_str()),
            (status, Some(code)),
            "{line} {body}"
        );
    }
    assert_eq!(bank.counts().await, json!({}));
}

#[tokio::test]
async fn three_wrong_tries_lock_a_customer_out() {
    let bank = Outside::open().await;
    let attempt = |pin: &str| json!({ "customer_no": "10000001", "pin": pin });
    for left in [2, 1, 0] {
        let (_, answer) = bank.send("POST /challenge", None, &attempt("000000")).await;
        assert_eq!(answer, json!({ "ok": false, "tries_left": left }));
    }
    let (status, problem) = bank.send("POST /challenge", None, &attempt("123456")).await;
    assert_eq!((status, &problem["code"]), (423, &json!("locked")));
}

#[tokio::test]
async fn a_day_has_its_limit_for_top_ups() {
    let bank = Outside::open().await;
    let body = json!({ "source_id": "s1", "amount": { "amount": 1000.0, "currency": "EUR" } });
    for (key, status) in [("1", 200), ("2", 200), ("3", 422)] {
        let (got, _) = bank
            .send("POST /customers/10000001/top-ups", Some(key), &body)
            .await;
        assert_eq!(got, status);
    }
    assert_eq!(bank.counts().await, json!({ "make_top_up": 2 }));
}

#[tokio::test]
async fn payments_are_listed_by_stage_traced_once_and_disputed_once() {
    let bank = Outside::open().await;
    let (_, open) = bank.get("/customers/10000001/payments?state=open").await;
    assert_eq!(open["payments"].as_array().unwrap().len(), 4);
    assert_eq!(
        open["payments"][0]["amount"],
        json!({ "amount": 12.4, "currency": "EUR" })
    );
    let (status, _) = bank.get("/customers/10000001/payments?state=odd").await;
    assert_eq!(status, 422);
    let (_, held) = bank.get("/payments/TX-000103").await;
    assert_eq!(
        held,
        json!({ "status": "held", "expected_on": "2026-03-04" })
    );

    let mine = json!({ "customer_id": "10000001" });
    let (_, traced) = bank
        .send("POST /payments/TX-000101/trace", Some("1"), &mine)
        .await;
    assert_eq!(
        traced,
        json!({ "case_no": "T-101", "answer_by": "2026-03-16" })
    );
    let (status, _) = bank
        .send("POST /payments/TX-000101/trace", Some("2"), &mine)
        .await;
    assert_eq!(status, 409);

    let dispute = json!({ "payment_ids": ["TX-000105", "TX-000106"], "reason": "twice", "description": "two" });
    let (_, filed) = bank
        .send("POST /customers/10000001/disputes", None, &dispute)
        .await;
    assert_eq!(filed["case_no"], "D-102");
    let (status, _) = bank
        .send("POST /customers/10000001/disputes", None, &dispute)
        .await;
    assert_eq!(status, 409);
}

#[tokio::test]
async fn no_secret_is_shown_to_who_looks_at_the_orders() {
    let bank = Outside::open().await;
    let body = json!({ "customer_id": "10000001", "pin": "9052" });
    let (status, _) = bank.send("PUT /cards/c1/pin", Some("p"), &body).await;
    assert_eq!(status, 200);
    let (_, seen) = bank.get("/admin/orders").await;
    assert_eq!(seen["orders"][0]["idempotency_key"], "p");
    assert!(!seen.to_string().contains("9052"), "{seen}");
}

#[tokio::test]
async fn an_answer_that_is_lost_was_acted_upon() {
    let bank = Outside::open().await;
    let fault = json!({ "on": "POST /callbacks", "lose_answer": true });
    bank.send("POST /admin/faults", None, &fault).await;
    let body =
        json!({ "phone": "040 123456", "at": "2026-03-03T08:00:00Z", "name": "Ana", "topic": "" });
    let lost = bank
        .request("POST /callbacks")
        .header("Idempotency-Key", "c")
        .json(&body)
        .send()
        .await;
    let broken = match lost {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    };
    assert!(broken);
    let (status, again) = bank.send("POST /callbacks", Some("c"), &body).await;
    assert_eq!((status, &again["reference"]), (200, &json!("C-101")));
    assert_eq!(bank.counts().await, json!({ "book_callback": 1 }));
}

#[tokio::test]
async fn faults_hit_the_asked_requests_and_no_others() {
    let bank = Outside::open().await;
    for fault in [
        json!({ "on": "GET /payments/", "times": 2, "status": 500 }),
        json!({ "on": "POST /ratings", "delay_ms": 30_000 }),
    ] {
        bank.send("POST /admin/faults", None, &fault).await;
    }
    for status in [500, 500, 200] {
        assert_eq!(bank.get("/payments/TX-000101").await.0, status);
    }
    let rating = bank
        .request("POST /ratings")
        .timeout(Duration::from_millis(50))
        .json(&json!({}))
        .send()
        .await;
    assert!(rating.unwrap_err().is_timeout());
    let (_, none) = bank.send("DELETE /admin/faults", None, &json!({})).await;
    assert_eq!(none, json!({ "faults": [] }));
}

#[tokio::test]
async fn nobody_enters_without_the_key() {
    let bank = Outside::open().await;
    for path in ["/customers/10000001/cards", "/admin/orders"] {
        let response = bank
            .client
            .get(format!("{}{path}", bank.address))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status().as_u16(), 401);
    }
    let response = bank
        .client
        .get(format!("{}/openapi.json", bank.address))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 200);
}

#[tokio::test]
async fn every_described_operation_exists_and_every_tool_is_described() {
    let bank = Outside::open().await;
    let (_, described) = bank.get("/openapi.json").await;
    let mut lines = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for method in methods
            .as_object()
            .unwrap()
            .keys()
            .filter(|key| *key != "parameters")
        {
            let line = format!("{} {path}", method.to_uppercase());
            let (status, answer) = bank.send(&line, Some("x"), &json!({})).await;
            let missing = status == 405 || answer["code"] == "no-such-path";
            assert!(!missing, "{line} is described, but not there");
            lines.push(line);
        }
    }
    let tools = include_str!("../../../tools.yaml");
    let called = tools
        .lines()
        .filter_map(|line| line.trim().strip_prefix("http: \""));
    for tool in called.map(|line| line.trim_end_matches('"').replace("${BANK_URL}", "")) {
        assert!(
            lines.contains(&tool),
            "{tool} is called by a tool, but not described"
        );
    }
}

#[tokio::test]
async fn callbacks_come_on_working_days_and_three_at_once() {
    let bank = Outside::open().await;
    // A Saturday before the clocks change, at nine in Berlin.
    let body =
        json!({ "phone": "040 123456", "at": "2026-03-28T08:00:00Z", "name": "Ana", "topic": "" });
    for key in ["1", "2", "3"] {
        let (_, booked) = bank.send("POST /callbacks", Some(key), &body).await;
        assert_eq!(booked["at"], "2026-03-30T07:00:00Z");
    }
    let (status, problem) = bank.send("POST /callbacks", Some("4"), &body).await;
    assert_eq!((status, &problem["code"]), (409, &json!("nobody-free")));
}
