//! Bytes → JSON values: server-sent events and JSON lines, with every length bounded.
//!
//! Lines are split by tokio-util, which bounds them; on top of that the few rules of server-sent events that a provider uses are less
//! than what would be needed to bound a library for them.

use std::time::Duration;

use bytes::BytesMut;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::codec::{Decoder, LinesCodec, LinesCodecError};

use crate::ErrorKind;
use crate::fault::Fault;

/// The longest line: a tool call that comes in one piece, with room to spare.
const LINE_BYTES_MAX: usize = 1 << 20;

/// The longest answer. A million tokens in pieces of 200 bytes of JSON each would not fit, and no answer to a customer is a tenth of it.
const BODY_BYTES_MAX: usize = 16 << 20;

/// How values are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events whose data is JSON, or `[DONE]`.
    Events,
    /// A JSON value a line.
    Lines,
}

/// One value of a stream.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    Json(Value),
    /// OpenAI's end mark.
    Done,
}

/// How long may be waited.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) until: Instant,
    pub(crate) idle: Duration,
}

impl Pace {
    /// The future's result, unless the provider is silent for too long, or the time for the whole call is over.
    pub(crate) async fn wait<T>(self, future: impl Future<Output = T>) -> Result<T, Fault> {
        let left = self.until.saturating_duration_since(Instant::now());
        let over = || Fault::new(ErrorKind::Timeout, "the time for the answer is over");
        if left.is_zero() {
            return Err(over());
        }
        let waited = tokio::time::timeout(left.min(self.idle), future).await;
        waited.map_err(|_| {
            if left <= self.idle {
                return over();
            }
            let message = format!("nothing came for {} s", self.idle.as_secs_f32());
            Fault::new(ErrorKind::Timeout, message)
        })
    }
}

/// The values of a response.
pub(crate) struct Frames {
    response: reqwest::Response,
    lines: Lines,
    framing: Framing,
    data: String,
    read: bool,
}

impl Frames {
    pub(crate) fn new(response: reqwest::Response, framing: Framing) -> Self {
        Self {
            response,
            lines: Lines::default(),
            framing,
            data: String::new(),
            read: false,
        }
    }

    /// The next value; `None` at the end.
    pub(crate) async fn next(&mut self, pace: Pace) -> Result<Option<Frame>, Fault> {
        loop {
            while let Some(line) = self.lines.next()? {
                if let Some(data) = self.take(line) {
                    self.read = true;
                    return parse(&data).map(Some);
                }
            }
            match pace.wait(self.response.chunk()).await? {
                Ok(Some(bytes)) => self.lines.push(&bytes)?,
                Ok(None) => return self.rest(),
                Err(error) => return Err(broken(&error)),
            }
        }
    }

    /// The data that this line completes.
    fn take(&mut self, line: String) -> Option<String> {
        match self.framing {
            Framing::Lines => (!line.trim().is_empty()).then_some(line),
            Framing::Events if line.is_empty() => {
                Some(std::mem::take(&mut self.data)).filter(|data| !data.is_empty())
            }
            Framing::Events => {
                if let Some(data) = line.strip_prefix("data:") {
                    if !self.data.is_empty() {
                        self.data.push('\n');
                    }
                    self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
                }
                None
            }
        }
    }

    /// What the end of the body completes: some servers leave the last line break out. Half a value is a cut.
    fn rest(&mut self) -> Result<Option<Frame>, Fault> {
        let line = self.lines.rest()?;
        let completed = line.and_then(|line| self.take(line));
        let data = completed.unwrap_or_else(|| std::mem::take(&mut self.data));
        if data.is_empty() {
            return if self.read {
                Ok(None)
            } else {
                Err(no_stream())
            };
        }
        match parse(&data) {
            Err(_) if self.read => Err(Fault::new(
                ErrorKind::CutOff,
                "the connection ended in the middle of the answer",
            )),
            other => {
                self.read = true;
                other.map(Some)
            }
        }
    }
}

/// Lines of bounded length out of a body of bounded length.
struct Lines {
    codec: LinesCodec,
    buffer: BytesMut,
    bytes: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            codec: LinesCodec::new_with_max_length(LINE_BYTES_MAX),
            buffer: BytesMut::new(),
            bytes: 0,
        }
    }
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.bytes += bytes.len();
        if self.bytes > BODY_BYTES_MAX {
            let message = format!("the answer is longer than {BODY_BYTES_MAX} bytes");
            return Err(Fault::new(ErrorKind::CutOff, message));
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn next(&mut self) -> Result<Option<String>, Fault> {
        self.codec.decode(&mut self.buffer).map_err(unreadable)
    }

    fn rest(&mut self) -> Result<Option<String>, Fault> {
        self.codec.decode_eof(&mut self.buffer).map_err(unreadable)
    }
}

fn parse(data: &str) -> Result<Frame, Fault> {
    if data.trim() == "[DONE]" {
        return Ok(Frame::Done);
    }
    serde_json::from_str(data).map(Frame::Json).map_err(|_| {
        let begin: String = data.chars().take(60).collect();
        let message = format!("the stream holds something that is not JSON: {begin}");
        Fault::new(ErrorKind::NotAStream, message)
    })
}

fn no_stream() -> Fault {
    Fault::new(
        ErrorKind::NotAStream,
        "the server answered, but not with a stream: is the address right?",
    )
}

fn unreadable(error: LinesCodecError) -> Fault {
    let message = match error {
        LinesCodecError::MaxLineLengthExceeded => {
            format!("a line is longer than {LINE_BYTES_MAX} bytes")
        }
        LinesCodecError::Io(_) => "the stream is not UTF-8".to_owned(),
    };
    Fault::new(ErrorKind::NotAStream, message)
}

fn broken(error: &reqwest::Error) -> Fault {
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::CutOff
    };
    Fault::new(kind, "the connection broke in the middle of the answer")
}
