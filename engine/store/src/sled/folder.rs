//! The folder of a store on the disk: who holds it, and which of its databases is the present one.
//!
//! ```text
//! store.lock      held by the process that has the store open
//! store.current   the name of the present database, replaced by one rename
//! store-1/        a database of sled's
//! ```
//!
//! Compacting writes a new database beside the old one and then renames one small file, so that a crash leaves the old or the
//! new, never half of each. What `store.current` doesn't name is left over from a crash, and removed.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::StoreError;

const LOCK: &str = "store.lock";
const CURRENT: &str = "store.current";
const NEXT: &str = "store.current.new";
const DATABASE: &str = "store-";

/// A folder that this process holds until the value is dropped.
pub(super) struct Folder {
    path: PathBuf,
    database: u64,
    _lock: File,
}

impl Folder {
    /// Takes a folder; makes it if it isn't there.
    pub(super) fn take(path: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(path).map_err(|why| failed("make the folder", path, &why))?;
        let lock = lock(path)?;
        let database = current(path)?;
        let folder = Self {
            path: path.to_owned(),
            database: database.unwrap_or(1),
            _lock: lock,
        };
        if database.is_none() {
            folder.point_to(1)?;
        }
        folder.remove_leftovers()?;
        Ok(folder)
    }

    /// The folder itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The present database.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join(format!("{DATABASE}{}", self.database))
    }

    /// Where the next database is made.
    pub(super) fn next_database(&self) -> PathBuf {
        self.path.join(format!("{DATABASE}{}", self.database + 1))
    }

    /// Makes the next database the present one, durably, and removes the old one.
    pub(super) fn swap(&mut self) -> Result<(), StoreError> {
        sync_folder(&self.next_database())?;
        self.point_to(self.database + 1)?;
        self.database += 1;
        self.remove_leftovers()
    }

    fn point_to(&self, database: u64) -> Result<(), StoreError> {
        let next = self.path.join(NEXT);
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&next)?;
            write!(file, "{DATABASE}{database}")?;
            file.sync_all()?;
            fs::rename(&next, self.path.join(CURRENT))
        };
        write().map_err(|why| failed("name the present database in", &next, &why))?;
        sync_folder(&self.path)
    }

    fn remove_leftovers(&self) -> Result<(), StoreError> {
        let present = self.database();
        let entries = fs::read_dir(&self.path).map_err(|why| failed("read", &self.path, &why))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        for path in paths.filter(|path| is_database(path) && *path != present) {
            fs::remove_dir_all(&path)
                .map_err(|why| failed("remove the old database", &path, &why))?;
        }
        Ok(())
    }

    /// What the present database takes, in bytes.
    pub(super) fn disk_bytes(&self) -> u64 {
        bytes_below(&self.database())
    }

    /// What is free on the disk, in bytes; none where the system doesn't say.
    pub(super) fn free_bytes(&self) -> Option<u64> {
        let disk = rustix::fs::statvfs(&self.path).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let at = path.join(LOCK);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&at)
        .map_err(|why| failed("open", &at, &why))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Used(path.to_owned())),
        Err(TryLockError::Error(why)) => Err(failed("lock", &at, &why)),
    }
}

/// The number of the present database; none = there is none yet.
fn current(path: &Path) -> Result<Option<u64>, StoreError> {
    let at = path.join(CURRENT);
    let text = match fs::read_to_string(&at) {
        Ok(text) => text,
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(failed("read", &at, &why)),
    };
    let number = text
        .strip_prefix(DATABASE)
        .and_then(|number| number.trim().parse().ok());
    number.map(Some).ok_or_else(|| StoreError::Corrupt {
        what: at.display().to_string(),
    })
}

fn is_database(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.and_then(|name| name.strip_prefix(DATABASE))
        .is_some_and(|number| number.parse::<u64>().is_ok())
}

/// Makes the names in a folder durable.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|why| failed("write", path, &why))
}

fn bytes_below(path: &Path) -> u64 {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(data) if data.is_dir() => bytes_below(&entry.path()),
        Ok(data) => data.len(),
        // It went away meanwhile.
        Err(_) => 0,
    });
    sizes.sum()
}

/// A file that could not be used.
pub(super) fn failed(tried: &str, path: &Path, why: &std::io::Error) -> StoreError {
    StoreError::File {
        what: format!("Could not {tried} {}", path.display()),
        why: why.to_string(),
    }
}
