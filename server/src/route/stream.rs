//! What a conversation's client is told as it happens: server-sent events, and the same over WebSocket.
//!
//! Only committed entries have an id; a client that comes back with `Last-Event-ID` misses nothing and gets nothing twice.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket, WebSocketUpgrade, close_code};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::Stream;
use runtime::{Feed, FeedItem};
use serde::Deserialize;
use serde_json::json;

use super::SharedApp;
use super::extract::{OfConversation, Query};
use crate::problem::Problem;

/// A comment (over WebSocket a ping) goes out when nothing else does, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The close code in place of the status 410; RFC 6455 leaves 4000 to 4999 to applications.
const CLOSED_GONE: u16 = 4410;

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
        (status = 404, description = "No such conversation", body = Problem), (status = 410, description = "The entries after `Last-Event-ID` are not kept any more (`events-gone`)", body = Problem),
        (status = 503, description = "Shutting down", body = Problem)))]
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
///
/// A browser's client sees no status of a refused upgrade; where the entries after `after` are not kept any more, the connection
/// is opened, gets a frame `{event: "problem", data: <problem details>}` and is closed with the code 4410.
#[utoipa::path(get, path = "/v1/conversations/{id}/ws", tag = "conversations",
    params(("id" = String, Path, description = "The conversation"), After),
    responses((status = 101, description = "Upgraded; closed with 1001 = connect and read again, 4410 = older than what is kept"),
        (status = 404, description = "No such conversation", body = Problem), (status = 503, description = "Shutting down", body = Problem)))]
pub(crate) async fn websocket(
    State(app): State<SharedApp>,
    of: OfConversation,
    Query(query): Query<After>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    match open(&app, &of, query.after, &headers).await {
        Ok(feed) => Ok(upgrade.on_upgrade(|socket| tell(socket, feed))),
        Err(gone) if gone.is_gone() => Ok(upgrade.on_upgrade(|socket| refuse(socket, gone))),
        Err(problem) => Err(problem),
    }
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
    let mut alive = tokio::time::interval(KEEP_ALIVE);
    loop {
        tokio::select! {
            _ = alive.tick() => if socket.send(Frame::Ping(Bytes::new())).await.is_err() {
                return;
            },
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
    close(socket, close_code::AWAY, "read again").await;
}

/// Tells why there is nothing to follow.
async fn refuse(mut socket: WebSocket, problem: Problem) {
    let text = json!({ "event": "problem", "data": problem }).to_string();
    if socket.send(Frame::Text(text.into())).await.is_ok() {
        close(socket, CLOSED_GONE, problem.code).await;
    }
}

async fn close(mut socket: WebSocket, code: u16, reason: &'static str) {
    let reason = reason.into();
    // Who has gone already needs no farewell.
    let _ = socket
        .send(Frame::Close(Some(CloseFrame { code, reason })))
        .await;
}
