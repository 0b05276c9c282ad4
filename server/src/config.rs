//! Where the bot runs: `switchboard.yaml`, `SWITCHBOARD_…` variables and flags, later ones winning.
//!
//! Every setting is one row of [`SETTINGS`]: its name, its default, what it is for. The file's keys, the variables' names,
//! the output of `switchboard config` and the documentation all follow from it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use jiff::SignedDuration;
use runtime::Retention;
use serde_json::Value as Json;

use crate::auth::KeyEntry;

/// A setting of the place.
pub(crate) struct Setting {
    /// Its name in the file (`a.b` is `a: { b: … }`); the variable is `SWITCHBOARD_A_B`.
    pub(crate) name: &'static str,
    /// Its value where nobody says otherwise.
    pub(crate) default: &'static str,
    /// What it is for.
    pub(crate) about: &'static str,
}

/// Every setting, in the order in which they are shown.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting {
        name: "listen",
        default: "127.0.0.1:8080",
        about: "address and port; anything but loopback needs `auth.keys`",
    },
    Setting {
        name: "data",
        default: ".switchboard",
        about: "the data folder, relative to the bot's folder; `memory` keeps nothing",
    },
    Setting {
        name: "encoders",
        default: ".switchboard/encoders",
        about: "the folder of local encoders; relative to the bot's folder",
    },
    Setting {
        name: "allowed_origins",
        default: "",
        about: "web pages that may call from a browser, separated by commas",
    },
    Setting {
        name: "log.level",
        default: "info",
        about: "error, warn, info, debug, trace, or a filter such as runtime=debug",
    },
    Setting {
        name: "log.format",
        default: "text",
        about: "text or json",
    },
    Setting {
        name: "tools.private_addresses",
        default: "false",
        about: "whether tools may call loopback and private addresses",
    },
    Setting {
        name: "models.record",
        default: "",
        about: "a file in which the calls of language models are recorded; customers' words are in it",
    },
    Setting {
        name: "models.replay",
        default: "",
        about: "a file of recorded calls that are replayed: no model is asked",
    },
    Setting {
        name: "models.prices",
        default: "",
        about: "a file with what models' tokens cost, beside the published prices",
    },
    Setting {
        name: "limits.body_bytes",
        default: "262144",
        about: "the largest request body",
    },
    Setting {
        name: "limits.connections",
        default: "16000",
        about: "connections at once; further ones are told so and closed; never more than the system's limit of open files",
    },
    Setting {
        name: "limits.header_timeout_s",
        default: "10",
        about: "how long a client may take to send a request's head, and a connection may lie idle",
    },
    Setting {
        name: "limits.body_timeout_s",
        default: "15",
        about: "how long a client may take to send a request's body",
    },
    Setting {
        name: "limits.write_timeout_s",
        default: "30",
        about: "how long a client may read nothing of what is sent to it",
    },
    Setting {
        name: "limits.disk_free_mb",
        default: "200",
        about: "below this much free disk no new message is taken",
    },
    Setting {
        name: "retention.conversations_days",
        default: "90",
        about: "how long a conversation is kept after its last turn",
    },
    Setting {
        name: "retention.ended_days",
        default: "90",
        about: "the same for one that has ended",
    },
    Setting {
        name: "watch",
        default: "true",
        about: "whether a change in the bot's folder is taken over while serving",
    },
    Setting {
        name: "drain_s",
        default: "20",
        about: "how long SIGTERM waits for turns and calls that are under way",
    },
];

/// A conversation takes the ids of its messages along, and those are promised for a week; more than a century is a slip.
const RETENTION_DAYS: RangeInclusive<u64> = 7..=36_500;

/// The data folder's name that means: none.
pub(crate) const MEMORY: &str = "memory";

/// The keys of the file that hold more than a value.
const LISTS: &[&str] = &["auth.keys", "providers.NAME"];

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File(PathBuf),
    Variable(String),
    Flag,
}

/// All settings, with where each comes from.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// API keys.
    pub(crate) keys: Vec<KeyEntry>,
    /// Providers of language models, by name: their settings.
    pub(crate) providers: BTreeMap<String, BTreeMap<String, String>>,
}

