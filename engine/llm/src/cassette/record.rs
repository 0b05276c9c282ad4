//! Keeping calls, and erasing them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use tracing::error;

use super::{Call, key};
use crate::model::Answer;
use crate::{Error, ErrorKind, Model, Piece, Request};

/// A file that calls are added to. One process at a time.
#[derive(Debug)]
pub struct Cassette {
    path: PathBuf,
    file: Mutex<File>,
}

/// What [`Cassette::erase`] took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Calls about the conversation.
    pub calls: usize,
    /// Lines that could not be read, which a crash in the middle of writing leaves: nobody knows whose they were.
    pub unreadable: usize,
}

impl Cassette {
    /// The cassette at this path, made if it is not there.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Arc<Self>> {
        let path = path.into();
        let file = Mutex::new(open(&path)?);
        Ok(Arc::new(Self { path, file }))
    }

    /// Adds a line. It is not flushed to the disk: a cassette is a record for people and tests, not a promise.
    fn add(&self, call: &Call) -> io::Result<()> {
        let mut line = serde_json::to_vec(call)?;
        line.push(b'\n');
        self.lock().write_all(&line)
    }

    /// Erases every call about a conversation. The file is replaced as a whole: after a crash it is the old one or the new one.
    /// Blocks for as long as the file takes to be copied.
    pub fn erase(&self, about: &str) -> io::Result<Erased> {
        let mut file = self.lock();
        let copy = self.path.with_extension("erasing");
        let erased = copy_without(&self.path, &copy, about)?;
        fs::rename(&copy, &self.path)?;
        sync_folder(&self.path)?;
        *file = open(&self.path)?;
        Ok(erased)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().expect("nothing panics while it is held")
    }
}

/// The file, ready for a new line even if the last one was cut off by a crash.
fn open(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .open(path)?;
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

fn copy_without(from: &Path, to: &Path, about: &str) -> io::Result<Erased> {
    let mut erased = Erased::default();
    let mut kept = BufWriter::new(File::create(to)?);
    for line in BufReader::new(File::open(from)?).split(b'\n') {
        let line = line?;
        match serde_json::from_slice::<Call>(&line) {
            _ if line.is_empty() => {}
            Ok(call) if call.about == about => erased.calls += 1,
            Ok(_) => {
                kept.write_all(&line)?;
                kept.write_all(b"\n")?;
            }
            Err(_) => erased.unreadable += 1,
        }
    }
    kept.into_inner()?.sync_all()?;
    Ok(erased)
}

/// A rename is on the disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A model whose calls are kept.
pub struct Recorder {
    inner: Arc<dyn Model>,
    cassette: Arc<Cassette>,
    about: Arc<str>,
}

impl Recorder {
    /// The model, with every call kept as one about this conversation.
    pub fn new(inner: Arc<dyn Model>, cassette: Arc<Cassette>, about: &str) -> Self {
        Self {
            inner,
            cassette,
            about: about.into(),
        }
    }
}

impl Model for Recorder {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn stream(&self, request: Request, deadline: Duration) -> Answer {
        let mut listener = Listener {
            call: Some(Call {
                key: key(self.name(), &request),
                about: self.about.to_string(),
                model: self.name().to_owned(),
                request: request.clone(),
                pieces: Vec::new(),
                error: None,
            }),
            cassette: self.cassette.clone(),
        };
        let answer = self.inner.stream(request, deadline);
        // Should the answer be dropped, the listener goes with it, and writes what it heard.
        answer.inspect(move |item| listener.hear(item)).boxed()
    }
}

/// Writes a call when it is over: by its end, by an error, or because nobody listens any more.
struct Listener {
    call: Option<Call>,
    cassette: Arc<Cassette>,
}

impl Listener {
    fn hear(&mut self, item: &Result<Piece, Error>) {
        let Some(call) = &mut self.call else { return };
        match item {
            Ok(piece) => call.pieces.push(piece.clone()),
            Err(error) => call.error = Some(error.clone()),
        }
        if matches!(item, Ok(Piece::End(_)) | Err(_)) {
            self.write();
        }
    }

    fn write(&mut self) {
        let Some(call) = self.call.take() else { return };
        if let Err(error) = self.cassette.add(&call) {
            error!(path = %self.cassette.path.display(), %error, "A call could not be kept.");
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(call) = &mut self.call {
            let message = "nobody waited for the rest of the answer";
            call.error = Some(Error::new(ErrorKind::CutOff, &call.model, message));
        }
        self.write();
    }
}
