//! Secrets in what a customer writes: taken out before anything else sees the text.

use std::collections::BTreeMap;

use crate::{Expected, Pattern, Understanding};

/// What stands in a text instead of a secret: `‹last4›`.
pub fn secret_marker(slot: &str) -> String {
    format!("‹{slot}›")
}

/// Takes out what was found inside markers: the `4` of `‹last4›` is no number of the customer's.
pub fn drop_marked(understanding: &mut Understanding, text: &str) {
    let marked: Vec<usize> = text
        .split_whitespace()
        .enumerate()
        .filter(|(_, word)| word.contains('‹'))
        .map(|(position, _)| position)
        .collect();
    understanding.entities.retain(|entity| {
        let words = usize::from(entity.words.start)..usize::from(entity.words.end);
        !marked.iter().any(|position| words.contains(position))
    });
}

/// The text with every secret that may be given now replaced by its marker, and the values by slot name. A value that stands
/// inside a longer word or number takes that whole with it: what is not a fitting value must not be seen either.
pub fn mask(text: &str, expected: &Expected) -> (String, BTreeMap<String, String>) {
    let mut masked = text.to_owned();
    let mut values = BTreeMap::new();
    for (slot, pattern) in &expected.secrets {
        match pattern {
            Some(pattern) => masked = mask_matches(&masked, slot, pattern, &mut values),
            None if !masked.trim().is_empty() && !masked.contains('‹') => {
                values.insert(slot.clone(), masked.trim().to_owned());
                masked = secret_marker(slot);
            }
            None => {}
        }
    }
    (masked, values)
}

fn mask_matches(
    text: &str,
    slot: &str,
    pattern: &Pattern,
    values: &mut BTreeMap<String, String>,
) -> String {
    let mut masked = String::new();
    let mut done = 0;
    for found in pattern.regex().find_iter(text) {
        if found.is_empty() || found.start() < done || inside_marker(text, found.start()) {
            continue;
        }
        let (start, end) = whole_word(text, found.start(), found.end());
        let start = start.max(done);
        masked.push_str(&text[done..start]);
        masked.push_str(&secret_marker(slot));
        values
            .entry(slot.to_owned())
            .or_insert_with(|| text[start..end].to_owned());
        done = end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// Whether the place is inside a marker that stands for another secret.
fn inside_marker(text: &str, at: usize) -> bool {
    let before = &text[..at];
    before.rfind('‹') > before.rfind('›')
}

fn whole_word(text: &str, start: usize, end: usize) -> (usize, usize) {
    let before = text[..start]
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric());
    let after = text[end..].chars().take_while(|c| c.is_alphanumeric());
    (
        start - before.map(char::len_utf8).sum::<usize>(),
        end + after.map(char::len_utf8).sum::<usize>(),
    )
}
