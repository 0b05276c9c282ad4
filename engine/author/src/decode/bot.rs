//! `bot.yaml`: everything but what is declared there (slots, events, names), which [`super::declare`] has read.

use std::collections::BTreeMap;

use dialog::{
    Bands, DeskDeclaration, EpisodePolicy, Handlers, ModelDeclaration, RouterStep, SessionPolicy,
    Several, Transitions,
};
use jiff::tz::TimeZone;

use super::desks::desks;
use super::handlers::handlers;
use super::keys::{self, Keys};
use super::models::models;
use super::record::Decoder;
use super::router::router;
use super::say::template_under;
use super::session::{episodes, session};
use super::transition::{Site, transitions_under};
use crate::expression::Scope;
use crate::place::Place;
use crate::rule;
use crate::schema;
use crate::yaml::Node;

/// What `bot.yaml` says.
pub(crate) struct BotParts {
    pub(crate) name: String,
    pub(crate) tz: TimeZone,
    pub(crate) bands: Bands,
    pub(crate) detects_language: bool,
    pub(crate) encoder: &'static str,
    pub(crate) anywhere: Handlers,
    pub(crate) router: Vec<RouterStep>,
    pub(crate) models: Vec<ModelDeclaration>,
    pub(crate) desks: Vec<DeskDeclaration>,
    pub(crate) session: SessionPolicy,
    pub(crate) episodes: Option<EpisodePolicy>,
    pub(crate) on_failed: Transitions,
    pub(crate) channels: BTreeMap<String, Channel>,
    pub(crate) logins: BTreeMap<String, Login>,
}

/// A channel as the author set it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The connector.
    pub via: String,
    /// The template said outside the channel's window.
    pub window_template: Option<String>,
    /// The login, by name.
    pub login: Option<String>,
    /// Where its name stands.
    pub(crate) place: Place,
}

/// A login as the author set it up; the texts may hold `${NAME}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// `api_key`, `bearer` and so on.
    pub kind: String,
    /// All other keys: `header`, `secret` and so on.
    pub settings: BTreeMap<String, String>,
}

/// From where an intent counts, and from where asking back is worth it, when the author does not say.
const BANDS: Bands = Bands {
    accept: 0.75,
    confirm: 0.40,
    several: Several::InTurn,
};

/// Reads `bot.yaml`.
pub(crate) fn bot_parts(decoder: &Decoder<'_>, node: &Node) -> Option<BotParts> {
    let findings = decoder.cx.findings;
    let keys = Keys::read(findings, node, &schema::BOT)?;
    let name = keys
        .required(findings, "bot")
        .and_then(|node| keys::name(findings, node, "the bot's name"));
    if let Some(node) = keys.get("properties") {
        super::properties::check(decoder, node);
    }
    let understanding = keys
        .get("understanding")
        .and_then(|node| Keys::read(findings, node, &schema::UNDERSTANDING));
    let scope = Scope::bot();
    let site = |label: &str| Site {
        scope: &scope,
        state: None,
        label: label.to_owned(),
    };
    Some(BotParts {
        name: name.unwrap_or_default().to_owned(),
        tz: keys
            .get("tz")
            .and_then(|node| tz(decoder, node))
            .unwrap_or(TimeZone::UTC),
        bands: understanding.map_or(BANDS, |keys| bands(decoder, keys)),
        detects_language: understanding
            .and_then(|keys| keys.get("detect_language"))
            .and_then(|node| keys::bool(findings, node, "detect_language"))
            .unwrap_or(true),
        encoder: understanding
            .and_then(|keys| encoder(decoder, keys))
            .unwrap_or(schema::ENCODERS[0]),
        anywhere: keys
            .get("anywhere")
            .map(|node| handlers(decoder, node, &site("anywhere")))
            .unwrap_or_default(),
        router: keys
            .get("router")
            .map(|node| router(decoder, node))
            .unwrap_or_default(),
        models: models(decoder, keys.get("models")),
        desks: desks(decoder, keys.get("desks")),
        session: session(decoder, keys.get("session")),
        episodes: episodes(decoder, keys.get("episodes")),
        on_failed: transitions_under(decoder, keys, "on_failed", &site("on_failed")),
        channels: channels(decoder, keys.get("channels")),
        logins: logins(decoder, keys.get("logins")),
    })
}

fn tz(decoder: &Decoder<'_>, node: &Node) -> Option<TimeZone> {
    let name = keys::name(decoder.cx.findings, node, "a time zone")?;
    let found = TimeZone::get(name).ok();
    if found.is_none() {
        let known: Vec<String> = jiff::tz::db()
            .available()
            .map(|one| one.to_string())
            .collect();
        let near = crate::names::did_you_mean(name, known.iter().map(String::as_str));
        decoder.cx.findings.add(
            &rule::WRONG_VALUE,
            node.place,
            format!("there is no time zone `{name}`{near}"),
        );
    }
    found
}

