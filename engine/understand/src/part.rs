//! Several wishes in one message: "I lost my card, and what is the exchange rate?"
//!
//! The message is cut at punctuation and conjunctions, and the pieces are put together to parts in every way. A way counts
//! when each part is accepted by itself, all ask for different things, and together they explain the message better than
//! the whole does; of those the surest is taken.

use std::ops::Range;

use dialog::{Bands, Part, Words};

use crate::built_in;
use crate::classifier::{Classification, Classifier, Tiers};
use crate::cue::Cues;
use crate::entity::text::{Kind, Text, Token};

/// More pieces than this make a story, not a list of wishes.
const PIECES_MAX: usize = 8;

/// Nobody is answered to more than this at once.
const PARTS_MAX: usize = 3;

/// From here a part is in scope: the middle of the in-scope score, see [`crate::scope`].
const IN_SCOPE: f32 = 0.5;

/// The message's parts, in the order of the text: at least two, or none.
pub(crate) fn split(
    tiers: Tiers,
    text: &Text,
    whole: &Classification,
    cues: &Cues,
    bands: Bands,
) -> Vec<Part> {
    let pieces = pieces(text, cues);
    if pieces.len() < 2 || pieces.len() > PIECES_MAX {
        return Vec::new();
    }
    let mut best: Option<(f32, Vec<Part>)> = None;
    let spans = Spans::of(tiers.classifier, text, &pieces, bands);
    for parts in spans.ways(0, PARTS_MAX) {
        let surest = parts
            .iter()
            .map(|part| confidence(part))
            .fold(1.0, f32::min);
        let better = best
            .as_ref()
            .is_none_or(|(confidence, _)| surest > *confidence);
        if parts.len() >= 2 && better && beats(&parts, whole) && all_differ(&parts) {
            best = Some((surest, parts.into_iter().cloned().collect()));
        }
    }
    let parts = best.map(|(_, parts)| parts).unwrap_or_default();
    if tiers.encoder.is_none() {
        return parts;
    }
    read_again(tiers, text, parts, bands)
}

/// Ranks the parts once more with the encoder, which was too slow to look at every way of cutting; none when it does not
/// accept them all.
fn read_again(tiers: Tiers, text: &Text, parts: Vec<Part>, bands: Bands) -> Vec<Part> {
    let again = |part: Part| {
        let inside = text
            .tokens
            .iter()
            .filter(|token| (part.words.start..part.words.end).contains(&token.word));
        let start = inside.clone().map(|token| token.start).min()?;
        let end = inside.map(|token| token.end).max()?;
        let Classification { intents, in_scope } = tiers.classify(&text.raw[start..end]);
        let best = intents.first()?;
        (best.confidence.0 >= bands.accept && in_scope.0 >= IN_SCOPE).then_some(Part {
            intents,
            in_scope,
            ..part
        })
    };
    let read: Option<Vec<Part>> = parts.into_iter().map(again).collect();
    let read = read.unwrap_or_default();
    if all_differ(&read.iter().collect::<Vec<_>>()) {
        read
    } else {
        Vec::new()
    }
}

fn confidence(part: &Part) -> f32 {
    part.intents.first().map_or(0.0, |best| best.confidence.0)
}

fn intent(part: &Part) -> &str {
    part.intents.first().map_or("", |best| best.intent.as_str())
}

fn all_differ(parts: &[&Part]) -> bool {
    parts.iter().enumerate().all(|(index, part)| {
        parts[..index]
            .iter()
            .all(|other| intent(other) != intent(part))
    })
}

/// Whether the whole would leave one of the parts' wishes out or be less sure than the parts are together.
fn beats(parts: &[&Part], whole: &Classification) -> bool {
    let Some(best) = whole.intents.first() else {
        return true;
    };
    let product: f32 = parts.iter().map(|part| confidence(part)).product();
    let belongs = parts.iter().any(|part| intent(part) == best.intent);
    belongs || product > best.confidence.0
}

