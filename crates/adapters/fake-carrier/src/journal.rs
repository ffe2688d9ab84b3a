//! The file by which the carrier remembers over a restart, one line of JSON for each thing that happened.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use crate::traffic::Entry;

/// An open journal, at its end.
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Opens the file, makes it if it is not there, and returns what it holds.
    ///
    /// A last line that was cut short by a crash is removed: nobody was told that it had happened.
    ///
    /// # Errors
    /// When the file cannot be read or written, or another line than the last is broken.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Vec<Entry>)> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        bytes.truncate(whole);
        let end = u64::try_from(whole).map_err(io::Error::other)?;
        file.set_len(end)?;
        file.seek(SeekFrom::Start(end))?;
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let entries = lines.map(|line| serde_json::from_slice(line).map_err(io::Error::from));
        Ok((Self { file }, entries.collect::<io::Result<_>>()?))
    }

    /// Writes an entry through to the disk.
    ///
    /// # Errors
    /// When the disk does not take it; then it did not happen.
    pub(crate) fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let end = self.file.stream_position()?;
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        if written.is_err() {
            // Half a line must not stand before the next one.
            self.file.set_len(end)?;
            self.file.seek(SeekFrom::Start(end))?;
        }
        written
    }
}
