//! The files of a bot: which paths belong to one, and reading exactly these from a folder.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// A bot's files by their path from its folder, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The largest file, in bytes: a bot's whole text is far smaller.
pub const FILE_BYTES_MAX: u64 = 1 << 20;

/// The largest file of examples, in bytes.
pub const INTENTS_BYTES_MAX: u64 = 10 << 20;

/// The most files of one bot.
pub const FILES_MAX: usize = 10_000;

/// How deep folders are nested.
const FOLDERS_MAX: usize = 8;

/// What a file is, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// `bot.yaml`
    Bot,
    /// `tools.yaml`
    Tools,
    /// `flows/*.yaml`
    Flow,
    /// `intents/<locale>/*.yaml`
    Intents,
    /// `templates/<locale>/*.yaml`
    Templates,
    /// `specs/*`
    Spec,
    /// `media/**`: only that it is there.
    Media,
    /// `agents/*.yaml`
    Agent,
    /// `knowledge/<locale>/**`
    Knowledge,
    /// `tests/conversations/**/*.yaml`
    Test,
}

impl FileKind {
    /// What the file at a path is, if it belongs to a bot.
    pub fn of(path: &str) -> Option<FileKind> {
        let parts: Vec<&str> = path.split('/').collect();
        let yaml = path.ends_with(".yaml");
        match parts.as_slice() {
            ["bot.yaml"] => Some(FileKind::Bot),
            ["tools.yaml"] => Some(FileKind::Tools),
            ["flows", _] if yaml => Some(FileKind::Flow),
            ["intents", _, _] if yaml => Some(FileKind::Intents),
            ["templates", _, _] if yaml => Some(FileKind::Templates),
            ["agents", _] if yaml => Some(FileKind::Agent),
            ["specs", _] => Some(FileKind::Spec),
            ["media", _, ..] => Some(FileKind::Media),
            ["knowledge", _, _, ..] if is_article(path) => Some(FileKind::Knowledge),
            ["tests", "conversations", _, ..] if yaml => Some(FileKind::Test),
            _ => None,
        }
    }

    /// The largest file of this kind, in bytes.
    pub fn bytes_max(self) -> u64 {
        match self {
            FileKind::Intents | FileKind::Media | FileKind::Knowledge => INTENTS_BYTES_MAX,
            _ => FILE_BYTES_MAX,
        }
    }
}

fn is_article(path: &str) -> bool {
    [".md", ".html", ".pdf", ".txt"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// The folders that can hold files of a bot.
const FOLDERS: &[&str] = &[
    "flows",
    "intents",
    "templates",
    "specs",
    "media",
    "agents",
    "knowledge",
    "tests/conversations",
];

/// Reads a bot's folder: exactly the paths that belong to one. A file beyond its bound is read up to one byte more, so that
/// [`crate::compile`] reports it; links are not followed out of curiosity, and hidden files are left alone.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn read(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    for name in ["bot.yaml", "tools.yaml"] {
        if folder.join(name).is_file() {
            read_file(folder, name, &mut files)?;
        }
    }
    for name in FOLDERS {
        if folder.join(name).is_dir() {
            read_folder(folder, name, 0, &mut files)?;
        }
    }
    Ok(files)
}

fn read_folder(root: &Path, path: &str, depth: usize, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(root.join(path))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if name.starts_with('.') || files.len() >= FILES_MAX {
            continue;
        }
        let path = format!("{path}/{name}");
        if entry.path().is_dir() {
            if depth < FOLDERS_MAX {
                read_folder(root, &path, depth + 1, files)?;
            }
        } else {
            read_file(root, &path, files)?;
        }
    }
    Ok(())
}

fn read_file(root: &Path, path: &str, files: &mut Files) -> io::Result<()> {
    let Some(kind) = FileKind::of(path) else {
        return Ok(());
    };
    let mut bytes = Vec::new();
    fs::File::open(root.join(path))?
        .take(kind.bytes_max() + 1)
        .read_to_end(&mut bytes)?;
    files.insert(path.to_owned(), bytes);
    Ok(())
}