/// Token ranges between punctuation and conjunctions, conjunctions left out.
fn pieces(text: &Text, cues: &Cues) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut open = false;
    for (index, token) in text.tokens.iter().enumerate() {
        if cues.conjunctions.contains(&token.norm.as_str()) {
            open = false;
            continue;
        }
        match pieces.last_mut() {
            Some(piece) if open && !is_cut(text, index) => piece.end = index + 1,
            _ => pieces.push(index..index + 1),
        }
        open = true;
    }
    pieces
}

/// Whether a sign that ends a clause stands before a token.
fn is_cut(text: &Text, index: usize) -> bool {
    let gap = &text.raw[text.tokens[index - 1].end..text.tokens[index].start];
    gap.contains('\n')
        || (gap.contains(['.', ',', ';', '!', '?']) && gap.contains(char::is_whitespace))
}

/// Runs of pieces that could be a part of their own.
struct Spans {
    pieces: usize,
    /// By first and last piece; none where the run is not accepted.
    parts: Vec<Vec<Option<Part>>>,
}

impl Spans {
    fn of(classifier: &Classifier, text: &Text, pieces: &[Range<usize>], bands: Bands) -> Self {
        let part = |first: usize, last: usize| {
            let tokens = pieces[first].start..pieces[last].end;
            let all = first == 0 && last + 1 == pieces.len();
            (!all)
                .then(|| read(classifier, text, tokens, bands))
                .flatten()
        };
        let from = |first: usize| {
            (first..pieces.len())
                .map(|last| part(first, last))
                .collect()
        };
        Self {
            pieces: pieces.len(),
            parts: (0..pieces.len()).map(from).collect(),
        }
    }

    /// Every way to put the pieces from `first` on together, in at most so many parts.
    fn ways(&self, first: usize, parts_max: usize) -> Vec<Vec<&Part>> {
        if first == self.pieces {
            return vec![Vec::new()];
        }
        if parts_max == 0 {
            return Vec::new();
        }
        let starts = self.parts[first]
            .iter()
            .enumerate()
            .filter_map(|(length, part)| Some((length, part.as_ref()?)));
        let ways = starts.flat_map(|(length, part)| {
            let rest = self.ways(first + length + 1, parts_max - 1);
            rest.into_iter()
                .map(move |rest| std::iter::once(part).chain(rest).collect())
        });
        ways.collect()
    }
}

/// Built-in intents that are a wish beside another one. The others only colour it: "my card is blocked and I don't know why".
const BUILT_IN_WISHES: [&str; 2] = ["cancel", "talk_to_person"];

/// Built-in intents that only answer what was asked before: they stand first or not at all.
const BUILT_IN_ANSWERS: [&str; 2] = ["affirm", "deny"];

/// A wish of the bot's own has more than one word with letters, else every number after an "and" would be one.
const WORDS_MIN: usize = 2;

/// What these tokens ask for, if that is accepted by itself.
fn read(classifier: &Classifier, text: &Text, tokens: Range<usize>, bands: Bands) -> Option<Part> {
    let inside = &text.tokens[tokens.clone()];
    let (first, last) = (inside.first()?, inside.last()?);
    let Classification { intents, in_scope } = classifier.quick(&text.raw[first.start..last.end]);
    let best = intents.first()?;
    let accepted = best.confidence.0 >= bands.accept && in_scope.0 >= IN_SCOPE;
    let words = Words {
        start: first.word,
        end: last.word + 1,
    };
    (accepted && is_wish(&best.intent, inside, tokens.start == 0)).then_some(Part {
        words,
        intents,
        in_scope,
    })
}

fn is_wish(intent: &str, tokens: &[Token], leads: bool) -> bool {
    if built_in::NAMES.contains(&intent) {
        return BUILT_IN_WISHES.contains(&intent) || (leads && BUILT_IN_ANSWERS.contains(&intent));
    }
    tokens
        .iter()
        .filter(|token| token.kind == Kind::Letters)
        .count()
        >= WORDS_MIN
}