fn bands(decoder: &Decoder<'_>, keys: Keys<'_>) -> Bands {
    let findings = decoder.cx.findings;
    let mut bands = BANDS;
    let share = |key| {
        keys.get(key)
            .and_then(|node| keys::share(findings, node, key))
    };
    if let Some(node) = keys.get("costs") {
        for key in keys.present(&["accept", "confirm"]) {
            findings.add(
                &rule::CONFLICTING_KEYS,
                key.place,
                format!("`{}` follows from `costs`", key.text),
            );
        }
        bands = by_costs(decoder, node).unwrap_or(bands);
    }
    bands.accept = share("accept").unwrap_or(bands.accept);
    bands.confirm = share("confirm").unwrap_or(bands.confirm);
    if bands.confirm > bands.accept {
        findings.add(
            &rule::WRONG_VALUE,
            keys.get("confirm").map_or(keys.place, |node| node.place),
            "`confirm` must not be above `accept`",
        );
    }
    let several = [("in_turn", Several::InTurn), ("clarify", Several::Clarify)];
    if let Some(node) = keys.get("several") {
        bands.several = keys::word(findings, node, "several", &several).unwrap_or_default();
    }
    bands
}

/// The name of what reads texts.
fn encoder(decoder: &Decoder<'_>, keys: Keys<'_>) -> Option<&'static str> {
    let known = schema::ENCODERS.map(|name| (name, name));
    let node = keys.get("encoder")?;
    keys::word(decoder.cx.findings, node, "encoder", &known)
}

/// With these costs the bands at which the expected cost is least: acting costs `(1 - p) · wrong`, and what else there is costs
/// `ask` or `person`. Asking back is worth it as long as it saves a person often enough: never, where it costs more than one.
fn by_costs(decoder: &Decoder<'_>, node: &Node) -> Option<Bands> {
    let findings = decoder.cx.findings;
    let keys = Keys::read(findings, node, &schema::COSTS)?;
    let cost = |key: &'static str| {
        keys.required(findings, key)
            .and_then(|node| keys::amount(findings, node, key))
    };
    let (wrong, ask, person) = (cost("wrong"), cost("ask"), cost("person"));
    let (wrong, ask, person) = (wrong?, ask?, person?);
    if wrong <= 0.0 || person <= 0.0 {
        findings.add(
            &rule::WRONG_VALUE,
            node.place,
            "a wrong answer and a person cost more than nothing",
        );
        return None;
    }
    let accept = (1.0 - ask.min(person) / wrong).clamp(0.0, 1.0);
    Some(Bands {
        accept: accept as f32,
        confirm: (ask / person).clamp(0.0, accept) as f32,
        several: Several::InTurn,
    })
}

fn channels(decoder: &Decoder<'_>, node: Option<&Node>) -> BTreeMap<String, Channel> {
    let findings = decoder.cx.findings;
    let entries = node
        .and_then(|node| keys::map(findings, node, "`channels`"))
        .unwrap_or_default();
    let mut channels = BTreeMap::new();
    for (key, value) in entries {
        let Some(keys) = Keys::read(findings, value, &schema::CHANNEL) else {
            continue;
        };
        let text = |name| {
            keys.get(name)
                .and_then(|node| keys::name(findings, node, name))
                .map(str::to_owned)
        };
        let _ = template_under(decoder, keys, "window_template");
        let channel = Channel {
            via: text("via").unwrap_or_else(|| key.text.clone()),
            window_template: text("window_template"),
            login: text("login"),
            place: key.place,
        };
        channels.insert(key.text.clone(), channel);
    }
    channels
}

fn logins(decoder: &Decoder<'_>, node: Option<&Node>) -> BTreeMap<String, Login> {
    let findings = decoder.cx.findings;
    let entries = node
        .and_then(|node| keys::map(findings, node, "`logins`"))
        .unwrap_or_default();
    let mut logins = BTreeMap::new();
    for (key, value) in entries {
        let Some(read) = Keys::read(findings, value, &schema::LOGIN) else {
            continue;
        };
        let kinds = ["api_key", "bearer", "basic", "oauth2", "hmac", "mtls"].map(|one| (one, one));
        let kind = read
            .required(findings, "kind")
            .and_then(|node| keys::word(findings, node, "kind", &kinds));
        let settings = value
            .as_map()
            .unwrap_or_default()
            .iter()
            .filter(|(key, _)| key.text != "kind")
            .filter_map(|(key, value)| Some((key.text.clone(), value.as_text()?.to_owned())))
            .collect();
        check_secret(decoder, read);
        let login = Login {
            kind: kind.unwrap_or_default().to_owned(),
            settings,
        };
        logins.insert(key.text.clone(), login);
    }
    logins
}

/// A secret stands in the environment, never in a file that is shared.
fn check_secret(decoder: &Decoder<'_>, keys: Keys<'_>) {
    if let Some(node) = keys.get("secret")
        && let Some(text) = keys::text(decoder.cx.findings, node, "`secret`")
        && super::environment_names(text).is_empty()
    {
        decoder.cx.findings.add_with_help(
            &rule::SECRET_EXPOSED,
            node.place,
            "a secret stands in this file, where everybody who has the bot can read it",
            "put it into the environment and write `${NAME}` here",
        );
    }
}
