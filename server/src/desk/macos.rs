//! macOS: nobody tells who made a press.

use super::Pressed;

/// Takes every press for a person's: here a program that may use the accessibility functions can answer a question.
#[derive(Debug)]
pub(in crate::desk) struct PressWatch;

impl PressWatch {
    /// Starts to watch.
    pub(in crate::desk) const fn open() -> Result<Self, String> {
        Ok(Self)
    }

    /// Nothing is counted.
    pub(in crate::desk) const fn forget(&mut self) {}

    /// Nothing to take in.
    pub(in crate::desk) const fn drain(&mut self) {}

    /// Whether the press that was just received may be a person's.
    pub(in crate::desk) const fn is_genuine(&mut self, _pressed: Pressed) -> bool {
        true
    }
}
