//! `tools.yaml`.

use dialog::{
    ArgDeclaration, ArgPlace, Repeat, Retry, TemplateId, ToolDeclaration, ToolKind, ValueType,
};
use jiff::SignedDuration;

use super::keys::{self, Keys, check_name};
use super::types::value_type;
use crate::diagnostic::Findings;
use crate::names::{Names, did_you_mean};
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::{Key, Node, NodeKind};

/// How long an attempt may take when the author does not say.
const TIMEOUT: SignedDuration = SignedDuration::from_secs(10);

/// How long is waited before the first further attempt when the author does not say.
const BACKOFF: SignedDuration = SignedDuration::from_millis(300);

/// The most further attempts: more is a queue, not a retry.
const RETRIES_MAX: u32 = 10;

/// Reads the file into the declared names.
pub(super) fn tools(
    findings: &Findings,
    node: &Node,
    names: &mut Names,
    openapi: &super::declare::Operations<'_>,
) {
    let Some(keys) = Keys::read(findings, node, &schema::TOOLS) else {
        return;
    };
    let Some(entries) = keys
        .required(findings, "tools")
        .and_then(|node| keys::map(findings, node, "`tools`"))
    else {
        return;
    };
    for (key, value) in entries {
        check_name(findings, key, "a tool");
        names.tool_places.insert(key.text.clone(), key.place);
        let Some(keys) = Keys::read(findings, value, &schema::TOOL) else {
            names.unconnected.insert(key.text.clone());
            continue;
        };
        tool(findings, key, keys, names, openapi);
    }
    names.tools.sort_by(|a, b| a.name.cmp(&b.name));
}

fn tool(
    findings: &Findings,
    key: &Key,
    keys: Keys<'_>,
    names: &mut Names,
    openapi: &super::declare::Operations<'_>,
) {
    const KINDS: &[&str] = &["http", "openapi", "mcp", "builtin", "agent"];
    keys.at_most_one(findings, KINDS);
    let common = common(findings, key, keys, names);
    if let Some(node) = keys.get("http") {
        names.tools.push(http(findings, key, keys, node, common));
    } else if let Some(node) = keys.get("builtin") {
        names.tools.extend(builtin(findings, node, common));
    } else if let Some((document, _)) = keys.entry("openapi") {
        let found = openapi.of(findings, key, keys, &common);
        if found.is_empty() {
            names.unconnected.insert(key.text.clone());
        }
        for tool in &found {
            names.tool_places.insert(tool.name.clone(), document.place);
        }
        names.tools.extend(found);
    } else if !keys.present(KINDS).is_empty() {
        names.unconnected.insert(key.text.clone());
    } else {
        findings.add(
            &rule::MISSING_KEY,
            key.place,
            format!(
                "the tool `{}` needs one of http, openapi, mcp, builtin, agent",
                key.text
            ),
        );
        names.unconnected.insert(key.text.clone());
    }
}

/// What every kind of tool has.
fn common(findings: &Findings, key: &Key, keys: Keys<'_>, names: &Names) -> ToolDeclaration {
    let repeats = [
        ("safe", Repeat::Safe),
        ("keyed", Repeat::Keyed),
        ("never", Repeat::Never),
    ];
    let text = |key| {
        keys.get(key)
            .and_then(|node| keys::text(findings, node, key))
            .map(str::to_owned)
    };
    let repeat = keys.get("repeat").map_or(Repeat::Never, |node| {
        keys::word(findings, node, "repeat", &repeats).unwrap_or(Repeat::Never)
    });
    let retry = retry(findings, keys, repeat);
    let confirm = keys
        .get("confirm")
        .and_then(|node| keys::word(findings, node, "confirm", &[("user", true)]))
        .unwrap_or(false);
    ToolDeclaration {
        name: key.text.clone(),
        description: text("description").unwrap_or_default(),
        kind: ToolKind::Builtin(String::new()),
        args: Vec::new(),
        returns: keys
            .get("returns")
            .and_then(|node| value_type(findings, node)),
        timeout: keys
            .get("timeout")
            .and_then(|node| keys::duration(findings, node, "timeout"))
            .unwrap_or(TIMEOUT),
        retry,
        repeat,
        fresh: keys
            .get("fresh")
            .and_then(|node| keys::duration(findings, node, "fresh")),
        login: keys
            .get("login")
            .and_then(|node| login(findings, node, &names.logins)),
        confirm,
        ask: ask(findings, keys, names, confirm),
    }
}

