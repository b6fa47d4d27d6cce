//! What the status line says of control that is asked for, granted for a while, or with another officer.

use super::{
    Phase,
    words::{span, span_change},
};
use beside_protocol::wire::{Holder, Permission, Permissions, Refusal};
use std::time::{Duration, Instant};

/// For how long it is said that nothing has come of it.
const NEWS: Duration = Duration::from_secs(15);

/// How it stands with what the officer has asked for during the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepUp {
    /// There is nothing to say.
    #[default]
    Idle,
    /// The user is being asked.
    Asking {
        /// When saying nothing becomes no.
        until: Instant,
    },
    /// The user has said yes.
    Granted {
        /// To these.
        permissions: Permissions,
        /// When they end.
        until: Instant,
    },
    /// Nothing has come of it.
    Refused {
        /// Why.
        why: Refusal,
        /// Since when.
        since: Instant,
    },
}

/// What there is to say besides the phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) step_up: StepUp,
    pub(super) holder: Holder,
}

impl Side {
    /// Forgets what can't be true any more in this phase.
    pub(super) fn follow(&mut self, phase: &Phase) {
        let holds = match (self.step_up, phase) {
            (StepUp::Granted { permissions: added, .. }, Phase::Live { permissions, .. }) => {
                !added.both(*permissions).is_empty()
            }
            // The host takes the question back then, and says anew over another connection who has control.
            (_, Phase::Lost { .. }) => {
                self.holder = Holder::Nobody;
                matches!(self.step_up, StepUp::Granted { .. })
            }
            _ => true,
        };
        if !holds {
            self.step_up = StepUp::Idle;
        }
    }

    /// In words, if there is anything to say while the session is on with these permissions.
    pub(super) fn words(&self, permissions: Permissions, now: Instant) -> Option<String> {
        match self.step_up {
            StepUp::Asking { until } if until > now => {
                return Some(format!("asking the user for control: {}", span(until, now)));
            }
            StepUp::Granted { permissions: added, until } if until > now => {
                let names: Vec<_> = added.both(permissions).iter().map(Permission::name).collect();
                return Some(format!("{} for {}", names.join(", "), span(until, now)));
            }
            StepUp::Refused { why, since } if now < since + NEWS => return Some(format!("no control: {why}")),
            _ => {}
        }
        (self.holder == Holder::Another).then(|| "control is with another officer".to_owned())
    }

    /// When the words change though nothing happens.
    pub(super) fn next_change(&self, now: Instant) -> Option<Instant> {
        match self.step_up {
            StepUp::Idle => None,
            StepUp::Asking { until } | StepUp::Granted { until, .. } => span_change(until, now),
            StepUp::Refused { since, .. } => Some(since + NEWS).filter(|end| *end > now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::wire::Hands;

    const CONTROL: Permissions = Permissions::NONE.with(Permission::Control);

    #[test]
    fn it_says_how_it_stands_and_changes_when_it_says() {
        let now = Instant::now();
        let until = now + Duration::from_secs(42);
        let mut side = Side { step_up: StepUp::Asking { until }, holder: Holder::Another };
        let say = |side: &Side, at| side.words(Permissions::CONTROL, at);
        assert_eq!(say(&side, now).unwrap(), "asking the user for control: 42 s");
        let change = side.next_change(now).unwrap();
        assert_eq!(say(&side, change + Duration::from_nanos(1)).unwrap(), "asking the user for control: 41 s");
        side.step_up = StepUp::Granted { permissions: CONTROL, until };
        assert_eq!(say(&side, now).unwrap(), "control for 42 s");
        side.step_up = StepUp::Refused { why: Refusal::Denied, since: now };
        assert_eq!(say(&side, now).unwrap(), "no control: the user said no");
        let end = side.next_change(now).unwrap();
        assert_eq!(say(&side, end).unwrap(), "control is with another officer");
    }

    #[test]
    fn what_is_taken_is_not_said_to_be_granted() {
        let until = Instant::now() + Duration::from_secs(42);
        let granted = StepUp::Granted { permissions: CONTROL, until };
        let mut side = Side { step_up: granted, holder: Holder::You };
        let live = |permissions| Phase::Live { permissions, until, hands: Hands::Officer };
        side.follow(&live(Permissions::CONTROL));
        side.follow(&Phase::Lost { since: until, until });
        assert_eq!(side, Side { step_up: granted, holder: Holder::Nobody });
        side.follow(&live(Permissions::VIEW));
        assert_eq!(side.step_up, StepUp::Idle);
    }
}
