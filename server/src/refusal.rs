//! What a connection hears for which there is no room.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Refusals at once; a flood beyond that is closed without a word, or refusing would be what fills the place.
const REFUSALS_MAX: usize = 256;
/// How long a refusal may take, the client's reading included.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);
/// What is read of a request that nobody will answer: a connection that is closed on unread bytes loses the answer, too.
const REQUEST_BYTES_MAX: u64 = 64 * 1024;

/// Tells those who can't be served.
#[derive(Clone)]
pub(crate) struct Refusals(Arc<Semaphore>);

impl Refusals {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(REFUSALS_MAX)))
    }

    /// Answers 503 and closes, beside whatever else is done.
    pub(crate) fn refuse(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Ok(permit) = self.0.clone().try_acquire_owned() else {
            return;
        };
        tokio::spawn(async move {
            let _ = tokio::time::timeout(REFUSAL_TIMEOUT, tell(stream)).await;
            drop(permit);
        });
    }
}

async fn tell(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    // An answer that is there before its question confuses clients.
    let mut beginning = [0; 1024];
    let _ = stream.read(&mut beginning).await?;
    stream.write_all(answer().as_bytes()).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(REQUEST_BYTES_MAX), &mut tokio::io::sink())
        .await
        .map(|_| ())
}

fn answer() -> String {
    let problem = Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "too-many-connections",
        "There are more connections than this server takes. Try again shortly.",
    );
    let body =
        serde_json::to_string(&problem).expect("plain data with text keys always serialises");
    format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
         retry-after: 1\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