/// How the customer is asked before a model may call it.
fn ask(findings: &Findings, keys: Keys<'_>, names: &Names, confirm: bool) -> Option<TemplateId> {
    let (key, node) = keys.entry("ask")?;
    if !confirm {
        findings.add_with_help(
            &rule::MISSING_KEY,
            key.place,
            "`ask` is said before a model calls this, but nobody is asked: `confirm: user` is not there",
            "say `confirm: user`, or leave `ask` out",
        );
    }
    let name = keys::name(findings, node, "a template")?;
    super::say::template_id(findings, names, node.place, name)
}

fn login(
    findings: &Findings,
    node: &Node,
    logins: &std::collections::BTreeSet<String>,
) -> Option<String> {
    let name = keys::name(findings, node, "a login")?;
    if !logins.contains(name) {
        let near = did_you_mean(name, logins.iter().map(String::as_str));
        findings.add(
            &rule::UNKNOWN_LOGIN,
            node.place,
            format!("no login `{name}` in bot.yaml{near}"),
        );
    }
    Some(name.to_owned())
}

fn retry(findings: &Findings, keys: Keys<'_>, repeat: Repeat) -> Retry {
    let Some((key, node)) = keys.entry("retry") else {
        return Retry {
            max: 0,
            backoff: BACKOFF,
        };
    };
    if repeat == Repeat::Never {
        findings.add_with_help(
            &rule::RETRY_ON_NEVER,
            key.place,
            "`retry` would call this tool again, but `repeat: never` (the default) forbids it",
            "say `repeat: safe` if the tool only reads, `repeat: keyed` if it knows the Idempotency-Key, or leave `retry` out",
        );
    }
    let Some(keys) = Keys::read(findings, node, &schema::RETRY) else {
        return Retry::default();
    };
    let max = keys
        .required(findings, "max")
        .and_then(|node| keys::whole(findings, node, "max", 0))
        .unwrap_or(0);
    if max > RETRIES_MAX {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("at most {RETRIES_MAX} further attempts are made"),
        );
    }
    Retry {
        max: max.min(RETRIES_MAX),
        backoff: keys
            .get("backoff")
            .and_then(|node| keys::duration(findings, node, "backoff"))
            .unwrap_or(BACKOFF),
    }
}

fn http(
    findings: &Findings,
    key: &Key,
    keys: Keys<'_>,
    node: &Node,
    common: ToolDeclaration,
) -> ToolDeclaration {
    const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
    let text = keys::text(findings, node, "`http`").unwrap_or_default();
    let (method, url) = text.split_once(' ').unwrap_or((text, ""));
    if !METHODS.contains(&method) || url.trim().is_empty() {
        findings.add_with_help(
            &rule::WRONG_VALUE,
            node.place,
            format!("`{text}` is no method and address"),
            "write it like `POST ${CORE_URL}/cards/{card_id}`",
        );
    }
    let url = url.trim();
    let args = keys
        .get("args")
        .and_then(|node| args(findings, node, method, url))
        .unwrap_or_default();
    check_path(findings, node, url, &args);
    check_reading(findings, key.place, keys, method);
    ToolDeclaration {
        kind: ToolKind::Http {
            method: method.to_owned(),
            url: url.to_owned(),
        },
        args,
        ..common
    }
}

/// A GET that may not be repeated is most often one whose author forgot to say so.
fn check_reading(findings: &Findings, place: Place, keys: Keys<'_>, method: &str) {
    if method == "GET" && keys.get("repeat").is_none() && keys.get("retry").is_some() {
        findings.add(
            &rule::RETRY_ON_NEVER,
            place,
            "a GET only reads: say `repeat: safe`, so that it may be tried again",
        );
    }
}

