//! The examples of `docs/http.md` are requests that a server answers.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, StatusCode};

use crate::commands::split;
use crate::page::documentation;
use crate::support::Server;
use crate::yaml::{shown, starter};

/// A call of curl, as far as the page uses it: `-X`, `-H`, `-d`, an address below `$SERVER`.
struct Curl {
    method: Option<Method>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    path: String,
}

fn read(line: &str) -> Curl {
    let mut curl = Curl {
        method: None,
        headers: Vec::new(),
        body: None,
        path: String::new(),
    };
    let mut words = split(line).into_iter().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().expect("the flag has a value");
        match word.as_str() {
            "-s" | "-N" | "-sN" => {}
            "-X" => curl.method = value().parse().ok(),
            "-H" => {
                let header = value();
                let (name, content) = header.split_once(": ").expect("name: value");
                curl.headers.push((name.to_owned(), content.to_owned()));
            }
            "-d" => curl.body = Some(value()),
            address => {
                let path = address.strip_prefix("$SERVER");
                curl.path = path.unwrap_or_else(|| panic!("{line}")).to_owned();
            }
        }
    }
    curl
}

async fn status(server: &Server, curl: Curl) -> StatusCode {
    let default = match curl.body {
        Some(_) => Method::POST,
        None => Method::GET,
    };
    let url = format!("{}{}", server.base, curl.path);
    let mut request = server.client.request(curl.method.unwrap_or(default), url);
    for (name, value) in curl.headers {
        request = request.header(name, value);
    }
    if let Some(body) = curl.body {
        request = request.header(CONTENT_TYPE, "application/json").body(body);
    }
    request.send().await.expect("it answers").status()
}

/// The page's calls of curl; a line that ends in a backslash goes on in the next.
fn calls(blocks: &[crate::page::Block]) -> Vec<String> {
    let of_shell = blocks.iter().filter(|one| one.language == "sh");
    let text: String = of_shell.map(|one| one.text.replace("\\\n", " ")).collect();
    let lines = text.lines().filter(|line| line.starts_with("curl "));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn each_request_of_the_page_is_answered() {
    let page = documentation()
        .into_iter()
        .find(|page| page.path == "docs/http.md");
    let page = page.expect("there is a page about HTTP");
    let bot = shown(&page, &starter()).write();
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(bot.path(), data.path(), &[]);
    let calls = calls(&page.fenced());
    assert!(calls.len() > 20, "the page has examples");
    for call in calls {
        let status = status(&server, read(&call)).await;
        assert!(status.is_success(), "{status}: {call}");
    }
}
