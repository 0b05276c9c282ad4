//! Roles: a value that means something by the word before it ("*from* Rome *to* Paris").

use dialog::Locale;

use super::Finding;
use super::language::{self, Language};
use super::text::Text;
use crate::tag::Tagged;

/// An entity that is another one behind a cue.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    name: String,
    of: String,
    /// Language (none = all) and cue.
    cues: Vec<(Option<String>, String)>,
}

impl Role {
    pub(crate) fn new(name: &str, of: &str, cue: &[(Option<Locale>, String)]) -> Self {
        let cues = cue
            .iter()
            .map(|(locale, word)| (locale.as_ref().map(language::tag), word.to_lowercase()))
            .collect();
        Self {
            name: name.to_owned(),
            of: of.to_owned(),
            cues,
        }
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// What a learned role is the role of, if that was found there and the cues have not said so already.
    pub(crate) fn learned(&self, tagged: &Tagged<'_>, found: &[Finding]) -> Option<Finding> {
        let overlaps =
            |one: &&Finding| one.span.start < tagged.span.end && tagged.span.start < one.span.end;
        let mut there = found.iter().filter(overlaps);
        if there.clone().any(|one| one.entity == self.name) {
            return None;
        }
        let value = there.find(|one| one.entity == self.of)?;
        Some(Finding {
            entity: self.name.clone(),
            confidence: value.confidence.min(tagged.confidence),
            ..value.clone()
        })
    }
}

/// A finding for each role whose cue stands before a value, with at most an article between.
pub(crate) fn roles(
    roles: &[Role],
    text: &Text<'_>,
    language: &Language,
    locale: &Locale,
    found: &[Finding],
) -> Vec<Finding> {
    let tag = language::tag(locale);
    let mut read = Vec::new();
    for role in roles {
        let cues: Vec<&str> = role
            .cues
            .iter()
            .filter(|(one, _)| one.as_ref().is_none_or(|one| *one == tag))
            .map(|(_, cue)| cue.as_str())
            .collect();
        for one in found.iter().filter(|one| one.entity == role.of) {
            if cues
                .iter()
                .any(|cue| stands_before(cue, text, language, one.span.start))
            {
                read.push(Finding {
                    entity: role.name.clone(),
                    ..one.clone()
                });
            }
        }
    }
    read
}

fn stands_before(cue: &str, text: &Text<'_>, language: &Language, at: usize) -> bool {
    let length = cue.split([' ', '-']).count();
    let direct = at
        .checked_sub(length)
        .is_some_and(|start| text.phrase(start, cue).is_some());
    let filled = at > 0
        && language.fillers.contains(&text.word(at - 1))
        && (at - 1)
            .checked_sub(length)
            .is_some_and(|start| text.phrase(start, cue).is_some());
    direct || filled
}
