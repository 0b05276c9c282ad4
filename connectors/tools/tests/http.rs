//! HTTP tools against a real server: what is sent, and how every way of failing is told.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where it finds something else than expected"
)]

mod support;

use std::collections::BTreeMap;

use dialog::{ArgPlace, ErrorKind, Repeat, ToolError, ToolOutcome, Value, ValueType};
use jiff::SignedDuration;
use support::{Outside, arg, call, echoed, tool, twice};
use tools::{HttpClient, Place, PrivateAddresses, Toolbox};

fn failed(kind: ErrorKind, status: Option<u16>, code: Option<&str>) -> ToolOutcome {
    ToolOutcome::Failed(ToolError {
        kind,
        status,
        code: code.map(str::to_owned),
    })
}

fn field<'a>(outcome: &'a ToolOutcome, name: &str) -> &'a str {
    match outcome {
        ToolOutcome::Returned { result } => result.field(name).and_then(Value::as_text).unwrap(),
        ToolOutcome::Failed(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn arguments_go_where_they_belong_and_stay_within_it() {
    let outside = Outside::start().await;
    let mut order = tool("POST", "${CORE_URL}/echo/cards/{card_id}/replacement");
    order.args = vec![
        arg("card_id", ValueType::Text, ArgPlace::Path),
        arg("reason", ValueType::Text, ArgPlace::Body),
        arg("page", ValueType::Int, ArgPlace::Query),
    ];
    order.returns = Some(echoed());
    let args = [
        ("card_id", "../a b?x=1#ä/..".into()),
        ("reason", "it's \"lost\"".into()),
        ("page", Value::Int(3)),
    ];
    let outcome = outside.call(order, &args).await;
    assert_eq!(field(&outcome, "method"), "POST");
    assert_eq!(
        field(&outcome, "path"),
        "/echo/cards/..%2Fa%20b%3Fx%3D1%23%C3%A4%2F../replacement"
    );
    assert_eq!(field(&outcome, "query"), "page=3");
    assert_eq!(field(&outcome, "body"), r#"{"reason":"it's \"lost\""}"#);
}

#[tokio::test]
async fn a_path_argument_of_dots_is_refused_before_anything_is_sent() {
    let outside = Outside::start().await;
    let mut read = tool("GET", "${CORE_URL}/echo/{id}/x");
    read.args = vec![arg("id", ValueType::Text, ArgPlace::Path)];
    for id in ["..", ".", ""] {
        let outcome = outside.call(read.clone(), &[("id", id.into())]).await;
        assert_eq!(outcome, failed(ErrorKind::Invalid, None, None));
    }
    assert_eq!(outside.asked(), 0);
}

/// The headers that the echo saw.
async fn headers(login: Option<&str>, repeat: Repeat) -> BTreeMap<String, Value> {
    let outside = Outside::start().await;
    let mut read = tool("GET", "${CORE_URL}/echo/x");
    read.login = login.map(str::to_owned);
    read.repeat = repeat;
    read.args = vec![arg("x_branch", ValueType::Text, ArgPlace::Header)];
    let names = ["x-api-key", "authorization", "idempotency-key", "x-branch"];
    let fields = names.map(|name| (name.to_owned(), ValueType::Text));
    let mut seen = BTreeMap::new();
    for one in fields {
        let shape = BTreeMap::from([("headers".to_owned(), ValueType::Map(BTreeMap::from([one])))]);
        read.returns = Some(ValueType::Map(shape));
        let outcome = outside
            .call(read.clone(), &[("x_branch", "north".into())])
            .await;
        let ToolOutcome::Returned { result } = outcome else {
            continue;
        };
        if let Some(Value::Map(found)) = result.field("headers") {
            seen.extend(found.clone());
        }
    }
    seen
}

#[tokio::test]
async fn logins_and_the_idempotency_key_are_headers() {
    let seen = headers(Some("core"), Repeat::Keyed).await;
    assert_eq!(seen.get("x-api-key"), Some(&"k-1".into()));
    assert_eq!(seen.get("idempotency-key"), Some(&"c1/4/2".into()));
    assert_eq!(seen.get("x-branch"), Some(&"north".into()));
    let seen = headers(Some("bank"), Repeat::Safe).await;
    assert_eq!(seen.get("authorization"), Some(&"Bearer t-1".into()));
    assert_eq!(seen.get("idempotency-key"), None);
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again_under_the_same_key() {
    let outside = Outside::start().await;
    let mut order = twice(tool("POST", "${CORE_URL}/fails-once"));
    order.repeat = Repeat::Keyed;
    order.returns = Some(ValueType::Map(BTreeMap::from([(
        "key".into(),
        ValueType::Text,
    )])));
    let outcome = outside.call(order, &[]).await;
    assert_eq!(field(&outcome, "key"), "c1/4/2");
    assert_eq!(outside.asked(), 2);
}

#[tokio::test]
async fn retries_end_and_refusals_are_not_retried() {
    let outside = Outside::start().await;
    let outcome = outside
        .call(twice(tool("GET", "${CORE_URL}/always-500")), &[])
        .await;
    assert_eq!(outcome, failed(ErrorKind::Failed, Some(500), None));
    assert_eq!(outside.asked(), 3);
    let outcome = outside
        .call(twice(tool("GET", "${CORE_URL}/problem")), &[])
        .await;
    assert_eq!(
        outcome,
        failed(ErrorKind::Refused, Some(404), Some("card-unknown"))
    );
    assert_eq!(outside.asked(), 4);
}

#[tokio::test]
async fn what_must_not_happen_twice_is_attempted_once() {
    let outside = Outside::start().await;
    let mut never = twice(tool("POST", "${CORE_URL}/always-500"));
    never.repeat = Repeat::Never;
    let outcome = outside.call(never, &[]).await;
    assert_eq!(outcome, failed(ErrorKind::Failed, Some(500), None));
    assert_eq!(outside.asked(), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_leaves_a_never_tool_unknown() {
    let outside = Outside::start_breaking().await;
    let mut never = twice(tool("POST", "${CORE_URL}/x"));
    never.repeat = Repeat::Never;
    let outcome = outside.call(never, &[]).await;
    assert_eq!(outcome, failed(ErrorKind::Unknown, None, None));
    assert_eq!(outside.asked(), 1);
    let outcome = outside
        .call(twice(tool("POST", "${CORE_URL}/x")), &[])
        .await;
    assert_eq!(outcome, failed(ErrorKind::Unreachable, None, None));
    assert_eq!(outside.asked(), 4);
}

#[tokio::test]
async fn nobody_there_is_unreachable_also_for_a_never_tool() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", free.local_addr().unwrap());
    drop(free);
    let outside = Outside::start().await;
    let mut never = tool("POST", &url);
    never.repeat = Repeat::Never;
    let outcome = outside.call(never, &[]).await;
    assert_eq!(outcome, failed(ErrorKind::Unreachable, None, None));
}

#[tokio::test]
async fn a_server_that_hangs_is_a_timeout() {
    let outside = Outside::start().await;
    let mut slow = twice(tool("GET", "${CORE_URL}/hang"));
    slow.timeout = SignedDuration::from_millis(50);
    let outcome = outside.call(slow, &[]).await;
    assert_eq!(outcome, failed(ErrorKind::Timeout, None, None));
    assert_eq!(outside.asked(), 3);
}

#[tokio::test]
async fn an_answer_that_is_not_as_declared_is_invalid() {
    let outside = Outside::start().await;
    for path in ["huge", "words"] {
        let mut read = tool("GET", &format!("${{CORE_URL}}/{path}"));
        read.returns = Some(echoed());
        let outcome = outside.call(read, &[]).await;
        assert_eq!(
            outcome,
            failed(ErrorKind::Invalid, Some(200), None),
            "{path}"
        );
    }
    let mut wrong = tool("GET", "${CORE_URL}/echo/x");
    wrong.returns = Some(ValueType::Map(BTreeMap::from([(
        "path".into(),
        ValueType::Int,
    )])));
    let outcome = outside.call(wrong, &[]).await;
    assert_eq!(outcome, failed(ErrorKind::Invalid, Some(200), None));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let outside = Outside::start().await;
    let outcome = outside.call(tool("GET", "${CORE_URL}/moved"), &[]).await;
    assert_eq!(outcome, failed(ErrorKind::Invalid, Some(302), None));
    assert_eq!(outside.asked(), 0);
}

#[tokio::test]
async fn private_addresses_are_refused_as_literal_and_as_name() {
    let outside = Outside::start().await;
    let port = outside.url.rsplit(':').next().unwrap().to_owned();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "localhost",
    ] {
        let read = twice(tool("GET", &format!("http://{host}:{port}/echo/x")));
        let refused = outside
            .call_where(PrivateAddresses::Refused, read.clone(), &[])
            .await;
        assert_eq!(
            refused,
            failed(ErrorKind::Unreachable, None, Some("address-refused")),
            "{host}"
        );
    }
    assert_eq!(outside.asked(), 0);
    let read = tool("GET", &format!("http://localhost:{port}/echo/x"));
    let allowed = outside
        .call_where(PrivateAddresses::Loopback, read, &[])
        .await;
    assert!(
        matches!(allowed, ToolOutcome::Returned { .. }),
        "{allowed:?}"
    );
}

#[tokio::test]
async fn a_file_s_mistakes_show_before_the_first_call() {
    let client = HttpClient::new(PrivateAddresses::Refused).unwrap();
    let why = |url: &str, login: Option<&str>| {
        let mut read = tool("GET", url);
        read.login = login.map(str::to_owned);
        match Toolbox::new(&[read], &Place::default(), &client) {
            Ok(_) => String::new(),
            Err(problems) => problems[0].to_string(),
        }
    };
    assert_eq!(
        why("${CORE_URL}/x", None),
        "tool `tool`: `${CORE_URL}` is not set: set the environment variable, or give a default as `${CORE_URL:-…}`"
    );
    assert_eq!(why("${CORE_URL:-https://core.example}/x", None), "");
    assert_eq!(
        why("https://a.example/{id}", None),
        "tool `tool`: the address names `{id}`, which is no argument of the tool"
    );
    assert_eq!(
        why("ftp://a.example/", None),
        "tool `tool`: the address is not an http or https one"
    );
    assert_eq!(
        why("https://a.example/", Some("core")),
        "tool `tool`: the login `core` is not set up here"
    );
}

#[tokio::test]
async fn the_calculator_is_a_tool_like_any_other() {
    let mut calculator = tool("", "");
    calculator.kind = dialog::ToolKind::Builtin("calculator".into());
    let client = HttpClient::new(PrivateAddresses::Refused).unwrap();
    let toolbox = Toolbox::new(&[calculator], &Place::default(), &client).unwrap();
    let args = [("expression", Value::from("3 * (1 + 2)"))];
    let outcome = toolbox.get("tool").unwrap().call(call(&args)).await;
    let ToolOutcome::Returned { result } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(result.field("value"), Some(&Value::Number(9.0)));
}
