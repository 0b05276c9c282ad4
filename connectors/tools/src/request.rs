//! A declaration and its arguments → the request to send. Pure.

use std::collections::BTreeMap;

use dialog::{ArgDeclaration, ArgPlace, EffectId, Repeat, ToolDeclaration, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::{Login, Place};

/// What need not be encoded in a path's segment (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why no request can be made of a declaration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlanError {
    /// The address names a variable that the place doesn't have.
    #[error(
        "`${{{0}}}` is not set: set the environment variable, or give a default as `${{{0}:-…}}`"
    )]
    Variable(String),
    /// A `{` or `${` without its end.
    #[error("the address has a `{{` without a `}}`")]
    Unclosed,
    /// The address names an argument that isn't declared.
    #[error("the address names `{{{0}}}`, which is no argument of the tool")]
    Argument(String),
    /// The address is none.
    #[error("the address is not an http or https one")]
    Address,
    /// The method is none.
    #[error("`{0}` is no HTTP method")]
    Method(String),
    /// The login is not known here.
    #[error("the login `{0}` is not set up here")]
    Login(String),
    /// A header's name or value can't be sent.
    #[error("`{0}` can't be sent as a header")]
    Header(String),
}

/// A declaration made ready: all that doesn't depend on a call is settled.
#[derive(Debug)]
pub(crate) struct Plan {
    method: Method,
    address: Vec<Piece>,
    headers: HeaderMap,
    keyed: bool,
    args: Vec<ArgDeclaration>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Arg(String),
}

/// A request before it is sent.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Vec<u8>>,
}

/// The arguments don't make a request: something is missing or can't be written where it belongs.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the argument `{0}` is missing or can't stand where it belongs")]
pub(crate) struct ArgumentRefused(pub(crate) String);

impl Plan {
    /// Settles what doesn't depend on a call.
    pub(crate) fn new(
        declaration: &ToolDeclaration,
        method: &str,
        address: &str,
        place: &Place,
    ) -> Result<Self, PlanError> {
        let address = pieces(address, &place.variables)?;
        check_address(&address, &declaration.args)?;
        let mut headers = HeaderMap::new();
        headers.insert("accept", HeaderValue::from_static("application/json"));
        if let Some(name) = &declaration.login {
            let login = place
                .logins
                .get(name)
                .ok_or_else(|| PlanError::Login(name.clone()))?;
            log_in(&mut headers, login)?;
        }
        Ok(Self {
            method: method
                .to_uppercase()
                .parse()
                .map_err(|_| PlanError::Method(method.to_owned()))?,
            address,
            headers,
            keyed: declaration.repeat == Repeat::Keyed,
            args: declaration.args.clone(),
        })
    }

    /// The request of one call. The same for every attempt, idempotency key included.
    pub(crate) fn prepare(
        &self,
        effect: &EffectId,
        args: &BTreeMap<String, Value>,
    ) -> Result<Prepared, ArgumentRefused> {
        let mut url = self.url(args)?;
        let mut headers = self.headers.clone();
        let mut body = serde_json::Map::new();
        for arg in &self.args {
            let Some(value) = args.get(&arg.name) else {
                if arg.optional {
                    continue;
                }
                return Err(ArgumentRefused(arg.name.clone()));
            };
            match arg.place {
                ArgPlace::Path => {}
                ArgPlace::Query => append_query(&mut url, &arg.name, value)?,
                ArgPlace::Header => append_header(&mut headers, arg, value)?,
                ArgPlace::Body => {
                    body.insert(arg.name.clone(), value.to_json());
                }
            }
        }
        if self.keyed {
            let key = HeaderValue::from_str(&effect.to_string())
                .map_err(|_| ArgumentRefused("Idempotency-Key".to_owned()))?;
            headers.insert("idempotency-key", key);
        }
        let body = self.body(body);
        if body.is_some() {
            headers.insert("content-type", HeaderValue::from_static("application/json"));
        }
        Ok(Prepared {
            method: self.method.clone(),
            url,
            headers,
            body,
        })
    }

    fn url(&self, args: &BTreeMap<String, Value>) -> Result<Url, ArgumentRefused> {
        let mut address = String::new();
        for piece in &self.address {
            match piece {
                Piece::Text(text) => address.push_str(text),
                Piece::Arg(name) => address.push_str(&segment(name, args.get(name))?),
            }
        }
        address
            .parse()
            .map_err(|_| ArgumentRefused("the address".to_owned()))
    }