/// Every `{name}` of the path must be an argument.
fn check_path(findings: &Findings, node: &Node, url: &str, args: &[ArgDeclaration]) {
    for name in path_names(url) {
        if !args.iter().any(|arg| arg.name == name) {
            let near = did_you_mean(name, args.iter().map(|arg| arg.name.as_str()));
            findings.add(
                &rule::UNKNOWN_ARGUMENT,
                node.place,
                format!("the address names `{{{name}}}`, which is no argument of this tool{near}"),
            );
        }
    }
}

/// The names in `{…}` of an address, but not those of the environment in `${…}`.
pub(super) fn path_names(url: &str) -> Vec<&str> {
    url.match_indices('{')
        .filter(|(at, _)| !url[..*at].ends_with('$'))
        .filter_map(|(at, _)| {
            let rest = &url[at + 1..];
            rest.find('}').map(|end| &rest[..end])
        })
        .collect()
}

/// The names in `${…}` and `${…:-default}` of a text, with whether there is a default.
pub(crate) fn environment_names(text: &str) -> Vec<(&str, bool)> {
    text.match_indices("${")
        .filter_map(|(at, _)| {
            let rest = &text[at + 2..];
            let inside = &rest[..rest.find('}')?];
            Some(match inside.split_once(":-") {
                Some((name, _)) => (name, true),
                None => (inside, false),
            })
        })
        .collect()
}

fn args(findings: &Findings, node: &Node, method: &str, url: &str) -> Option<Vec<ArgDeclaration>> {
    let names = path_names(url);
    let place_of = |name: &str| {
        if names.contains(&name) {
            ArgPlace::Path
        } else if matches!(method, "GET" | "DELETE") {
            ArgPlace::Query
        } else {
            ArgPlace::Body
        }
    };
    let entries = keys::map(findings, node, "`args`")?;
    Some(
        entries
            .iter()
            .filter_map(|(key, node)| arg(findings, key, node, place_of(&key.text)))
            .collect(),
    )
}

fn arg(findings: &Findings, key: &Key, node: &Node, place: ArgPlace) -> Option<ArgDeclaration> {
    check_name(findings, key, "an argument");
    if node.get("type").is_none() || !matches!(node.kind, NodeKind::Map(_)) {
        return Some(plain(key, value_type(findings, node)?, place));
    }
    let places = [
        ("path", ArgPlace::Path),
        ("query", ArgPlace::Query),
        ("body", ArgPlace::Body),
        ("header", ArgPlace::Header),
    ];
    let keys = Keys::read(findings, node, &schema::ARG)?;
    let flag = |name| {
        keys.get(name)
            .and_then(|node| keys::bool(findings, node, name))
            .unwrap_or(false)
    };
    let place = keys.get("in").map_or(place, |node| {
        keys::word(findings, node, "in", &places).unwrap_or(place)
    });
    let secret = flag("secret");
    if secret && matches!(place, ArgPlace::Path | ArgPlace::Query) {
        findings.add_with_help(
            &rule::SECRET_EXPOSED,
            key.place,
            format!(
                "the secret `{}` would stand in an address, and addresses are logged",
                key.text
            ),
            "put it `in: body` or `in: header`",
        );
    }
    Some(ArgDeclaration {
        optional: flag("optional"),
        secret,
        place,
        ..plain(
            key,
            value_type(findings, keys.required(findings, "type")?)?,
            place,
        )
    })
}

fn plain(key: &Key, value_type: ValueType, place: ArgPlace) -> ArgDeclaration {
    ArgDeclaration {
        name: key.text.clone(),
        value_type,
        place,
        optional: false,
        secret: false,
    }
}

fn builtin(findings: &Findings, node: &Node, common: ToolDeclaration) -> Option<ToolDeclaration> {
    let name = keys::word(findings, node, "builtin", &[("calculator", "calculator")])?;
    let arg = ArgDeclaration {
        name: "expression".to_owned(),
        value_type: ValueType::Text,
        place: ArgPlace::Body,
        optional: false,
        secret: false,
    };
    let result = [("value".to_owned(), ValueType::Number)];
    Some(ToolDeclaration {
        kind: ToolKind::Builtin(name.to_owned()),
        args: vec![arg],
        returns: Some(ValueType::Map(result.into_iter().collect())),
        repeat: Repeat::Safe,
        ..common
    })
}
