//! Who may ask for what: the decision on a request before anybody is asked, and how far an answer may go.

use super::{
    host::Display,
    policy::{Policy, Strangers},
};
use crate::wire::{
    CheckWords, Fingerprint, FromHost, Permission, Permissions, PolicyReason, Proof, Question, Request, breaks_line,
};
use std::time::Duration;

/// How long the user has to answer. Saying nothing means no; there is no switch to change that.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The officer at the other end of a connection, as the host knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// The key that the connection has proven.
    pub key: Fingerprint,
    /// What the host's own records say of that key.
    pub enrolment: Option<Enrolment>,
}

impl Officer {
    /// What the user reads for a name: what the records have; never anything that the officer says.
    pub fn label(&self) -> String {
        match &self.enrolment {
            Some(enrolment) => enrolment.name.clone(),
            None => format!("Someone whose key is {}", self.key.words()),
        }
    }
}

/// Whether an officer whom the records don't have may ask all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Introduced {
    /// No.
    No,
    /// To see only: the officer has proven the user's code.
    ByCode,
}

impl Introduced {
    /// The most that it allows, where there is no enrolment.
    pub(super) const fn permit(self) -> Permissions {
        match self {
            Self::No => Permissions::NONE,
            Self::ByCode => Permissions::VIEW,
        }
    }
}

/// What the host's records say of an officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// The name that was given to the key on this machine.
    pub name: String,
    /// The most that this officer may be granted.
    pub permit: Permissions,
    /// How much longer, from when the records were read, the officer may come in without a question, if at all.
    pub standing: Option<Duration>,
}

/// Who is asked when an officer without a standing grant wants in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The user.
    User,
    /// Nobody: only standing grants are accepted.
    Nobody,
}

/// What the host's owner decided beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What the host calls itself.
    pub name: String,
    /// Who is asked.
    pub asking: Asking,
    /// How many officers may be waiting for an answer or in a session at once.
    pub officers: usize,
    /// What the owner of the machine allows at most, whatever its user says.
    pub policy: Policy,
    /// The one display that is shared; `None` where officers may choose.
    pub display: Display,
}

impl Rules {
    /// Rules under which the user is asked, for one officer and a few watchers at a time.
    pub fn new(name: &str, asking: Asking) -> Self {
        let name = name.chars().filter(|&c| !breaks_line(c)).collect::<String>();
        let end =
            name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|&at| at <= FromHost::MAX_NAME).last();
        Self { name: name[..end.unwrap_or(0)].to_owned(), asking, officers: 8, policy: Policy::WIDEST, display: None }
    }
}

/// What an officer may do, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) permissions: Permissions,
    pub(super) duration: Duration,
    pub(super) standing: bool,
}

/// What becomes of a request that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Ask(Question),
    Grant(Grant),
}

/// Decides on a request. Nothing is granted here that the enrolment does not permit, and to an officer without one nothing
/// but to see. `standing` is what is left by now of the officer's standing grant.
pub(super) fn decide(
    rules: &Rules,
    officer: &Officer,
    introduced: Introduced,
    standing: Option<Duration>,
    request: &Request,
    check: impl FnOnce() -> CheckWords,
) -> Result<Admission, PolicyReason> {
    let (permit, proof) = match (&officer.enrolment, introduced) {
        (Some(enrolment), _) => (enrolment.permit, Proof::Enrolled),
        (None, Introduced::ByCode) if rules.policy.strangers == Strangers::Refused => {
            return Err(PolicyReason::Forbidden);
        }
        (None, Introduced::ByCode) => (introduced.permit().both(rules.policy.permissions), Proof::Code),
        (None, Introduced::No) => return Err(PolicyReason::NotEnrolled),
    };
    let permissions = request.permissions.both(permit);
    if !permissions.has(Permission::View) {
        return Err(PolicyReason::NotPermitted);
    }
    let duration = Duration::from_secs(request.seconds.into()).min(rules.policy.session);
    match (standing, rules.asking) {
        (Some(left), _) => Ok(Admission::Grant(Grant { permissions, duration: duration.min(left), standing: true })),
        (None, Asking::Nobody) => Err(PolicyReason::NoStandingGrant),
        (None, Asking::User) => Ok(Admission::Ask(Question {
            officer: officer.label(),
            proof,
            key: officer.key,
            check: check(),
            reason: request.reason.clone(),
            permissions,
            duration,
            patience: PATIENCE,
        })),
    }
}

/// The display that an officer is shown: of a host that shares one of them that one, unless it is another that is asked for.
pub(super) fn display(rules: &Rules, request: &Request) -> Result<Display, PolicyReason> {
    match (rules.display, request.display) {
        (Some(shared), Some(asked)) if asked != shared => Err(PolicyReason::OtherDisplay),
        (shared, asked) => Ok(shared.or(asked)),
    }
}