    /// A body is sent where the declaration has a body argument, also when all of them were left out.
    fn body(&self, fields: serde_json::Map<String, serde_json::Value>) -> Option<Vec<u8>> {
        self.args
            .iter()
            .any(|arg| arg.place == ArgPlace::Body)
            .then(|| serde_json::Value::Object(fields).to_string().into_bytes())
    }
}

/// Splits an address at `${NAME}`, `${NAME:-default}` and `{arg}`; variables are put in at once.
fn pieces(address: &str, variables: &BTreeMap<String, String>) -> Result<Vec<Piece>, PlanError> {
    let mut pieces = Vec::new();
    let mut rest = address;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}').ok_or(PlanError::Unclosed)?;
        let name = &rest[open + 1..close];
        match rest[..open].strip_suffix('$') {
            Some(before) => {
                pieces.push(Piece::Text(before.to_owned()));
                pieces.push(Piece::Text(variable(name, variables)?));
            }
            None => {
                pieces.push(Piece::Text(rest[..open].to_owned()));
                pieces.push(Piece::Arg(name.to_owned()));
            }
        }
        rest = &rest[close + 1..];
    }
    pieces.push(Piece::Text(rest.to_owned()));
    Ok(pieces)
}

fn variable(written: &str, variables: &BTreeMap<String, String>) -> Result<String, PlanError> {
    let (name, default) = match written.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (written, None),
    };
    variables
        .get(name)
        .map(String::as_str)
        .or(default)
        .map(|value| value.trim_end_matches('/').to_owned())
        .ok_or_else(|| PlanError::Variable(name.to_owned()))
}

/// An address must parse with any argument in it, so that a mistake shows before the first call.
fn check_address(pieces: &[Piece], args: &[ArgDeclaration]) -> Result<(), PlanError> {
    let mut sample = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => sample.push_str(text),
            Piece::Arg(name) if args.iter().any(|arg| arg.name == *name) => sample.push('1'),
            Piece::Arg(name) => return Err(PlanError::Argument(name.clone())),
        }
    }
    let url: Url = sample.parse().map_err(|_| PlanError::Address)?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(()),
        _ => Err(PlanError::Address),
    }
}

fn log_in(headers: &mut HeaderMap, login: &Login) -> Result<(), PlanError> {
    let (name, value) = match login {
        Login::ApiKey { header, secret } => (header.as_str(), secret.reveal().to_owned()),
        Login::Bearer { token } => ("authorization", format!("Bearer {}", token.reveal())),
    };
    let wrong = || PlanError::Header(name.to_owned());
    let header: HeaderName = name.parse().map_err(|_| wrong())?;
    let mut value = HeaderValue::from_str(&value).map_err(|_| wrong())?;
    value.set_sensitive(true);
    headers.insert(header, value);
    Ok(())
}

/// A value as one segment of a path. Dots alone are refused: every URL parser takes them, encoded too, for steps upward.
fn segment(name: &str, value: Option<&Value>) -> Result<String, ArgumentRefused> {
    let refused = || ArgumentRefused(name.to_owned());
    let text = value.and_then(plain).ok_or_else(refused)?;
    match text.as_str() {
        "" | "." | ".." => Err(refused()),
        text => Ok(utf8_percent_encode(text, SEGMENT).to_string()),
    }
}

/// A list becomes the name several times, as most servers read it.
fn append_query(url: &mut Url, name: &str, value: &Value) -> Result<(), ArgumentRefused> {
    let items = match value {
        Value::List(items) => items.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut query = url.query_pairs_mut();
    for item in items {
        let text = plain(item).ok_or_else(|| ArgumentRefused(name.to_owned()))?;
        query.append_pair(name, &text);
    }
    Ok(())
}

fn append_header(
    headers: &mut HeaderMap,
    arg: &ArgDeclaration,
    value: &Value,
) -> Result<(), ArgumentRefused> {
    let refused = || ArgumentRefused(arg.name.clone());
    let header: HeaderName = arg.name.replace('_', "-").parse().map_err(|_| refused())?;
    let text = plain(value).ok_or_else(refused)?;
    let mut value = HeaderValue::from_str(&text).map_err(|_| refused())?;
    value.set_sensitive(arg.secret);
    headers.insert(header, value);
    Ok(())
}

/// A single value as text; none for a list or a map.
fn plain(value: &Value) -> Option<String> {
    use serde_json::Value as Json;
    match value.to_json() {
        Json::String(text) => Some(text),
        Json::Array(_) | Json::Object(_) | Json::Null => None,
        number_or_bool => Some(number_or_bool.to_string()),
    }
}
