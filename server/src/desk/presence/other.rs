//! Systems that are not asked: macOS.

use super::Presence;
use std::convert::Infallible;

/// Always says that it can't be told.
pub(super) fn watch(_tell: impl FnMut(Presence)) -> Result<Infallible, String> {
    Err("this system is not asked yet".into())
}
