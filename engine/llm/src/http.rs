//! One call over HTTP: sent, its failure sorted, its stream read.

mod call;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::redirect;
use tokio::time::Instant;

use crate::draft::Draft;
use crate::fault::Fault;
use crate::frames::{Frame, Frames, Pace};
use crate::model::Answer;
use crate::wire::Wire;
use crate::{Error, ErrorKind, Model, Piece, Provider, Request, estimate};
use call::Call;

/// How long a connection may take. A server that is there answers within a second, from anywhere.
const CONNECT: Duration = Duration::from_secs(10);

/// The client of all models: connections are shared, and redirects are not followed, for the key would go with them.
#[derive(Clone, Debug)]
pub struct Client(reqwest::Client);

impl Client {
    /// A client. Fails if the machine has no usable TLS.
    pub fn new() -> Result<Self, Error> {
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(Self).map_err(|error| {
            let message = format!("no connection can be made from here: {error}");
            Error::new(ErrorKind::Unreachable, "client", message)
        })
    }
}

/// A model behind HTTP.
pub(crate) struct Remote {
    target: String,
    call: Arc<Call>,
}

impl Remote {
    pub(crate) fn new(
        provider: &Provider,
        model: &str,
        wire: &'static dyn Wire,
        client: &Client,
    ) -> Self {
        Self {
            target: format!("{}:{model}", provider.name),
            call: Call::new(provider, model, wire, client).into(),
        }
    }
}

impl Model for Remote {
    fn name(&self) -> &str {
        &self.target
    }

    fn stream(&self, request: Request, deadline: Duration) -> Answer {
        let pace = Pace {
            until: Instant::now() + deadline,
            idle: self.call.idle,
        };
        let reading = Reading {
            target: self.target.clone(),
            call: self.call.clone(),
            request,
            pace,
            draft: Draft::default(),
            frames: None,
            over: false,
        };
        stream::unfold(reading, |mut reading| async move {
            let item = reading.next().await?;
            Some((item, reading))
        })
        .boxed()
    }
}

/// A call under way.
struct Reading {
    target: String,
    call: Arc<Call>,
    request: Request,
    pace: Pace,
    draft: Draft,
    frames: Option<Frames>,
    over: bool,
}

impl Reading {
    async fn next(&mut self) -> Option<Result<Piece, Error>> {
        if self.over {
            return None;
        }
        let item = self.piece().await;
        self.over = !matches!(item, Ok(Piece::Text(_) | Piece::Call(_)));
        Some(item.map_err(|fault| fault.of(&self.target, self.call.secrets())))
    }

    async fn piece(&mut self) -> Result<Piece, Fault> {
        loop {
            if let Some(piece) = self.draft.ready.pop_front() {
                return Ok(piece);
            }
            let frames = match &mut self.frames {
                Some(frames) => frames,
                None => {
                    let response = self.call.open(&self.request, self.pace).await?;
                    let framing = self.call.wire.framing();
                    self.frames.insert(Frames::new(response, framing))
                }
            };
            match frames.next(self.pace).await? {
                Some(Frame::Json(value)) => self.call.read(&value, &mut self.draft)?,
                Some(Frame::Done) => self.draft.over = true,
                None => self.draft.over = true,
            }
            if self.draft.over {
                let input = estimate::request(&self.request);
                self.draft.close(&self.call.model, input)?;
            }
        }
    }
}