/// The grant that the user's answer makes: never more than the question, and always at least to see.
pub(super) fn answer(question: &Question, granted: Permissions) -> Option<Grant> {
    let permissions = granted.both(question.permissions);
    permissions.has(Permission::View).then_some(Grant { permissions, duration: question.duration, standing: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        session::{Keying, check_words},
        wire::Message,
    };

    const HOST: Fingerprint = Fingerprint([9; 32]);

    fn check() -> CheckWords {
        check_words(&Keying::new([1; 32], [2; 32]), &HOST, &HOST)
    }

    fn officer(permit: Permissions) -> Officer {
        Officer { key: Fingerprint([1; 32]), enrolment: Some(Enrolment { name: "Ann".into(), permit, standing: None }) }
    }

    fn request(permissions: Permissions) -> Request {
        Request { reason: "printer".into(), permissions, seconds: 600, display: None }
    }

    #[test]
    fn strangers_and_strays_are_refused() {
        let rules = Rules::new("desk", Asking::User);
        let stranger = Officer { key: Fingerprint([2; 32]), enrolment: None };
        assert_eq!(
            decide(&rules, &stranger, Introduced::No, None, &request(Permissions::VIEW), check),
            Err(PolicyReason::NotEnrolled)
        );
        let files = Permissions::NONE.with(Permission::Files);
        let ann = officer(Permissions::CONTROL);
        assert_eq!(decide(&rules, &ann, Introduced::No, None, &request(files), check), Err(PolicyReason::NotPermitted));
    }

    #[test]
    fn a_question_offers_no_more_than_the_enrolment() {
        let rules = Rules::new("desk", Asking::User);
        let Ok(Admission::Ask(question)) =
            decide(&rules, &officer(Permissions::VIEW), Introduced::No, None, &request(Permissions::CONTROL), check)
        else {
            panic!("must ask")
        };
        assert_eq!(question.permissions, Permissions::VIEW);
        assert_eq!(answer(&question, Permissions::CONTROL).map(|g| g.permissions), Some(Permissions::VIEW));
        assert_eq!(answer(&question, Permissions::NONE), None);
    }

    #[test]
    fn a_code_opens_a_question_about_seeing_and_no_name() {
        let rules = Rules::new("desk", Asking::User);
        let stranger = Officer { key: Fingerprint([2; 32]), enrolment: None };
        let Ok(Admission::Ask(question)) =
            decide(&rules, &stranger, Introduced::ByCode, None, &request(Permissions::ALL), check)
        else {
            panic!("must ask")
        };
        assert_eq!((question.proof, question.permissions), (Proof::Code, Permissions::VIEW));
        assert_eq!(question.officer, format!("Someone whose key is {}", stranger.key.words()));
        let control = Permissions::NONE.with(Permission::Control);
        let refused = decide(&rules, &stranger, Introduced::ByCode, None, &request(control), check);
        assert_eq!(refused, Err(PolicyReason::NotPermitted));
        let enrolled = decide(
            &rules,
            &officer(Permissions::CONTROL),
            Introduced::ByCode,
            None,
            &request(control.with(Permission::View)),
            check,
        );
        assert!(matches!(
            enrolled,
            Ok(Admission::Ask(Question { proof: Proof::Enrolled, permissions: Permissions::CONTROL, .. }))
        ));
    }

    #[test]
    fn a_standing_grant_ends_at_its_time() {
        let rules = Rules::new("desk", Asking::Nobody);
        let left = Duration::from_secs(30);
        let admission = decide(
            &rules,
            &officer(Permissions::CONTROL),
            Introduced::No,
            Some(left),
            &request(Permissions::VIEW),
            check,
        );
        assert_eq!(
            admission,
            Ok(Admission::Grant(Grant { permissions: Permissions::VIEW, duration: left, standing: true }))
        );
        let without =
            decide(&rules, &officer(Permissions::CONTROL), Introduced::No, None, &request(Permissions::VIEW), check);
        assert_eq!(without, Err(PolicyReason::NoStandingGrant));
    }

    #[test]
    fn of_one_shared_display_no_other_is_shown() {
        let asked = |shared, asked| {
            let rules = Rules { display: shared, ..Rules::new("desk", Asking::User) };
            display(&rules, &Request { display: asked, ..request(Permissions::VIEW) })
        };
        assert_eq!(asked(Some(2), None), Ok(Some(2)));
        assert_eq!(asked(Some(2), Some(2)), Ok(Some(2)));
        assert_eq!(asked(Some(2), Some(1)), Err(PolicyReason::OtherDisplay));
        assert_eq!(asked(None, Some(1)), Ok(Some(1)));
        assert_eq!(asked(None, None), Ok(None));
    }

    #[test]
    fn a_long_name_is_cut_at_a_letter() {
        assert_eq!(Rules::new(&"ü".repeat(80), Asking::User).name.len(), FromHost::MAX_NAME);
        let name = Rules::new("a\n\u{202e}b", Asking::User).name;
        assert_eq!(name, "ab");
        // What is left is what officers' machines accept.
        let welcome = FromHost::Welcome { version: 1, name };
        assert_eq!(FromHost::decode(&welcome.encode()), Ok(welcome));
    }
}
