//! Accepting connections: as many as the place allows, none of them for ever.
//!
//! A connection that sends its request too slowly, or does not read what it asked for, is cut; further ones are told that there
//! is no room. When the process is told to stop each ends after the request that it is in; open streams end because the runtime
//! ends their feeds. Only HTTP/1.1 is spoken: a proxy that speaks HTTP/2 to browsers speaks 1.1 to what is behind it, and the
//! bounds on slow clients are those of 1.1.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1::{Builder, UpgradeableConnection};
use hyper::service::HttpService;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing::{debug, warn};

use crate::patience::Patient;
use crate::refusal::Refusals;

/// What a place allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections at once; more are refused.
    pub(crate) connections_max: usize,
    /// How long a client may take to send a request's head.
    pub(crate) header_timeout: Duration,
    /// How long a client may read nothing of what is sent to it.
    pub(crate) write_timeout: Duration,
    /// How long the last requests may take when the process is told to stop.
    pub(crate) drain: Duration,
}

/// After an accept that failed (usually for want of file descriptors) there is a pause, or the loop would only burn time.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Something that connections come from.
pub(crate) trait Door: Send + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;
    /// The next one.
    fn accept(&self) -> impl Future<Output = std::io::Result<Self::Stream>> + Send;
}

impl Door for TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn accept(&self) -> std::io::Result<Self::Stream> {
        let (stream, _) = TcpListener::accept(self).await?;
        // Answers are small and waited for: not worth collecting.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Door for UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accept(&self) -> std::io::Result<Self::Stream> {
        Ok(UnixListener::accept(self).await?.0)
    }
}

/// Serves until told to stop, and then until the last request is answered.
pub(crate) async fn serve(
    door: impl Door,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(limits.connections_max));
    let refusals = Refusals::new();
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout);
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = door.accept() => accepted,
        };
        let stream = match stream {
            Ok(stream) => stream,
            Err(error) => {
                warn!(%error, "A connection could not be accepted.");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            refusals.refuse(stream);
            continue;
        };
        let service = TowerToHyperService::new(
            router
                .clone()
                .map_request(|request: hyper::Request<Incoming>| request.map(Body::new)),
        );
        let io = TokioIo::new(Patient::new(stream, limits.write_timeout, place));
        let connection = builder.serve_connection(io, service).with_upgrades();
        tokio::spawn(until_stopped(connection, stop.clone()));
    }
    drop(door);
    // A place comes back with the end of its connection.
    let all = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
    if tokio::time::timeout(limits.drain, room.acquire_many(all))
        .await
        .is_err()
    {
        warn!("Connections were still open when the time to stop was over.");
    }
}

/// A connection to its end, or to the end of the request that it is in when the process is told to stop.
async fn until_stopped<I, S>(connection: UpgradeableConnection<I, S>, stop: CancellationToken)
where
    I: Read + Write + Unpin + Send + 'static,
    S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "A connection ended early.");
    }
}
