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
        let draft = self.folder.join(format!("{name}.{}.draft", std::process::id()));
        let write = || -> io::Result<()> {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(content.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }

    fn read_or_make(
        &self,
        name: &str,
        make: impl FnOnce() -> anyhow::Result<String>,
    ) -> anyhow::Result<SecretText> {
        if let Some(known) = self.read(name)? {
            return Ok(SecretText::new(known.trim()));
        }
        let fresh = make()?;
        self.write(name, &fresh)?;
        Ok(SecretText::new(fresh))
    }
}
