//! The one-time code: when there is one, and that the user sees it as long as there is.
//!
//! There is one from the start, and another in its place when its time is over, as long as the user has it on the screen.
//! When it was used, was guessed at too often or was closed, there is none until the user asks for one. Nor is there one while
//! the user is asked something, or an officer sees the screen: the window with the code makes room then.

use super::Driver;
use crate::{
    desk::{NoCode, ToDesk},
    share::{Codes, ShareError},
};
use beside_protocol::session::{contact::Code, host::CodeEnd};
use std::time::Instant;

impl Driver {
    /// Offers a new code, in the place of the one before, and shows it.
    pub(in crate::share) fn renew_code(&mut self) -> Result<(), ShareError> {
        if self.options.codes == Codes::None || self.host.is_busy() {
            return Ok(());
        }
        let code = Code::draw(beside_shell::random()?);
        self.host.offer_code(Instant::now(), code.clone(), beside_shell::random()?);
        tracing::info!("A new code is offered");
        if self.options.codes == Codes::Reported {
            self.code = Some(code.clone());
        }
        match &mut self.terminal {
            Some(terminal) => terminal.show_code(&code),
            None => {
                let seconds_left = u32::try_from(Code::LIFE.as_secs()).unwrap_or(u32::MAX);
                self.tell(ToDesk::Code { code, seconds_left })?;
            }
        }
        Ok(())
    }

    /// The code that the user sees is worth nothing any more.
    pub(in crate::share) fn code_over(&mut self, end: CodeEnd) -> Result<(), ShareError> {
        tracing::info!(?end, "The code is over");
        match end {
            CodeEnd::Expired => self.renew_code(),
            CodeEnd::Used => self.show_no_code(NoCode::Used),
            CodeEnd::Guessed => self.show_no_code(NoCode::Guessed),
        }
    }

    /// The user is asked something, or somebody sees the screen: the code is not shown meanwhile, so there is none.
    pub(in crate::share) fn hide_code(&mut self) -> Result<(), ShareError> {
        if !self.host.has_code() {
            return Ok(());
        }
        self.host.withdraw_code();
        self.show_no_code(NoCode::Hidden)
    }

    /// The user has closed the code's window: it is switched off.
    pub(in crate::share) fn close_code(&mut self) -> Result<(), ShareError> {
        self.host.withdraw_code();
        // There may have been another one on its way into that window.
        self.tell(ToDesk::HideCode)
    }

    fn show_no_code(&mut self, why: NoCode) -> Result<(), ShareError> {
        match &mut self.terminal {
            Some(terminal) => {
                terminal.show_no_code(why);
                Ok(())
            }
            None => self.tell(ToDesk::CodeOver { why }),
        }
    }
}
