//! An operator's chores on the store. The command line calls these, through the control socket of a running server or on a
//! folder that nobody holds.

use std::io::{self, BufWriter, Write};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use runtime::TurnError;
use serde::Deserialize;
use serde_json::{Value as Any, json};
use store::{Cursor, DeadLetter};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tracing::error;
use utoipa::IntoParams;

use super::SharedApp;
use super::extract::{Operator, Query};
use crate::problem::Problem;

/// sled does not give room back by itself: from this ratio on, compacting pays.
const DISK_TO_LIVE_MAX: f64 = 5.0;
/// Letters of a page.
const PAGE: usize = 100;

/// What the store holds, and how much room it takes.
#[utoipa::path(get, path = "/v1/store", tag = "operator", responses((status = 200, description = "Rows, bytes, health")))]
pub(crate) async fn status(
    _operator: Operator,
    State(app): State<SharedApp>,
) -> Result<axum::Json<Any>, Problem> {
    let status = app
        .runtime
        .store()
        .status()
        .await
        .map_err(TurnError::from)?;
    let ratio = if status.live_bytes == 0 {
        0.0
    } else {
        status.disk_bytes as f64 / status.live_bytes as f64
    };
    Ok(axum::Json(json!({
        "conversations": status.conversations,
        "outbox": status.outbox,
        "dead_letters": status.dead_letters,
        "rows": status.rows,
        "live_bytes": status.live_bytes,
        "disk_bytes": status.disk_bytes,
        "disk_to_live": ratio,
        "compact_advised": ratio > DISK_TO_LIVE_MAX,
        "healthy": app.runtime.store().healthy(),
    })))
}

/// Everything in the store, as `switchboard store import` reads it.
#[utoipa::path(get, path = "/v1/store/export", tag = "operator", responses((status = 200, description = "A stream of checked records", content_type = "application/octet-stream")))]
pub(crate) async fn export(
    _operator: Operator,
    State(app): State<SharedApp>,
) -> Result<Response, Problem> {
    let (to, mut parts) = mpsc::channel::<io::Result<Bytes>>(PARTS_WAITING_MAX);
    let store = app.runtime.store().clone();
    let waiting = Handle::current();
    let parts_to = Parts(to.clone());
    // Writing blocks until the client has read: off the workers.
    let writing = tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(PART_BYTES, parts_to);
        let copied = waiting.block_on(store::export(store.as_ref(), &mut out));
        copied.map_err(io::Error::other).and_then(|_| out.flush())
    });
    tokio::spawn(async move {
        let ended = writing.await.map_err(io::Error::other).flatten();
        if let Err(error) = ended {
            error!(%error, "An export was cut off.");
            // A body that merely ended would look whole.
            let _ = to.send(Err(error)).await;
        }
    });
    let body = Body::from_stream(futures_util::stream::poll_fn(move |cx| parts.poll_recv(cx)));
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], body).into_response())
}

/// Parts of an export that wait for the client.
const PARTS_WAITING_MAX: usize = 4;
const PART_BYTES: usize = 64 * 1024;

/// Where an export writes to.
struct Parts(mpsc::Sender<io::Result<Bytes>>);

impl Write for Parts {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        // This thread waits for the store, too, so the runtime has to be told that it blocks.
        let sent =
            tokio::task::block_in_place(|| self.0.blocking_send(Ok(Bytes::copy_from_slice(part))));
        sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From where to read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct After {
    /// From the page before.
    cursor: Option<String>,
}

/// What could not be delivered or understood, and why.
#[utoipa::path(get, path = "/v1/dead-letters", tag = "operator", params(After), responses((status = 200, description = "`{letters, next}`")))]
pub(crate) async fn dead_letters(
    _operator: Operator,
    State(app): State<SharedApp>,
    Query(after): Query<After>,
) -> Result<axum::Json<Any>, Problem> {
    let page = app
        .runtime
        .store()
        .dead_letters(after.cursor.map(Cursor), PAGE)
        .await
        .map_err(TurnError::from)?;
    let letters: Vec<Any> = page.rows.iter().map(letter).collect();
    Ok(axum::Json(
        json!({ "letters": letters, "next": page.next.map(|cursor| cursor.0) }),
    ))
}

/// Messages that were not understood: no rule took them, so the bot asked back, said that it did not understand, called a person, or let
/// a model answer. As they are stored, with secrets masked. A page looks through some conversations and may be empty before the last.
#[utoipa::path(get, path = "/v1/not-understood", tag = "operator", params(After), responses((status = 200, description = "`{messages: [{conversation, turn, at, text, route, intents}], next}`")))]
pub(crate) async fn not_understood(
    _operator: Operator,
    State(app): State<SharedApp>,
    Query(after): Query<After>,
) -> Result<axum::Json<Any>, Problem> {
    let (messages, next) = app.runtime.not_understood(after.cursor.map(Cursor)).await?;
    Ok(axum::Json(
        json!({ "messages": messages, "next": next.map(|cursor| cursor.0) }),
    ))
}

/// Try a dead letter again.
#[utoipa::path(post, path = "/v1/dead-letters/{conversation}/{id}/redrive", tag = "operator", params(("conversation" = String, Path, description = "The conversation"), ("id" = String, Path, description = "The letter")),
    responses((status = 200, description = "It is under way"), (status = 404, body = Problem)))]
pub(crate) async fn redrive(
    _operator: Operator,
    State(app): State<SharedApp>,
    Path((conversation, id)): Path<(String, String)>,
) -> Result<axum::Json<Any>, Problem> {
    if !app.runtime.redrive(&conversation.into(), &id).await? {
        return Err(Problem::not_found("dead letter"));
    }
    Ok(axum::Json(json!({ "redriven": id })))
}

/// Give a dead letter up.
#[utoipa::path(delete, path = "/v1/dead-letters/{conversation}/{id}", tag = "operator", params(("conversation" = String, Path, description = "The conversation"), ("id" = String, Path, description = "The letter")),
    responses((status = 200, description = "It is gone")))]
pub(crate) async fn discard(
    _operator: Operator,
    State(app): State<SharedApp>,
    Path((conversation, id)): Path<(String, String)>,
) -> Result<axum::Json<Any>, Problem> {
    app.runtime
        .store()
        .discard(app.runtime.term(), &conversation.into(), &id)
        .await
        .map_err(TurnError::from)?;
    Ok(axum::Json(json!({ "discarded": id })))
}

/// Without the payload: what a customer wrote is not shown in lists.
fn letter(letter: &DeadLetter) -> Any {
    json!({ "conversation": letter.conversation, "id": letter.id, "at": letter.at, "why": letter.why })
}
