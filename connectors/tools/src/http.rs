//! HTTP tools: sending, with its timeouts, retries and bounds.

use std::error::Error;
use std::time::Duration;

use dialog::{ErrorKind, Repeat, ToolDeclaration, ToolOutcome};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, redirect};
use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use crate::answer::{Attempt, sort};
use crate::guard::{AddressRefused, GuardedResolver, PrivateAddresses};
use crate::request::{Plan, PlanError, Prepared};
use crate::{Call, CallFuture, Place, Tool};

/// A larger answer is not the one that a flow reads: lists hold at most 1,000 small items.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// A connection that takes longer isn't coming; the tool's own timeout is shorter in most cases.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A customer waits: whatever a file says, one attempt takes at most this long.
const ATTEMPT_TIMEOUT_MAX: Duration = Duration::from_secs(120);
/// Further attempts, whatever a file says.
const RETRIES_MAX: u32 = 8;
/// The longest wait between two attempts, also where the outside asks for a longer one.
const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Kept open for the next call; more than one conversation rarely calls the same host at once.
const IDLE_CONNECTIONS_MAX: usize = 16;

/// The client that all tools of a place share: its connections, and its guard against private addresses.
#[derive(Clone, Debug)]
pub struct HttpClient {
    client: Client,
    private: PrivateAddresses,
}

impl HttpClient {
    /// A client that refuses what `private` refuses, follows no redirect and uses no proxy of the environment.
    ///
    /// # Errors
    /// When the system's certificates can't be read.
    pub fn new(private: PrivateAddresses) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .dns_resolver(GuardedResolver(private))
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, private })
    }
}

/// A tool that is an HTTP request.
pub(crate) struct HttpTool {
    declaration: ToolDeclaration,
    plan: Plan,
    client: HttpClient,
}

impl HttpTool {
    /// Makes a tool of its declaration, in its place.
    pub(crate) fn new(
        declaration: &ToolDeclaration,
        method: &str,
        url: &str,
        place: &Place,
        client: HttpClient,
    ) -> Result<Self, PlanError> {
        Ok(Self {
            plan: Plan::new(declaration, method, url, place)?,
            declaration: declaration.clone(),
            client,
        })
    }

    async fn run(&self, call: Call) -> ToolOutcome {
        let prepared = match self.plan.prepare(&call.effect, &call.args) {
            Ok(prepared) => prepared,
            Err(refused) => {
                warn!(tool = self.name(), effect = %call.effect, argument = refused.0, "Call not sent.");
                return Attempt::failed(ErrorKind::Invalid, false).outcome;
            }
        };
        let retries = self.retries();
        let mut backoff = self.declaration.retry.backoff.unsigned_abs();
        for retry in 0..=retries {
            let (attempt, asked_wait) = self.attempt(&call, &prepared).await;
            if !attempt.may_pass || retry == retries {
                return attempt.outcome;
            }
            sleep(asked_wait.unwrap_or(backoff).max(backoff).min(BACKOFF_MAX)).await;
            backoff = backoff.saturating_mul(2);
        }
        unreachable!("the last attempt returns")
    }

    fn name(&self) -> &str {
        &self.declaration.name
    }

    /// A call that must not happen twice is attempted once.
    fn retries(&self) -> u32 {
        match self.declaration.repeat {
            Repeat::Never => 0,
            Repeat::Safe | Repeat::Keyed => self.declaration.retry.max.min(RETRIES_MAX),
        }
    }

    /// One attempt, and the wait that the outside asked for.
    async fn attempt(&self, call: &Call, prepared: &Prepared) -> (Attempt, Option<Duration>) {
        let began = Instant::now();
        let limit = self
            .declaration
            .timeout
            .unsigned_abs()
            .min(ATTEMPT_TIMEOUT_MAX);
        let (attempt, wait) = match timeout(limit, self.exchange(prepared)).await {
            Ok(done) => done,
            Err(_) => (Attempt::failed(ErrorKind::Timeout, true), None),
        };
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &attempt.outcome {
            ToolOutcome::Returned { .. } => {
                info!(tool = self.name(), effect = %call.effect, took_ms, "Tool called.");
            }
            ToolOutcome::Failed(error) => {
                warn!(
                    tool = self.name(), effect = %call.effect, took_ms, status = error.status,
                    kind = error.kind.name(), "Tool call failed."
                );
            }
        }
        (attempt, wait)
    }

    async fn exchange(&self, prepared: &Prepared) -> (Attempt, Option<Duration>) {
        if self.client.private.check_literal(&prepared.url).is_err() {
            return (address_refused(), None);
        }
        match self.send(prepared).await {
            Ok(response) => {
                let wait = retry_after(&response);
                (self.receive(response).await, wait)
            }
            Err(error) => (self.broken(&error), None),
        }
    }

    async fn send(&self, prepared: &Prepared) -> reqwest::Result<Response> {
        let mut request = self
            .client
            .client
            .request(prepared.method.clone(), prepared.url.clone())
            .headers(prepared.headers.clone());
        if let Some(body) = &prepared.body {
            request = request.body(body.clone());
        }
        request.send().await
    }

    async fn receive(&self, mut response: Response) -> Attempt {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER_BYTES_MAX => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => {
                    return Attempt::failed_with(ErrorKind::Invalid, Some(status), None, false);
                }
                Ok(None) => return sort(status, &body, self.declaration.returns.as_ref()),
                Err(error) => return self.broken(&error),
            }
        }
    }

    /// A connection that could not be made did nothing outside. One that broke later may have: where that must not happen
    /// twice, nobody knows.
    fn broken(&self, error: &reqwest::Error) -> Attempt {
        if refused_by_guard(error) {
            return address_refused();
        }
        match self.declaration.repeat {
            Repeat::Never if !error.is_connect() => Attempt::failed(ErrorKind::Unknown, false),
            _ if error.is_timeout() => Attempt::failed(ErrorKind::Timeout, true),
            Repeat::Never | Repeat::Safe | Repeat::Keyed => {
                Attempt::failed(ErrorKind::Unreachable, true)
            }
        }
    }
}

impl Tool for HttpTool {
    fn declaration(&self) -> &ToolDeclaration {
        &self.declaration
    }

    fn call(&self, call: Call) -> CallFuture<'_> {
        Box::pin(self.run(call))
    }
}

fn address_refused() -> Attempt {
    let code = Some("address-refused".to_owned());
    Attempt::failed_with(ErrorKind::Unreachable, None, code, false)
}

fn refused_by_guard(error: &reqwest::Error) -> bool {
    let mut source = error.source();
    while let Some(error) = source {
        if error.is::<AddressRefused>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// `Retry-After` in seconds; a date is left to the backoff, as there is no clock here.
fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}
