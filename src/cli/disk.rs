//! The files of the user: read, listed, and, where a command is there for that, written.
#![expect(
    clippy::disallowed_methods,
    reason = "this is where configuration is read and where formatted files are written"
)]

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::exit::without_error_numbers;

/// Configuration is small; what is larger is something else by mistake.
const MOST_BYTES: u64 = 64 << 20;

/// All bytes of a file.
pub(super) fn read(file: &Utf8Path) -> io::Result<Vec<u8>> {
    let opened = fs::File::open(file)?;
    let facts = opened.metadata()?;
    if facts.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // Room for all of it, and for seeing that there is no more: two calls for a file, not eight.
    let size = usize::try_from(facts.len().min(MOST_BYTES)).unwrap_or(0);
    let mut bytes = Vec::with_capacity(size + 1);
    // A pipe or a device may have no end.
    opened.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Why something could not be done.
pub(super) fn reason(error: &io::Error) -> String {
    without_error_numbers(&error.to_string()).to_lowercase()
}

/// All of stdin.
pub(super) fn read_stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// The entries of a folder, in any order.
pub(super) fn list(folder: &Utf8Path) -> io::Result<fs::ReadDir> {
    fs::read_dir(folder)
}

/// Copies a file, with its permissions, unless the same bytes lie there already; tells whether it
/// was copied.
pub(super) fn bring(from: &Utf8Path, to: &Utf8Path) -> io::Result<bool> {
    if let (Ok(old), Ok(new)) = (read(to), read(from))
        && old == new
    {
        return Ok(false);
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = beside(to);
    let brought = fs::copy(from, &beside).and_then(|_| fs::rename(&beside, to));
    if brought.is_err() {
        // Whether it goes or not, the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    brought.map(|()| true)
}

/// Makes a link, unless the same one is there already; tells whether it was made.
pub(super) fn link(target: &Utf8Path, at: &Utf8Path) -> io::Result<bool> {
    if at.read_link_utf8().is_ok_and(|known| known == target) {
        return Ok(false);
    }
    if let Some(folder) = at.parent() {
        fs::create_dir_all(folder)?;
    }
    if at.symlink_metadata().is_ok() {
        fs::remove_file(at)?;
    }
    std::os::unix::fs::symlink(target, at).map(|()| true)
}

/// Removes a folder with all that is in it. Links in it are removed, not followed.
pub(super) fn remove_folder(folder: &Utf8Path) -> io::Result<()> {
    fs::remove_dir_all(folder)
}

/// Puts `text` into a file, whole or not at all; its permissions stay.
///
/// Where the name is a link, the file it leads to is replaced, not the link.
pub(super) fn replace(file: &Utf8Path, text: &str) -> io::Result<()> {
    let target = match file.canonicalize_utf8() {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => file.to_owned(),
        Err(error) => return Err(error),
    };
    let beside = beside(&target);
    let written = write_new(&beside, text).and_then(|()| {
        if let Ok(old) = fs::metadata(&target) {
            fs::set_permissions(&beside, old.permissions())?;
        }
        fs::rename(&beside, &target)
    });
    if written.is_err() {
        // Whether it goes or not, the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(path: &Utf8Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A name in the same folder that nobody else uses.
fn beside(target: &Utf8Path) -> Utf8PathBuf {
    let name = target.file_name().unwrap_or_default();
    target.with_file_name(format!(".{name}.terrane-{}", std::process::id()))
}
