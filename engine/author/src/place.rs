//! Where something stands: a file, a line, a column. Small and copied freely; the file's name and text are in [`Sources`].

use std::collections::BTreeMap;

/// A file of the bot, as an index into [`Sources`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(pub u16);

/// A stretch of one line of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which file.
    pub file: FileId,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters are marked; at least 1.
    pub length: u32,
}

impl Place {
    /// The beginning of a file.
    pub fn start_of(file: FileId) -> Self {
        Self {
            file,
            line: 1,
            column: 1,
            length: 1,
        }
    }
}

/// The files that were read, as text.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    name: String,
    text: String,
    lines: Vec<usize>,
}

impl Sources {
    /// Adds a file; its lines can be looked up from then on.
    pub fn add(&mut self, name: &str, text: String) -> FileId {
        let lines = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        self.files.push(Source {
            name: name.to_owned(),
            text,
            lines,
        });
        FileId(u16::try_from(self.files.len() - 1).expect("a folder has at most FILES_MAX files"))
    }

    /// The file's path from the bot's folder, with `/`.
    pub fn name(&self, file: FileId) -> &str {
        &self.files[usize::from(file.0)].name
    }

    /// The file's whole text.
    pub fn text(&self, file: FileId) -> &str {
        &self.files[usize::from(file.0)].text
    }

    /// A line without its end, from 1; empty beyond the last.
    pub fn line(&self, file: FileId, line: u32) -> &str {
        let source = &self.files[usize::from(file.0)];
        let Some(start) = source.lines.get(line.saturating_sub(1) as usize) else {
            return "";
        };
        source.text[*start..].lines().next().unwrap_or_default()
    }

    /// The byte at which a place begins.
    pub fn byte(&self, place: Place) -> usize {
        let source = &self.files[usize::from(place.file.0)];
        let start = source
            .lines
            .get(place.line.saturating_sub(1) as usize)
            .copied()
            .unwrap_or(source.text.len());
        source.text[start..]
            .char_indices()
            .nth(place.column.saturating_sub(1) as usize)
            .map_or(source.text.len(), |(at, _)| start + at)
    }

    /// The place of the character at a byte, with a length of characters.
    pub fn place(&self, file: FileId, byte: usize, length: u32) -> Place {
        let source = &self.files[usize::from(file.0)];
        let line = source.lines.partition_point(|start| *start <= byte).max(1);
        let start = source.lines[line - 1];
        let column = source.text[start..byte.min(source.text.len())]
            .chars()
            .count()
            + 1;
        Place {
            file,
            line: number(line),
            column: number(column),
            length: length.max(1),
        }
    }

    /// All lines of a file, by name, for printing.
    pub fn by_name(&self) -> BTreeMap<&str, &str> {
        self.files
            .iter()
            .map(|source| (source.name.as_str(), source.text.as_str()))
            .collect()
    }
}

/// A count as it is printed; files are far smaller than this can hold.
pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
