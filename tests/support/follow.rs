//! A conversation's server-sent events, as a client reads them.

use reqwest::Response;
use serde_json::{Value, json};

use super::{Conversation, PATIENCE, Server};

/// The events of a conversation, one after another.
pub(crate) struct Followed {
    stream: Response,
    text: String,
}

impl Server {
    /// Follows a conversation from behind this entry on; 0 = from its beginning.
    pub(crate) async fn follow(&self, one: &Conversation, after: u64) -> Followed {
        let path = format!("/v1/conversations/{}/events?after={after}", one.id);
        Followed {
            stream: self.get(&path, Some(&one.token)).await,
            text: String::new(),
        }
    }
}

impl Followed {
    /// The next event as `{id, event, data}`; what is not committed has no `id`.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event(block), rest.to_owned());
                self.text = rest;
                match event {
                    Some(event) => return event,
                    None => continue,
                }
            }
            let part = tokio::time::timeout(PATIENCE, self.stream.chunk()).await;
            let part = part.expect("it comes in time").expect("a part");
            let part = part.expect("the stream goes on");
            self.text
                .push_str(std::str::from_utf8(&part).expect("text"));
        }
    }

    /// All events up to the first of this kind.
    pub(crate) async fn until(&mut self, kind: &str) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await;
            let is_last = event["event"] == kind;
            events.push(event);
            if is_last {
                return events;
            }
        }
    }

    /// The next committed events, so many.
    pub(crate) async fn committed(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            let event = self.next().await;
            if event.get("id").is_some() {
                events.push(event);
            }
        }
        events
    }
}

/// An event's fields; none for a comment.
fn event(block: &str) -> Option<Value> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
    let data: Value = serde_json::from_str(field("data: ")?).ok()?;
    let mut event = json!({ "event": field("event: ")?, "data": data });
    if let Some(id) = field("id: ").and_then(|id| id.parse::<u64>().ok()) {
        event["id"] = id.into();
    }
    Some(event)
}
