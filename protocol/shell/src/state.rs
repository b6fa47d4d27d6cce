//! The state directory: small files of one user, each written whole or not at all.

use crate::platform;
use etcetera::BaseStrategy;
use std::{
    fs::{self, File, Metadata},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};
use tempfile::NamedTempFile;

/// The directory that holds this machine's key, its enrolled peers and its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDir(PathBuf);

/// Why the state directory, or a file in it, can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// There is no home directory to put it in.
    #[error("there is no home directory; name a directory with --state-dir")]
    NoHome,
    /// The system refused.
    #[error("{} can't be {action}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A secret that is none.
    #[error(
        "{0} can be read by other users of this machine, so its key may be known: run `chmod 600 {0}`, or remove it to get a new key"
    )]
    Readable(String),
    /// A list that others may change.
    #[error("{0} can be changed by other users of this machine: check what is in it, then run `chmod 600 {0}`")]
    Writable(String),
    /// Something that is nobody else's business, and may be somebody else's work.
    #[error("{0} can be read or changed by other users of this machine, or is not this user's")]
    NotPrivate(String),
}

impl StateDir {
    /// The `chosen` directory, or else the platform's (`$XDG_STATE_HOME/beside`); made for its owner only when it is new.
    pub fn open(chosen: Option<&Path>) -> Result<Self, StateError> {
        let path = match chosen {
            Some(path) => path.to_owned(),
            None => default_path()?,
        };
        platform::create_dir(&path).map_err(failed("created", &path))?;
        Ok(Self(path))
    }

    /// A directory that may be there or not, to read from.
    pub(crate) const fn existing(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where a file of it is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The secret in a file; when there is none yet, the one that `make` makes. Of two programs that start at once both
    /// get the same. A secret that others may read is refused.
    pub(crate) fn secret<E: From<StateError>>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        let path = self.file(name);
        if let Some(secret) = read_secret(&path)? {
            return Ok(secret);
        }
        let temporary = self.write_temporary(&path, &make()?)?;
        match temporary.persist_noclobber(&path) {
            Ok(_) => {}
            Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(refused) => return Err(failed("created", &path)(refused.error).into()),
        }
        read_secret(&path)?.ok_or_else(|| failed("read", &path)(io::ErrorKind::NotFound.into()).into())
    }

    /// Puts a new secret into a file; an error where there is such a file already.
    pub(crate) fn create_secret(&self, name: &str, secret: &[u8]) -> Result<(), StateError> {
        let path = self.file(name);
        let temporary = self.write_temporary(&path, secret)?;
        temporary.persist_noclobber(&path).map(drop).map_err(|refused| failed("created", &path)(refused.error))
    }

    /// The secret in a file, if there is one; one that others may read is refused.
    pub(crate) fn existing_secret(&self, name: &str) -> Result<Option<Vec<u8>>, StateError> {
        read_secret(&self.file(name))
    }

    /// The text of a file that only its owner may change, and its metadata; `None` when there is no such file.
    pub(crate) fn text(&self, name: &str) -> Result<Option<(String, Metadata)>, StateError> {
        let path = self.file(name);
        let Some((mut file, metadata)) = open(&path)? else { return Ok(None) };
        if platform::others_may_write(&metadata) {
            return Err(StateError::Writable(path.display().to_string()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed("read", &path))?;
        Ok(Some((text, metadata)))
    }

    /// The text of a file that is its owner's alone, if there is one; one that others may read or change is refused, and one of
    /// somebody else.
    pub(crate) fn private_text(&self, name: &str) -> Result<Option<String>, StateError> {
        let path = self.file(name);
        let Some((mut file, metadata)) = open(&path)? else { return Ok(None) };
        if !platform::is_own(&metadata) || platform::others_may_read(&metadata) || platform::others_may_write(&metadata)
        {
            return Err(StateError::NotPrivate(path.display().to_string()));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed("read", &path))?;
        Ok(Some(text))
    }

    /// Removes a file, if it is there: it does not come back, even if the computer loses power now.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StateError> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("removed", &path)(error)),
            Ok(()) | Err(_) => {}
        }
        platform::sync_dir(&self.0).map_err(failed("removed", &path))
    }

    /// Puts `bytes` in the place of a file: whoever reads it sees the old or the new, never a part.
    pub(crate) fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StateError> {
        let path = self.file(name);
        let temporary = self.write_temporary(&path, bytes)?;
        temporary.persist(&path).map_err(|refused| failed("written", &path)(refused.error))?;
        platform::sync_dir(path.parent().unwrap_or(&self.0)).map_err(failed("written", &path))
    }

