//! Articles: from a file of Markdown, HTML, plain text or PDF to passages that know where they stand.

mod cut;
mod html;
mod instruction;
mod markdown;
mod pdf;
mod piece;
mod plain;

use sha2::{Digest as _, Sha256};

pub use cut::PASSAGE_CHARS_MAX;
use instruction::is_instruction;
pub(crate) use instruction::without_instructions;
use piece::Content;

/// The largest file, in bytes: help centres write pages, not books.
pub const ARTICLE_BYTES_MAX: usize = 10 << 20;
/// Passages of one article; what comes behind is left out, and the article says so.
pub const PASSAGES_MAX: usize = 2_000;

/// An article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its path inside its locale's folder, without the ending: `cards/delivery`.
    pub name: String,
    /// The locale whose folder it lies in.
    pub locale: String,
    /// Its title: what it says itself, else its file's name.
    pub title: String,
    /// Where customers find it, if it says so.
    pub link: Option<String>,
    /// What it is made of, in order.
    pub passages: Vec<Passage>,
    /// Whether it has more passages than are kept.
    pub is_cut: bool,
    /// Lines that told a machine what to do, and were left out.
    pub orders: usize,
    /// What its file's content hashes to.
    pub hash: String,
}

/// A section of an article, or a part of one: what is found, quoted and given to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The headings above it, the outermost first, without the title.
    pub headings: Vec<String>,
    /// Where on the page it stands, as in a link behind `#`.
    pub anchor: Option<String>,
    /// What it says; each paragraph, item or row of a table is a line.
    pub text: String,
}

/// Why a file is no article. The message begins with the file's path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct ArticleError {
    /// The file.
    pub path: String,
    /// What is wrong with it, and what to try.
    pub reason: String,
}

impl Article {
    /// Reads a file by its path in the bot's folder, `knowledge/<locale>/….<md|html|txt|pdf>`.
    ///
    /// # Errors
    /// When it is too large, damaged, no text, or takes too long to read.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Self, ArticleError> {
        let error = |reason: String| ArticleError {
            path: path.to_owned(),
            reason,
        };
        let (locale, rest) = place(path).ok_or_else(|| {
            error("it lies in no locale's folder, such as knowledge/en/".to_owned())
        })?;
        if bytes.len() > ARTICLE_BYTES_MAX {
            return Err(error(format!(
                "it is larger than {} MB; split it",
                ARTICLE_BYTES_MAX >> 20
            )));
        }
        let (name, ending) = rest.rsplit_once('.').unwrap_or((rest, ""));
        let content = content(ending, bytes).map_err(error)?;
        let (mut passages, is_cut) = cut::passages(&content.pieces);
        let mut orders = take_out_instructions(&mut passages);
        orders += usize::from(content.title.as_deref().is_some_and(is_instruction));
        if passages.is_empty() {
            return Err(error(
                "no text is in it; a scanned page needs its text recognised first".to_owned(),
            ));
        }
        let file = name.rsplit('/').next().unwrap_or(name);
        Ok(Self {
            name: name.to_owned(),
            locale: locale.to_owned(),
            title: content
                .title
                .filter(|title| !title.is_empty() && !is_instruction(title))
                .unwrap_or_else(|| file.replace(['-', '_'], " ")),
            link: content.link,
            passages,
            is_cut,
            orders,
            hash: hash(bytes),
        })
    }
}

/// Leaves out lines that speak to a machine, and passages of which nothing is left. How many lines there were.
fn take_out_instructions(passages: &mut Vec<Passage>) -> usize {
    let mut orders = 0;
    for passage in passages.iter_mut() {
        let (text, count) = without_instructions(&passage.text);
        passage.text = text;
        orders += count + take_out_headings(passage);
    }
    passages.retain(|passage| !passage.text.is_empty());
    orders
}

/// The same of the headings above it; a place on the page that is called so goes, too.
fn take_out_headings(passage: &mut Passage) -> usize {
    let before = passage.headings.len();
    passage.headings.retain(|heading| !is_instruction(heading));
    let count = before - passage.headings.len();
    if count > 0 {
        passage.anchor = None;
    }
    count
}

/// What a file's content hashes to, in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The locale and the rest of a path.
fn place(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("knowledge/")?.split_once('/')
}

fn content(ending: &str, bytes: &[u8]) -> Result<Content, String> {
    if ending == "pdf" {
        return pdf::read(bytes);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        format!(
            "it is no UTF-8 text (byte {}); save it as UTF-8",
            error.valid_up_to() + 1
        )
    })?;
    let text = text.trim_start_matches('\u{feff}');
    match ending {
        "md" => Ok(markdown::read(text)),
        "html" => Ok(html::read(text)),
        "txt" => Ok(plain::read(text)),
        other => Err(format!(
            "files ending with `{other}` can't be read; there are md, html, txt and pdf"
        )),
    }
}