impl Config {
    /// Reads `switchboard.yaml` beside the bot, then the variables, then the flags.
    ///
    /// # Errors
    /// An unknown key, a value of the wrong kind, a file that cannot be read: with its place.
    pub(crate) fn load(
        bot: &Path,
        flags: &[(&'static str, Option<String>)],
    ) -> anyhow::Result<Self> {
        let mut config = Self::defaults();
        let file = bot.join("switchboard.yaml");
        if file.exists() {
            config
                .read_file(&file)
                .with_context(|| format!("in {}", file.display()))?;
        }
        config.read_variables(&environment())?;
        for (name, value) in flags {
            if let Some(value) = value {
                config.values.insert(name, (value.clone(), Origin::Flag));
            }
        }
        config.check()?;
        Ok(config)
    }

    fn defaults() -> Self {
        let values = SETTINGS
            .iter()
            .map(|one| (one.name, (one.default.to_owned(), Origin::Default)))
            .collect();
        Self {
            values,
            keys: Vec::new(),
            providers: BTreeMap::new(),
        }
    }

    fn read_file(&mut self, file: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(file)?;
        let tree: Json = serde_saphyr::from_str(&text)?;
        let mut found = Vec::new();
        flatten("", &tree, &mut found);
        for (name, value) in found {
            if name == "auth.keys" {
                self.keys = serde_json::from_value(value)
                    .context("`auth.keys` is a list of { name, role, sha256 }")?;
                continue;
            }
            let provider = name.strip_prefix("providers.");
            if let Some((provider, key)) = provider.and_then(|rest| rest.split_once('.')) {
                let settings = self.providers.entry(provider.to_owned()).or_default();
                settings.insert(key.to_owned(), plain(&value));
                continue;
            }
            let setting = setting(&name).with_context(|| unknown(&name))?;
            self.values
                .insert(setting.name, (plain(&value), Origin::File(file.to_owned())));
        }
        Ok(())
    }

    fn read_variables(&mut self, variables: &BTreeMap<String, String>) -> anyhow::Result<()> {
        for one in SETTINGS {
            let variable = variable(one.name);
            if let Some(value) = variables.get(&variable) {
                self.values
                    .insert(one.name, (value.clone(), Origin::Variable(variable)));
            }
        }
        Ok(())
    }

    fn check(&self) -> anyhow::Result<()> {
        self.listen()?;
        for name in [
            "limits.body_bytes",
            "limits.connections",
            "limits.header_timeout_s",
            "limits.body_timeout_s",
            "limits.write_timeout_s",
            "limits.disk_free_mb",
            "retention.conversations_days",
            "drain_s",
        ] {
            self.number(name)?;
        }
        self.retention()?;
        for name in ["watch", "tools.private_addresses"] {
            self.flag(name)?;
        }
        Ok(())
    }

    /// The value of a setting.
    pub(crate) fn text(&self, name: &'static str) -> &str {
        &self.values[name].0
    }

    /// The value of a setting that is a whole number.
    pub(crate) fn number(&self, name: &'static str) -> anyhow::Result<u64> {
        self.text(name)
            .parse()
            .with_context(|| format!("`{name}` is a whole number, not `{}`", self.text(name)))
    }

    /// The value of a setting that is true or false.
    pub(crate) fn flag(&self, name: &'static str) -> anyhow::Result<bool> {
        self.text(name)
            .parse()
            .with_context(|| format!("`{name}` is true or false, not `{}`", self.text(name)))
    }

    /// How long conversations are kept.
    pub(crate) fn retention(&self) -> anyhow::Result<Retention> {
        Ok(Retention {
            idle: self.days("retention.conversations_days")?,
            ended: self.days("retention.ended_days")?,
        })
    }

    fn days(&self, name: &'static str) -> anyhow::Result<SignedDuration> {
        let days = self.number(name)?;
        if !RETENTION_DAYS.contains(&days) {
            let (least, most) = (RETENTION_DAYS.start(), RETENTION_DAYS.end());
            bail!(
                "`{name}` is {least} to {most}, not {days}: a repeated message is recognised for {least} days"
            );
        }
        Ok(SignedDuration::from_hours(24 * i64::try_from(days)?))
    }

    /// The address to listen on.
    pub(crate) fn listen(&self) -> anyhow::Result<SocketAddr> {
        let text = self.text("listen");
        text.parse().with_context(|| {
            format!("`listen` is an address and a port such as 127.0.0.1:8080, not `{text}`")
        })
    }

    /// Whether the data is kept in memory only, and gone with the process.
    pub(crate) fn keeps_nothing(&self) -> bool {
        self.text("data") == MEMORY
    }

    /// Where the data lies.
    pub(crate) fn data(&self, bot: &Path) -> PathBuf {
        bot.join(self.text("data"))
    }

    /// Where encoders are kept.
    pub(crate) fn encoders(&self, bot: &Path) -> PathBuf {
        bot.join(self.text("encoders"))
    }

    /// Every setting with its value and origin, for `switchboard config`.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&'static Setting, &str, &Origin)> {
        SETTINGS.iter().map(|one| {
            let (value, origin) = &self.values[one.name];
            (one, value.as_str(), origin)
        })
    }
}

/// The process's environment, read once; `NAME_FILE` gives `NAME` the file's content, as container platforms hand over secrets.
pub(crate) fn environment() -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = std::env::vars().collect();
    let files: Vec<(String, String)> = all
        .iter()
        .filter_map(|(name, path)| Some((name.strip_suffix("_FILE")?.to_owned(), path.clone())))
        .collect();
    for (name, path) in files {
        if let (false, Ok(content)) = (all.contains_key(&name), std::fs::read_to_string(path)) {
            all.insert(name, content.trim_end().to_owned());
        }
    }
    all
}

fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|one| one.name == name)
}

fn variable(name: &str) -> String {
    format!("SWITCHBOARD_{}", name.replace('.', "_").to_uppercase())
}

fn unknown(name: &str) -> String {
    let known: Vec<&str> = SETTINGS
        .iter()
        .map(|one| one.name)
        .chain(LISTS.iter().copied())
        .collect();
    format!("unknown setting `{name}`; there are: {}", known.join(", "))
}

fn flatten(prefix: &str, tree: &Json, found: &mut Vec<(String, Json)>) {
    match tree {
        Json::Object(map) => {
            for (key, value) in map {
                let name = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                flatten(&name, value, found);
            }
        }
        Json::Null if prefix.is_empty() => {}
        other => found.push((prefix.to_owned(), other.clone())),
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Refuses to listen where others could call without a key.
///
/// # Errors
/// When the address is not loopback and no key is configured.
pub(crate) fn check_exposure(listen: SocketAddr, keys: &[KeyEntry]) -> anyhow::Result<()> {
    if !listen.ip().is_loopback() && keys.is_empty() {
        bail!(
            "listening on {listen} would let everybody in: set `auth: {{ keys: [{{ name, role, sha256 }}] }}` in switchboard.yaml, \
             or listen on 127.0.0.1"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ones_win() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("switchboard.yaml"),
            "listen: 127.0.0.1:1\nlog: { level: debug }\n",
        )
        .unwrap();
        let config =
            Config::load(folder.path(), &[("listen", Some("127.0.0.1:2".into()))]).unwrap();
        assert_eq!(config.text("listen"), "127.0.0.1:2");
        assert_eq!(config.text("log.level"), "debug");
        assert_eq!(config.text("log.format"), "text");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("switchboard.yaml"),
            "lisen: 127.0.0.1:1\n",
        )
        .unwrap();
        let message = format!("{:#}", Config::load(folder.path(), &[]).unwrap_err());
        assert!(
            message.contains("switchboard.yaml") && message.contains("unknown setting `lisen`"),
            "{message}"
        );
    }

    #[test]
    fn a_conversation_is_kept_as_long_as_its_messages_must_be_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let load = |days: &str| {
            let flag = ("retention.ended_days", Some(days.to_owned()));
            Config::load(folder.path(), &[flag])
        };
        assert_eq!(
            load("7").unwrap().retention().unwrap().ended,
            SignedDuration::from_hours(168)
        );
        for days in ["6", "40000", "a week"] {
            let message = format!("{:#}", load(days).unwrap_err());
            assert!(message.contains("retention.ended_days"), "{message}");
        }
    }

    #[test]
    fn nobody_is_let_in_without_a_key() {
        assert!(check_exposure("0.0.0.0:80".parse().unwrap(), &[]).is_err());
        assert!(check_exposure("127.0.0.1:80".parse().unwrap(), &[]).is_ok());
    }
}
