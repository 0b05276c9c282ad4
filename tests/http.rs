//! The HTTP API as a client meets it: what is promised, and what bad requests get.

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{Server, bench_bot, bot_of, code, switchboard};
use tempfile::TempDir;

fn serve() -> (Server, TempDir) {
    let data = tempfile::tempdir().expect("a folder");
    (Server::start(&bench_bot(), data.path(), &[]), data)
}

#[tokio::test]
async fn a_message_is_one_turn_however_often_it_comes() {
    let (server, _data) = serve();
    let one = server.open(json!({})).await;
    let first = server.say(&one, "m1", "show me the menu").await;
    let again = server.say(&one, "m1", "show me the menu").await;
    assert_eq!(first["turn"], again["turn"]);
    assert_eq!(first["messages"], again["messages"]);
    let other = server
        .send(&one, json!({ "id": "m1", "text": "something else" }))
        .await;
    assert_eq!(code(other, 422).await, "id-reused");
}

#[tokio::test]
async fn a_choice_is_taken_and_a_stale_one_asks_again() {
    let (server, _data) = serve();
    let one = server.open(json!({})).await;
    let menu = server.say(&one, "m1", "show me the menu").await;
    let choices = &menu["messages"][0]["choices"];
    let (choice, other) = (choices[0]["id"].clone(), choices[1]["id"].clone());
    let picked: Value = server
        .send(&one, json!({ "id": "m2", "choice": choice }))
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(picked["messages"][0]["text"], "You picked apples.");
    let stale: Value = server
        .send(&one, json!({ "id": "m3", "choice": other }))
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(stale["messages"][0]["text"], "Apples or pears?");
}

#[tokio::test]
async fn the_stream_resumes_with_nothing_lost_or_doubled() {
    let (server, _data) = serve();
    let one = server.open(json!({})).await;
    server.say(&one, "m1", "show me the menu").await;
    let path = format!("/v1/conversations/{}/events?after=1", one.id);
    let mut stream = server.get(&path, Some(&one.token)).await;
    let mut text = String::new();
    while !text.contains("Apples or pears?") {
        let part = stream
            .chunk()
            .await
            .expect("a part")
            .expect("the stream goes on");
        text.push_str(std::str::from_utf8(&part).expect("text"));
    }
    assert!(!text.contains("Hello."), "entry 1 was read before: {text}");
    assert!(
        text.contains("event: message") && text.contains("id: 2"),
        "{text}"
    );
}

