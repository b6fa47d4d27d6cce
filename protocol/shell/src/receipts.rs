//! The receipts of this machine's sessions, as files of the state directory.

use crate::{
    identity::verify,
    program::Failure,
    state::{StateDir, StateError, failed},
};
use beside_protocol::record::{Receipt, ReceiptError, Signatures, Statement};
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// The directory's name.
const DIRECTORY: &str = "receipts";

/// The most bytes of a file that are read: more than any receipt has.
const LIMIT: u64 = 128 * 1024;

/// Why a receipt can't be read, or is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptFault {
    /// The file can't be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// It is no good receipt.
    #[error("{}: {error}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: ReceiptError,
    },
}

impl From<ReceiptFault> for Failure {
    fn from(fault: ReceiptFault) -> Self {
        Self::other(fault)
    }
}

/// Keeps a receipt, in the place of one of the same session; tells where.
pub fn keep(state: &StateDir, receipt: &Receipt) -> Result<PathBuf, StateError> {
    state.directory(DIRECTORY)?;
    let answer = &receipt.opening.answer;
    let time = answer.time.to_string().replace([':', '-', '.'], "");
    let name = format!("{DIRECTORY}/{time}-{}.receipt", &answer.digest().to_string()[..12]);
    state.replace(&name, &receipt.encode())?;
    Ok(state.file(&name))
}

/// Reads a receipt and checks it, with nothing but the file.
pub fn check(path: &Path) -> Result<(Receipt, Signatures), ReceiptFault> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LIMIT).read_to_end(&mut bytes));
    read.map_err(failed("read", path))?;
    let bad = |error| ReceiptFault::Bad { path: path.to_owned(), error };
    let receipt = Receipt::decode(&bytes).map_err(bad)?;
    let signatures = receipt.check(verify).map_err(bad)?;
    Ok((receipt, signatures))
}