    /// Waits until no other writer holds the lock of that name; it is free again when the file is dropped.
    pub(crate) fn lock(&self, name: &str) -> Result<File, StateError> {
        let path = self.file(name);
        let file = File::options().create(true).append(true).open(&path).map_err(failed("opened", &path))?;
        file.lock().map_err(failed("locked", &path))?;
        Ok(file)
    }

    /// A directory in it, made for its owner only when it is not there yet.
    pub(crate) fn directory(&self, name: &str) -> Result<PathBuf, StateError> {
        let path = self.file(name);
        platform::create_dir(&path).map_err(failed("created", &path))?;
        Ok(path)
    }

    /// A new file beside `path`, for its owner only, on the disk and ready to be moved there.
    fn write_temporary(&self, path: &Path, bytes: &[u8]) -> Result<NamedTempFile, StateError> {
        let mut file = NamedTempFile::new_in(&self.0).map_err(failed("written", path))?;
        file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed("written", path))?;
        Ok(file)
    }
}

fn default_path() -> Result<PathBuf, StateError> {
    let dirs = etcetera::choose_base_strategy().map_err(|_| StateError::NoHome)?;
    // Windows has no state directory; the local (not roaming) one is where a machine's own key belongs.
    Ok(dirs.state_dir().unwrap_or_else(|| dirs.cache_dir()).join("beside"))
}

fn read_secret(path: &Path) -> Result<Option<Vec<u8>>, StateError> {
    let Some((mut file, metadata)) = open(path)? else { return Ok(None) };
    if platform::others_may_read(&metadata) || platform::others_may_write(&metadata) {
        return Err(StateError::Readable(path.display().to_string()));
    }
    let mut secret = Vec::new();
    file.read_to_end(&mut secret).map_err(failed("read", path))?;
    Ok(Some(secret))
}

/// An existing file, and the metadata of that very file.
fn open(path: &Path) -> Result<Option<(File, Metadata)>, StateError> {
    let file = match File::open(path) {
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed("opened", path))?,
    };
    let metadata = file.metadata().map_err(failed("read", path))?;
    Ok(Some((file, metadata)))
}

/// What tells the file that is at `path` now from others; `None` when there is none.
pub(crate) fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|metadata| Stamp::from(&metadata))
}

/// What tells a file from the one that it replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    bytes: u64,
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self { modified: metadata.modified().ok(), bytes: metadata.len() }
    }
}

pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StateError {
    move |source| StateError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A state directory that is gone after the test.
    pub(crate) fn temporary() -> (tempfile::TempDir, StateDir) {
        let parent = tempfile::tempdir().unwrap();
        let dir = StateDir::open(Some(&parent.path().join("state"))).unwrap();
        (parent, dir)
    }

    #[test]
    fn of_many_first_starts_all_get_the_same_secret() {
        let (_parent, dir) = temporary();
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8u8)
                .map(|n| {
                    scope.spawn({
                        let dir = &dir;
                        move || dir.secret("key", || Ok::<_, StateError>(vec![n])).unwrap()
                    })
                })
                .collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]), "{secrets:?}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "temporary files are left");
    }

    #[test]
    fn a_replaced_file_is_whole_and_stamped_anew() {
        let (_parent, dir) = temporary();
        assert_eq!(dir.text("list").unwrap().map(|(text, _)| text), None);
        dir.replace("list", b"one").unwrap();
        let before = stamp(&dir.file("list"));
        dir.replace("list", b"another").unwrap();
        assert_eq!(dir.text("list").unwrap().unwrap().0, "another");
        assert_ne!(stamp(&dir.file("list")), before);
    }

    #[cfg(unix)]
    #[test]
    fn what_others_may_touch_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (_parent, dir) = temporary();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        dir.secret("key", || Ok::<_, StateError>(vec![1])).unwrap();
        assert_eq!((mode(dir.path()), mode(&dir.file("key"))), (0o700, 0o600));
        set(&dir.file("key"), 0o640);
        let refused = dir.secret("key", || Ok::<_, StateError>(vec![2])).unwrap_err().to_string();
        assert!(refused.contains("chmod 600"), "{refused}");
        dir.replace("list", b"one").unwrap();
        set(&dir.file("list"), 0o644);
        assert!(dir.text("list").is_ok());
        set(&dir.file("list"), 0o664);
        assert!(matches!(dir.text("list"), Err(StateError::Writable(_))));
    }
}
