//! The record: the hash-chained log of what was done, and the receipt that both sides sign. No I/O.
//!
//! [`Entry`] is what a line of the log says, [`Line`] how it is chained to those before it, and [`Check`] finds where a log
//! is not as it was written. A [`Receipt`] says of one session what was asked for, granted and done, with both sides'
//! signatures; it can be checked without either of them. With a [`Certificate`] an organisation says whose a key is, with a
//! [`TeamList`] that it is nobody's any more.

mod certificate;
mod chain;
mod check;
mod digest;
mod entry;
mod receipt;
mod summary;
mod team;
mod time;
mod token;
mod words;

pub use certificate::{Certificate, CertificateFault, Claim};
pub use chain::{Erasure, InvalidLine, Line, MAX_LINE, Tail, erase};
pub use check::{Check, Fault, Report, Wrong};
pub use digest::{Digest, InvalidDigest};
pub use entry::{Actor, Decision, Entry, HidingRules, Showing};
pub use receipt::{
    Answer, Closed, Closing, Fact, Happened, MAX_FACTS, Notary, Offer, Opening, PublicKey, Receipt, ReceiptError, Seal,
    Signature, Signatures, Statement, Verify,
};
pub use team::{Change, Changes, MAX_CHANGES, Stale, TeamList};
pub use time::Time;
pub use token::TokenError;

/// A line that is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// When it was written, by this machine's wall clock.
    pub time: Time,
    /// The log's head since then.
    pub head: Digest,
}
