//! Words of a language that are mistyped: "tommorow", "Donnertag".

use super::language::lookup;
use super::phrase::mistakes;

/// Shorter words turn into other words by one letter.
const LETTERS_MIN: usize = 6;
/// A mistake is forgiven once in so many letters.
const LETTERS_PER_MISTAKE: usize = 4;
/// However long the word is.
const MISTAKES_MAX: usize = 2;

/// The value of a word in a table, with a mistake or two in a long word. The first letter must be right, and a word with an
/// ending is another word ("mondays").
pub(crate) fn lookup_mistyped<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    if word.len() < LETTERS_MIN - 1 {
        return None;
    }
    if let Some(found) = lookup(table, word) {
        return Some(found);
    }
    let typed: Vec<char> = word.chars().collect();
    let begins_alike = |name: &str| name.chars().next() == typed.first().copied();
    let table = table.iter().filter(|(name, _)| begins_alike(name));
    let near = table.filter_map(|(name, value)| {
        let meant: Vec<char> = name.chars().collect();
        let allowed = (meant.len() / LETTERS_PER_MISTAKE).min(MISTAKES_MAX);
        let alike = meant.len() >= LETTERS_MIN
            && meant.len().abs_diff(typed.len()) <= allowed
            && !word.starts_with(name)
            && !name.contains(' ');
        let count = alike.then(|| mistakes(&typed, &meant, allowed)).flatten()?;
        Some((count, *value))
    });
    near.reduce(|best, one| if one.0 < best.0 { one } else { best })
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_may_be_mistyped() {
        let table = [
            ("thursday", 3),
            ("tuesday", 1),
            ("monday", 0),
            ("morgen", 9),
        ];
        let found = |word| lookup_mistyped(&table, word);
        assert_eq!(found("thrusday"), Some(3));
        assert_eq!(found("tuseday"), Some(1));
        assert_eq!(found("mnday"), Some(0));
        assert_eq!(found("mondays"), None);
        assert_eq!(found("sunday"), None);
        assert_eq!(found("may"), None);
        assert_eq!(found("morgens"), None);
    }
}
