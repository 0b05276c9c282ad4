//! PDF: the text of its pages, each a section.
//!
//! The library reads what is well-formed. What is hostile may make it panic or work for long, so it works in a thread of its own
//! that is waited for only so long; one that doesn't end is left to itself, and the file is named.

use std::sync::mpsc;
use std::time::Duration;

use super::piece::{Content, Piece, tidy};

/// How long a file may take. A manual of 500 pages takes about two seconds.
const READING_MAX: Duration = Duration::from_secs(20);
/// Nested objects are read by recursion: room for it, so that a hostile file fails by a limit of the library and not by this one.
const STACK_BYTES: usize = 64 << 20;
/// Pages that are read.
const PAGES_MAX: usize = 2_000;
/// Characters of a first line that may be a title.
const TITLE_CHARS_MAX: usize = 120;

/// Reads a file.
///
/// # Errors
/// A sentence when it is damaged, locked, or takes too long.
pub(super) fn read(bytes: &[u8]) -> Result<Content, String> {
    let pages = pages(bytes.to_vec())?;
    let mut content = Content::default();
    for (number, page) in (1..).zip(pages.iter().take(PAGES_MAX)) {
        let lines: Vec<String> = page
            .replace("\r\n", "\n")
            .split("\n\n")
            .map(tidy)
            .filter(|one| !one.is_empty())
            .collect();
        if content.title.is_none() {
            content.title = lines
                .first()
                .filter(|one| one.chars().count() <= TITLE_CHARS_MAX)
                .cloned();
        }
        let heading = Piece::Heading {
            level: 2,
            text: format!("{number}"),
            anchor: Some(format!("page={number}")),
        };
        content.pieces.push(heading);
        content.pieces.extend(lines.into_iter().map(Piece::Line));
    }
    Ok(content)
}

fn pages(bytes: Vec<u8>) -> Result<Vec<String>, String> {
    let (done, result) = mpsc::sync_channel(1);
    let work = move || {
        let read = std::panic::catch_unwind(|| pdf_extract::extract_text_from_mem_by_pages(&bytes));
        // Nobody listens any more when it took too long.
        let _ = done.send(match read {
            Ok(pages) => pages.map_err(|error| format!("it can't be read as a PDF: {error}")),
            Err(_) => Err("it can't be read as a PDF: it is damaged, or uses what is not supported; save it anew or as text".to_owned()),
        });
    };
    let thread = std::thread::Builder::new()
        .name("pdf".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(work);
    thread.map_err(|error| format!("no thread can be started to read it: {error}"))?;
    result.recv_timeout(READING_MAX).unwrap_or_else(|_| {
        Err(format!(
            "reading it takes longer than {} s; save it anew or as text",
            READING_MAX.as_secs()
        ))
    })
}
