//! What must be copied to the letter: links, addresses of mail, ids.

use std::sync::LazyLock;

use regex::Regex;

/// Something that is right to the letter or wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Literal {
    pub(crate) kind: Kind,
    /// In the form in which two are compared.
    pub(crate) value: String,
    pub(crate) at: (usize, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Link,
    Mail,
    Id,
}

static MAIL: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"));
/// With a scheme, or a host name with an ending that is one.
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?ix) (?: https?:// [^\s<>"')\]]+ | www\. [^\s<>"')\]]+
         | \b [a-z0-9][a-z0-9-]* (?: \.[a-z0-9-]+ )* \. (?: com|org|net|de|eu|uk|at|ch|io|info|app|dev|gov|edu|example|bank|shop ) \b (?: /[^\s<>"')\]]* )? )"#,
    )
});
/// Letters and digits in one, or groups of them joined by a hyphen: `TX-4711`, `DE89370400440532013000`.
static ID: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*\b"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is ours")
}

/// All of a text, by place.
pub(crate) fn literals(text: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    collect(&MAIL, Kind::Mail, text, &mut found);
    collect(&LINK, Kind::Link, text, &mut found);
    for one in ID.find_iter(text).filter(|one| is_id(one.as_str())) {
        push(Kind::Id, one, &mut found);
    }
    found.sort_by_key(|one| one.at);
    found
}

fn collect(pattern: &Regex, kind: Kind, text: &str, found: &mut Vec<Literal>) {
    for one in pattern.find_iter(text) {
        push(kind, one, found);
    }
}

fn push(kind: Kind, one: regex::Match<'_>, found: &mut Vec<Literal>) {
    let text = one
        .as_str()
        .trim_end_matches(['.', ',', ';', ':', '!', '?']);
    let at = (one.start(), one.start() + text.len());
    if found
        .iter()
        .any(|other| other.at.0 < at.1 && at.0 < other.at.1)
    {
        return;
    }
    found.push(Literal {
        kind,
        value: normal(kind, text),
        at,
    });
}

fn normal(kind: Kind, text: &str) -> String {
    let lower = text.to_lowercase();
    match kind {
        Kind::Id => lower.chars().filter(|one| one.is_alphanumeric()).collect(),
        Kind::Mail => lower,
        Kind::Link => {
            let bare = lower
                .trim_start_matches("https://")
                .trim_start_matches("http://");
            bare.trim_start_matches("www.")
                .trim_end_matches('/')
                .to_owned()
        }
    }
}

/// Letters and digits together, long enough to be no ordinal, unit or product's name (`20th`, `5km`, `mp3`), no `18-to-49-year-old`.
fn is_id(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let lower = text.bytes().any(|one| one.is_ascii_lowercase());
    let parts = text.split(['-', '_', '/']).count();
    digits >= 2
        && letters >= 1
        && digits + letters >= 4
        && (!lower || (parts == 1 && digits >= 4 && letters >= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, String)> {
        literals(text)
            .into_iter()
            .map(|one| (one.kind, one.value))
            .collect()
    }

    #[test]
    fn each_kind_is_found_once() {
        assert_eq!(
            found(
                "Write to Access@ternbank.example, see https://www.ternbank.example/report/. Reference TX-4711."
            ),
            [
                (Kind::Mail, "access@ternbank.example".to_owned()),
                (Kind::Link, "ternbank.example/report".to_owned()),
                (Kind::Id, "tx4711".to_owned()),
            ]
        );
        assert_eq!(
            found("DE89 3704 and DE89370400440532013000 "),
            [
                (Kind::Id, "de89".to_owned()),
                (Kind::Id, "de89370400440532013000".to_owned())
            ]
        );
    }

    #[test]
    fn ordinals_units_and_compounds_are_no_ids() {
        assert_eq!(
            found("the 20th, 18-to-49-year-old, a 24-hour line, 500mb, B2B, 1990s"),
            []
        );
    }
}