#[tokio::test]
async fn bad_requests_get_a_problem_with_a_stable_code() {
    let (server, _data) = serve();
    let one = server.open(json!({})).await;
    let messages = format!("{}/v1/conversations/{}/messages", server.base, one.id);
    let raw = |body: &'static str| {
        server
            .client
            .post(&messages)
            .bearer_auth(&one.token)
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    assert_eq!(
        code(raw("{").await.expect("it answers"), 400).await,
        "json-invalid"
    );
    assert_eq!(
        code(raw(r#"{"id": 1}"#).await.expect("it answers"), 400).await,
        "field-invalid"
    );
    assert_eq!(
        code(
            raw(r#"{"id": "x", "txt": "hi"}"#)
                .await
                .expect("it answers"),
            400
        )
        .await,
        "field-invalid"
    );
    assert_eq!(
        code(raw(r#"{"id": "x"}"#).await.expect("it answers"), 400).await,
        "field-invalid"
    );
    let plain = server
        .client
        .post(&messages)
        .bearer_auth(&one.token)
        .body("hi")
        .send()
        .await
        .expect("it answers");
    assert_eq!(code(plain, 415).await, "not-json");
    let large = json!({ "id": "x", "text": "x".repeat(300_000) });
    assert_eq!(
        code(server.send(&one, large).await, 413).await,
        "body-too-large"
    );
    let long = json!({ "id": "x", "text": "x".repeat(9_000) });
    assert_eq!(
        code(server.send(&one, long).await, 422).await,
        "text-too-long"
    );
    let event = json!({ "id": "x", "event": { "name": "nothing" } });
    assert_eq!(
        code(server.send(&one, event).await, 422).await,
        "event-refused"
    );
    let choice = json!({ "id": "x", "choice": "nonsense" });
    assert_eq!(
        code(server.send(&one, choice).await, 422).await,
        "choice-unknown"
    );
    assert_eq!(
        code(server.get("/v1/nothing", None).await, 404).await,
        "not-found"
    );
    let wrong_method = server
        .client
        .delete(&messages)
        .send()
        .await
        .expect("it answers");
    assert_eq!(code(wrong_method, 405).await, "method-not-allowed");
}

#[tokio::test]
async fn what_belongs_to_others_is_not_found() {
    let (server, _data) = serve();
    let (mine, other) = (server.open(json!({})).await, server.open(json!({})).await);
    let path = |id: &str| format!("/v1/conversations/{id}");
    assert_eq!(
        server
            .get(&path(&mine.id), Some(&mine.token))
            .await
            .status(),
        StatusCode::OK
    );
    assert_eq!(
        code(server.get(&path(&other.id), Some(&mine.token)).await, 404).await,
        "not-found"
    );
    assert_eq!(
        code(server.get(&path("no-such"), Some(&mine.token)).await, 404).await,
        "not-found"
    );
    assert_eq!(
        code(server.get(&path(&mine.id), Some("wrong")).await, 401).await,
        "unauthorized"
    );
    let trace = format!("{}/trace", path(&mine.id));
    assert_eq!(
        code(server.get(&trace, Some(&mine.token)).await, 403).await,
        "role"
    );
    let queue = server
        .get("/v1/conversations?owner=queued", Some(&mine.token))
        .await;
    assert_eq!(code(queue, 401).await, "unauthorized");
}

#[tokio::test]
async fn foreign_pages_and_proxies_are_refused_on_loopback() {
    let (server, _data) = serve();
    let get = |name: &'static str, value: &'static str| {
        server
            .client
            .get(format!("{}/health/live", server.base))
            .header(name, value)
            .send()
    };
    assert_eq!(
        code(
            get("origin", "https://evil.example")
                .await
                .expect("it answers"),
            403
        )
        .await,
        "origin"
    );
    assert_eq!(
        code(get("host", "evil.example").await.expect("it answers"), 403).await,
        "host"
    );
    assert_eq!(
        code(
            get("x-forwarded-for", "1.2.3.4").await.expect("it answers"),
            403
        )
        .await,
        "forwarded"
    );
    assert_eq!(
        server.get("/health/live", None).await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_api_describes_itself() {
    let (server, _data) = serve();
    let description: Value = server
        .get("/openapi.json", None)
        .await
        .json()
        .await
        .expect("JSON");
    assert!(
        description["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    for path in [
        "/v1/conversations",
        "/v1/conversations/{id}/messages",
        "/v1/conversations/{id}/events",
        "/v1/events",
        "/v1/users/{id}",
    ] {
        assert!(
            description["paths"][path].is_object(),
            "{path} is not described"
        );
    }
    let docs = server.get("/docs", None).await.text().await.expect("text");
    assert!(docs.contains("/v1/conversations/{id}/messages"));
    server.open(json!({})).await;
    let metrics = server
        .get("/metrics", None)
        .await
        .text()
        .await
        .expect("text");
    assert!(metrics.contains("# TYPE"), "{metrics}");
}

/// A bot that listens to everybody, with keys: what a visitor may do is only visible where nobody is the operator by default.
const OPEN: &[(&str, &str)] = &[
    (
        "bot.yaml",
        r"
bot: open
locales: [en]
tz: UTC
slots:
  plan:  { type: text, scope: session, from_visitor: true }
  staff: { type: bool, scope: session, default: false }
events:
  page_seen: { fields: { page: text }, from_visitor: true }
  outage:    { service: text }
anywhere:
  event.page_seen: { say: seen }
  event.outage:    { say: noticed }
router: [{ do: say, say: again }]
session: { idle: 24h, greet: { first: { say: welcome }, returning: { say: welcome } } }
",
    ),
    (
        "flows/answers.yaml",
        "answers: { opening: { say: opening } }\n",
    ),
    (
        "intents/en/all.yaml",
        "intents:\n  opening:\n    examples: |\n      when are you open\n      opening hours\n      are you open today\n      how late are you open\n      until when are you open\n      opening times please\n",
    ),
    (
        "templates/en/all.yaml",
        "welcome: Hello.\nagain: Again?\nopening: From nine to five.\nseen: \"You see {{event.page}}.\"\nnoticed: \"{{event.service}} is down.\"\nlabels: { intents: { opening: Opening hours } }\n",
    ),
];

const KEYS: &[(&str, &str)] = &[("agent", "agent-key"), ("integrator", "crm-key")];

fn serve_everybody() -> (Server, TempDir, TempDir) {
    use sha2::Digest as _;
    let (bot, data) = (bot_of(OPEN), tempfile::tempdir().expect("a folder"));
    let keys: String = KEYS
        .iter()
        .map(|(role, key)| {
            let hash: String = sha2::Sha256::digest(key.as_bytes())
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("    - {{ name: {role}, role: {role}, sha256: {hash} }}\n")
        })
        .collect();
    let place = format!("listen: 0.0.0.0:0\nauth:\n  keys:\n{keys}");
    std::fs::write(bot.path().join("switchboard.yaml"), place).expect("a file");
    let mut command = switchboard();
    command
        .arg("serve")
        .arg(bot.path())
        .arg("--data")
        .arg(data.path());
    (Server::launch(command), bot, data)
}

#[tokio::test]
async fn a_visitor_may_set_and_send_what_is_declared_for_visitors_only() {
    let (server, _bot, _data) = serve_everybody();
    let open =
        |token: Option<&'static str>, body: Value| server.post("/v1/conversations", token, body);
    let foreign = open(None, json!({ "user": "ana" })).await;
    assert_eq!(code(foreign, 403).await, "user-refused");
    let chosen = open(None, json!({ "id": "c-1" })).await;
    assert_eq!(code(chosen, 403).await, "user-refused");
    let slot = open(None, json!({ "slots": { "staff": true } })).await;
    assert_eq!(code(slot, 422).await, "slot-refused");
    let unknown = open(None, json!({ "slots": { "nothing": true } })).await;
    assert_eq!(code(unknown, 422).await, "slot-refused");
    let one = server.open(json!({ "slots": { "plan": "basic" } })).await;
    let event = |name: &str, data: Value| {
        server.send(
            &one,
            json!({ "id": name, "event": { "name": name, "data": data } }),
        )
    };
    let taken: Value = event("page_seen", json!({ "page": "prices" }))
        .await
        .json()
        .await
        .expect("JSON");
    assert_eq!(taken["messages"][0]["text"], "You see prices.");
    let refused = event("outage", json!({ "service": "cards" })).await;
    assert_eq!(code(refused, 422).await, "event-refused");
    let integrator = open(
        Some("crm-key"),
        json!({ "user": "ana", "slots": { "staff": true } }),
    )
    .await;
    assert_eq!(integrator.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn every_door_asks_for_its_key() {
    let (server, _bot, _data) = serve_everybody();
    let one = server.open(json!({})).await;
    let path = format!("/v1/conversations/{}", one.id);
    assert_eq!(
        code(server.get(&path, None).await, 401).await,
        "unauthorized"
    );
    assert_eq!(
        server.get(&path, Some(&one.token)).await.status(),
        StatusCode::OK
    );
    for path in [
        "/v1/conversations",
        "/v1/users/ana",
        "/v1/store",
        "/v1/costs",
        "/v1/dead-letters",
        "/v1/bots",
        "/metrics",
    ] {
        assert_eq!(
            code(server.get(path, None).await, 401).await,
            "unauthorized",
            "{path}"
        );
        assert_eq!(
            code(server.get(path, Some(&one.token)).await, 401).await,
            "unauthorized",
            "{path}"
        );
    }
    for path in [
        "/v1/users/ana",
        "/v1/store",
        "/v1/costs",
        "/v1/dead-letters",
    ] {
        assert_eq!(
            code(server.get(path, Some("agent-key")).await, 403).await,
            "role",
            "{path}"
        );
    }
    assert_eq!(
        server
            .get("/v1/conversations", Some("agent-key"))
            .await
            .status(),
        StatusCode::OK
    );
    let event = json!({ "id": "e", "name": "outage", "data": { "service": "cards" }, "to": { "conversation": one.id } });
    let refused = server
        .post("/v1/events", Some(&one.token), event.clone())
        .await;
    assert_eq!(code(refused, 401).await, "unauthorized");
    let refused = server
        .post("/v1/events", Some("agent-key"), event.clone())
        .await;
    assert_eq!(code(refused, 403).await, "role");
    let taken = server.post("/v1/events", Some("crm-key"), event).await;
    assert_eq!(taken.status(), StatusCode::OK);
    let erase = server
        .client
        .delete(format!("{}/v1/users/ana", server.base));
    let erase = erase
        .bearer_auth("crm-key")
        .send()
        .await
        .expect("it answers");
    assert_eq!(code(erase, 403).await, "role");
}

/// What a phone, a broken client or a bored person sends is answered like anything that is not understood.
#[tokio::test]
async fn odd_texts_are_answered() {
    let (server, _data) = serve();
    let texts = [
        "👍🏽👍🏽".to_owned(),
        "7".repeat(4_000),
        "\u{0}\u{1}\u{7f}".to_owned(),
        "\u{202e}abc\u{2066}".to_owned(),
        "c\u{200b}a\u{200d}r\u{feff}d".to_owned(),
        format!("a{}", "\u{301}".repeat(3_000)),
        "أين بطاقتي".to_owned(),
        "?!.,;:".repeat(600),
        "a".repeat(7_000),
    ];
    for (number, text) in texts.iter().enumerate() {
        let one = server.open(json!({})).await;
        let said = server.say(&one, "m1", text).await;
        let answers = said["messages"].as_array().expect("a list");
        assert!(!answers.is_empty(), "{number}: {said}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_utf_8_is_refused() {
    let (server, _data) = serve();
    let one = server.open(json!({})).await;
    let messages = format!("{}/v1/conversations/{}/messages", server.base, one.id);
    for body in [
        b"{\"id\":\"x\",\"text\":\"caf\xe9\"}".as_slice(),
        b"\xff\xfe{\x00".as_slice(),
        b"{\"id\":\"x\",\"text\":\"\\ud800\"}".as_slice(),
    ] {
        let answer = server
            .client
            .post(&messages)
            .bearer_auth(&one.token)
            .header("content-type", "application/json")
            .body(body.to_vec())
            .send()
            .await
            .expect("it answers");
        assert_eq!(code(answer, 400).await, "json-invalid");
    }
}
