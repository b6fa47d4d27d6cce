//! What the user has picked in a question to be shown alone, or hidden. It holds for all officers while any session lasts: they
//! share their pictures.

use super::Driver;
use crate::{
    capture::{Backend, Hiding, WindowRule},
    desk::{self, Offer, Scope},
};
use beside_protocol::session::host::{self, SessionId};
use std::{collections::BTreeSet, time::Instant};

/// The picks of all questions so far.
#[derive(Debug, Default)]
pub(in crate::share) struct Picks {
    only: Option<u32>,
    hide: BTreeSet<String>,
}

impl Picks {
    /// What is hidden by them and by what is hidden anyway.
    pub(super) fn add_to(&self, hiding: &mut Hiding) {
        hiding.only = hiding.only.take().or_else(|| self.only.map(WindowRule::Id));
        hiding.windows.extend(self.hide.iter().map(|class| WindowRule::of_program(class)));
    }

    /// Whether nothing was picked.
    pub(super) fn is_empty(&self) -> bool {
        self.only.is_none() && self.hide.is_empty()
    }

    /// Takes up what was picked; the window that is shown alone stays the one that it was.
    fn add(&mut self, choice: &desk::Choice) {
        if let Scope::Window(id) = choice.scope {
            self.only.get_or_insert(id);
        }
        self.hide.extend(choice.hide.iter().filter(|class| !class.is_empty()).cloned());
    }
}

impl Driver {
    /// What the next question can offer.
    pub(super) fn offer(&self) -> Offer {
        if self.options.capture == Backend::Scrap {
            return Offer::Nothing;
        }
        match (self.hiding().only, self.options.display) {
            (Some(_), _) => Offer::OneWindow,
            (None, Some(_)) => Offer::OneDisplay,
            (None, None) => Offer::Everything,
        }
    }

    /// Brings the user's answer to the session machine, after what they picked has been taken up: the first picture of the
    /// session is of after that.
    pub(super) fn take_answer(&mut self, now: Instant, id: SessionId, answer: desk::Answer) {
        let answer = match answer {
            desk::Answer::Grant(choice) => host::Answer::Grant(self.take_choice(now, &choice)),
            desk::Answer::GrantStranger(choice) => host::Answer::GrantStranger(self.take_choice(now, &choice)),
            desk::Answer::Deny | desk::Answer::Close => host::Answer::Deny,
            desk::Answer::Block => host::Answer::Block,
            desk::Answer::TimedOut => host::Answer::Unanswered,
        };
        self.host.answer(now, id, answer);
    }

    fn take_choice(&mut self, now: Instant, choice: &desk::Choice) -> host::Choice {
        let before = self.hiding();
        self.picks.add(choice);
        if self.hiding() != before {
            tracing::info!(programs = self.picks.hide.len(), alone = self.picks.only.is_some(), "More is hidden");
            self.host.show_anew();
            self.host.set_hiding(self.hiding().count());
        }
        if !self.picks.is_empty() {
            // A restart would forget it, and whoever comes back must not see more.
            self.host.forget_returns(now);
        }
        let returns = self.offered_return(choice.returns);
        let display = match choice.scope {
            Scope::Display(number) => Some(number),
            Scope::Whole | Scope::Window(_) => None,
        };
        host::Choice { permissions: choice.permissions, duration: Some(choice.duration), display, returns }
    }

    /// Forgets what was picked, once nobody is there from whom it was hidden.
    pub(super) fn forget_picks(&mut self) {
        if self.host.officers().next().is_none() {
            self.picks = Picks::default();
            self.host.set_hiding(self.hiding().count());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::wire::{Permissions, Return};
    use std::time::Duration;

    fn choice(scope: Scope, hide: &[&str]) -> desk::Choice {
        let hide = hide.iter().map(|&class| class.to_owned()).collect();
        let (permissions, duration) = (Permissions::VIEW, Duration::from_secs(60));
        desk::Choice { permissions, duration, scope, hide, returns: Return::Once }
    }

    #[test]
    fn picks_only_ever_narrow() {
        let mut picks = Picks::default();
        let hidden = |picks: &Picks, mut hiding: Hiding| {
            picks.add_to(&mut hiding);
            hiding
        };
        assert!(picks.is_empty());
        assert_eq!(hidden(&picks, Hiding::default()), Hiding::default());
        picks.add(&choice(Scope::Window(7), &["KeePassXC", ""]));
        picks.add(&choice(Scope::Window(8), &[]));
        picks.add(&choice(Scope::Whole, &[]));
        let hiding = hidden(&picks, Hiding::default());
        assert!(!picks.is_empty());
        assert_eq!(hiding.only, Some(WindowRule::Id(7)), "the first stays");
        assert_eq!(hiding.windows, ["class=keepassxc".parse().unwrap()]);
        let shared: WindowRule = "class=notes".parse().unwrap();
        let fixed = Hiding { only: Some(shared.clone()), ..Hiding::default() };
        assert_eq!(hidden(&picks, fixed).only, Some(shared), "what is shared alone stays so");
    }
}
