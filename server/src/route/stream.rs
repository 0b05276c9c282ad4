//! What a conversation's client is told as it happens: server-sent events, and the same over WebSocket.
//!
//! Only committed entries have an id; a client that comes back with `Last-Event-ID` misses nothing and gets nothing twice.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use runtime::{Feed, FeedItem};
use serde::Deserialize;

use super::SharedApp;
use super::extract::OfConversation;
use crate::problem::Problem;

/// A comment goes out when nothing else does, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// Entries after this number; the header `Last-Event-ID` does the same.
    after: Option<u64>,
}

/// Follow a conversation: what is said, who speaks, its end.
#[utoipa::path(get, path = "/v1/conversations/{id}/events", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), After),
    responses((status = 200, description = "Server-sent events `message`, `delta`, `typing`, `owner`, `queue`, `end`", content_type = "text/event-stream"),
        (status = 404, description = "No such conversation", body = Problem), (status = 410, description = "Older than what is kept", body = Problem)))]
pub(crate) async fn events(
    State(app): State<SharedApp>,
    of: OfConversation,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let feed = open(&app, &of, query.after, &headers).await?;
    Ok(Sse::new(entries(feed))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response())
}

/// Follow a conversation over WebSocket: each entry is a text frame `{id?, event, data}`.
#[utoipa::path(get, path = "/v1/conversations/{id}/ws", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), After),
    responses((status = 101, description = "Upgraded"), (status = 404, description = "No such conversation", body = Problem)))]
pub(crate) async fn websocket(
    State(app): State<SharedApp>,
    of: OfConversation,
    Query(query): Query<After>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let feed = open(&app, &of, query.after, &headers).await?;
    Ok(upgrade.on_upgrade(|socket| tell(socket, feed)))
}

async fn open(
    app: &SharedApp,
    of: &OfConversation,
    after: Option<u64>,
    headers: &HeaderMap,
) -> Result<Feed, Problem> {
    let last = headers
        .get("last-event-id")
        .map(|value| value.to_str().ok().and_then(|text| text.parse().ok()));
    let after = match (last, after) {
        (Some(None), _) => {
            return Err(Problem::bad_request(
                "last-event-id",
                "`Last-Event-ID` is the number of an entry.",
            ));
        }
        (Some(Some(seq)), _) | (None, Some(seq)) => seq,
        (None, None) => 0,
    };
    Ok(app.runtime.subscribe(&of.id, after).await?)
}

fn entries(feed: Feed) -> impl Stream<Item = Result<Event, Infallible>> {
    futures_util::stream::unfold(feed, |mut feed| async move {
        // A store that fails ends the stream; the client comes back and is told why.
        let item = feed.next().await.ok().flatten()?;
        Some((Ok(sse(&item)), feed))
    })
}

fn sse(item: &FeedItem) -> Event {
    let event = Event::default().event(item.kind).data(&*item.json);
    match item.seq {
        Some(seq) => event.id(seq.to_string()),
        None => event,
    }
}

async fn tell(mut socket: WebSocket, mut feed: Feed) {
    loop {
        tokio::select! {
            next = feed.next() => match next {
                Ok(Some(item)) => {
                    let id = item.seq.map_or(String::new(), |seq| format!("\"id\":{seq},"));
                    let text = format!("{{{id}\"event\":\"{}\",\"data\":{}}}", item.kind, item.json);
                    if socket.send(Frame::Text(text.into())).await.is_err() {
                        return;
                    }
                }
                Ok(None) | Err(_) => break,
            },
            received = socket.recv() => match received {
                Some(Ok(_)) => {} // The way in is POST, which is acknowledged; what comes here is answered by the protocol.
                Some(Err(_)) | None => return,
            },
        }
    }
    let going_away = CloseFrame {
        code: close_code::AWAY,
        reason: "read again".into(),
    };
    let _ = socket.send(Frame::Close(Some(going_away))).await;
}
