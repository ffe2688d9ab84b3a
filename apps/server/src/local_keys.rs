//! The keys that a local installation makes for itself, once, in `DATA_DIR/keys`, readable by its owner only.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use kernel::Entropy;
use tenancy::SecretText;
use uuid::Uuid;

/// The file with the key-encryption keys.
const PII_ENCRYPTION_KEY: &str = "pii-encryption-key";

/// The folder of keys of a local installation.
pub struct LocalKeys {
    folder: PathBuf,
}

impl LocalKeys {
    /// Opens the folder, making it if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let folder = data_dir.join("keys");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).with_context(|| {
            format!("cannot make {}; set DATA_DIR to a folder that you may write", folder.display())
        })?;
        Ok(Self { folder })
    }

    /// Returns the folder if it is there, and makes nothing.
    pub fn existing(data_dir: &Path) -> Option<Self> {
        let folder = data_dir.join("keys");
        folder.is_dir().then_some(Self { folder })
    }

    /// Returns the key-encryption keys if they were made, and makes none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn made_pii_encryption_key(&self) -> anyhow::Result<Option<SecretText>> {
        Ok(self.read(PII_ENCRYPTION_KEY)?.map(|key| SecretText::new(key.trim())))
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the key-encryption keys, making the first if there is none.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn pii_encryption_key(&self, entropy: &dyn Entropy) -> anyhow::Result<SecretText> {
        self.read_or_make(PII_ENCRYPTION_KEY, || {
            let mut key = [0_u8; 32];
            entropy.fill(&mut key).map_err(anyhow::Error::from_boxed)?;
            Ok(format!("1:{}", STANDARD.encode(key)))
        })
    }

    /// Returns a secret of 192 random bits, making it if there is none.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn secret(&self, name: &str, entropy: &dyn Entropy) -> anyhow::Result<SecretText> {
        self.read_or_make(name, || {
            let mut bytes = [0_u8; 24];
            entropy.fill(&mut bytes).map_err(anyhow::Error::from_boxed)?;
            Ok(URL_SAFE_NO_PAD.encode(bytes))
        })
    }

    /// Returns the content of a file, `None` when it is not there.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self, name: &str) -> anyhow::Result<Option<String>> {
        match fs::read_to_string(self.folder.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(error).with_context(|| format!("cannot read {}", self.folder.join(name).display()))
            }
        }
    }

    /// Writes a file whole or not at all, readable by its owner only.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let written = self.draft(name, content).and_then(|draft| fs::rename(draft, &path));
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// Returns what was made first, whoever made it: of several processes that start at once, one makes the file, and what
    /// another one would have sealed with its own key could never be opened again.
    fn read_or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<SecretText> {
        if self.read(name)?.is_none() {
            self.write_first(name, &make()?)?;
        }
        let known = self.read(name)?.with_context(|| format!("{name} was deleted as soon as it was made"))?;
        Ok(SecretText::new(known.trim()))
    }

    /// Writes a file whole, unless it is there.
    fn write_first(&self, name: &str, content: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let write = || -> io::Result<()> {
            let draft = self.draft(name, content)?;
            let linked = fs::hard_link(&draft, &path);
            fs::remove_file(&draft)?;
            linked
        };
        match write() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            written => written.with_context(|| format!("cannot write {}", path.display())),
        }
    }

    /// Writes what a file is to hold beside it, where nobody else writes.
    fn draft(&self, name: &str, content: &str) -> io::Result<PathBuf> {
        let draft = self.folder.join(format!("{name}.{}.draft", Uuid::new_v4()));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Barrier, thread};

    use super::*;
    use crate::system::OsEntropy;

    #[test]
    fn whoever_starts_at_once_gets_the_key_that_is_kept() {
        for _ in 0..20 {
            let data = tempfile::tempdir().unwrap();
            let together = Barrier::new(16);
            let start = || {
                let keys = LocalKeys::open(data.path()).unwrap();
                together.wait();
                keys.pii_encryption_key(&OsEntropy).unwrap()
            };
            let got = thread::scope(|threads| {
                let started: Vec<_> = (0..16).map(|_| threads.spawn(start)).collect();
                started.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
            });
            let keys = LocalKeys::open(data.path()).unwrap();
            let kept = keys.made_pii_encryption_key().unwrap().unwrap();
            let others = got.iter().filter(|key| **key != kept).count();
            assert_eq!(others, 0, "keys that are not the one that is kept");
            assert_eq!(fs::read_dir(keys.folder()).unwrap().count(), 1, "no draft stays");
        }
    }
}
