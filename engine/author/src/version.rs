//! A bot's version: a hash of everything that decides what it does, but not of its examples and articles.

use dialog::BotVersion;
use sha2::{Digest, Sha256};

use crate::files::{FileKind, Files};

/// How many bytes of the hash are kept: enough that two versions never meet, short enough to be read aloud.
const BYTES: usize = 16;

/// The version of these files. Of files with examples only the entities count.
pub(crate) fn of(files: &Files) -> BotVersion {
    let mut hasher = Sha256::new();
    for (path, bytes) in files {
        match FileKind::of(path) {
            Some(
                FileKind::Bot
                | FileKind::Tools
                | FileKind::Flow
                | FileKind::Templates
                | FileKind::Spec
                | FileKind::Agent,
            ) => {
                add(&mut hasher, path.as_bytes());
                add(&mut hasher, bytes);
            }
            Some(FileKind::Intents) => {
                add(&mut hasher, path.as_bytes());
                add(&mut hasher, entities(bytes).as_bytes());
            }
            _ => {}
        }
    }
    let hash = hasher.finalize();
    BotVersion(
        hash[..BYTES]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    )
}

/// The length goes before, so that nothing can move from one file to the next unseen.
fn add(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// The part of a file that declares entities: the lines under `entities:`.
fn entities(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut inside = false;
    let mut found = String::new();
    for line in text.lines() {
        if line.starts_with(|c: char| !c.is_whitespace() && c != '#') {
            inside = line.starts_with("entities:");
        }
        if inside {
            found.push_str(line);
            found.push('\n');
        }
    }
    found
}
