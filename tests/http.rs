//! The HTTP API as a client meets it: what is promised, and what bad requests get.

mod support;

use reqwest::StatusCode;
use serde_json::{Value, json};
use support::{Server, bench_bot, code};
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
