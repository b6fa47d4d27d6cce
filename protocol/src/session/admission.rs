//! Who may ask for what: the decision on a request before anybody is asked, and how far an answer may go.

use super::{
    host::{Choice, Display},
    policy::{Certified, Policy, Strangers, Tickets},
    trust::Vouched,
};
use crate::wire::{
    CheckWords, Fingerprint, FromHost, Permission, Permissions, PolicyReason, Proof, Purpose, Question, Request,
    Return, Who, breaks_line,
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
    /// What the user reads for a name: what the records have, or an organisation that they allow; never anything that the
    /// officer says.
    pub(super) fn who(&self, introduced: &Introduced) -> Who {
        match (&self.enrolment, introduced) {
            (Some(enrolment), _) => Who::Named(enrolment.name.clone()),
            (None, Introduced::ByOrganisation(vouched)) => Who::Named(vouched.label()),
            (None, Introduced::No | Introduced::ByCode) => Who::Unknown(self.key),
        }
    }
}

/// Whether an officer whom the records don't have may ask all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Introduced {
    /// No.
    No,
    /// To see only: the officer has proven the user's code.
    ByCode,
    /// As far as that organisation's officers may.
    ByOrganisation(Vouched),
}

impl Introduced {
    /// The most that it allows, where there is no enrolment.
    pub(super) const fn permit(&self) -> Permissions {
        match self {
            Self::No => Permissions::NONE,
            Self::ByCode => Permissions::VIEW,
            Self::ByOrganisation(vouched) => vouched.permit,
        }
    }

    /// How it is known who the officer is, where there is no enrolment.
    pub(super) fn proof(&self) -> Proof {
        match self {
            Self::No | Self::ByCode => Proof::Code,
            Self::ByOrganisation(vouched) => Proof::Organisation { name: vouched.organisation.clone() },
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
    /// What the user has agreed to beforehand, as far as its time had begun when the records were read.
    pub agreements: Vec<Agreement>,
    /// The session that a restart of the computer has cut off, if the officer may come back to it.
    pub back: Option<WayBack>,
}

impl Enrolment {
    /// That of an officer who has to ask each time.
    pub fn new(name: &str, permit: Permissions) -> Self {
        Self { name: name.to_owned(), permit, standing: None, agreements: Vec::new(), back: None }
    }
}

/// What the user has agreed to beforehand: within its time, an officer who names the ticket comes in without a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The ticket.
    pub ticket: String,
    /// The most that is granted.
    pub permit: Permissions,
    /// How much longer, from when the records were read, it holds.
    pub left: Duration,
}

/// What is left of a session that a restart of the user's computer has cut off: as the user had allowed, the officer comes back
/// to it once without a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// What the officer could do last.
    pub permissions: Permissions,
    /// What they saw.
    pub display: Display,
    /// The ticket that they had named, if any.
    pub ticket: Option<String>,
    /// How much longer, from when the records were read, that session would have lasted.
    pub left: Duration,
    /// How much longer, from then, the officer may come back.
    pub open: Duration,
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
    pub(super) ground: Ground,
    pub(super) returns: Return,
}

/// What a session rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The user's answer of now. It holds only as long as the user is there.
    Answer,
    /// A standing grant.
    Standing,
    /// An agreement for this time and ticket.
    Agreement,
    /// The user's answer of before a restart of their computer. Like another answer, it holds only as long as the user is there.
    Return,
}

impl Ground {
    /// Whether it holds only as long as the user is there.
    pub const fn needs_user(self) -> bool {
        matches!(self, Self::Answer | Self::Return)
    }
}

/// What becomes of a request that is not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    Ask(Box<Question>),
    Grant(Grant),
    /// What the way back leads to, which is used up by that.
    Return(Grant, Display),
}

/// Decides on a request. Nothing is granted here that the enrolment does not permit, and to an officer without one nothing
/// but to see. The times of `enrolment`, which is what the records say of `officer`, are what is left by now.
pub(super) fn decide(
    rules: &Rules,
    officer: &Officer,
    introduced: &Introduced,
    enrolment: Option<&Enrolment>,
    request: &Request,
    check: impl FnOnce() -> CheckWords,
) -> Result<Admission, PolicyReason> {
    let (permit, proof) = match (enrolment, introduced) {
        (Some(enrolment), _) => (enrolment.permit, Proof::Enrolled),
        (None, Introduced::No) => return Err(PolicyReason::NotEnrolled),
        (None, Introduced::ByCode) if rules.policy.strangers == Strangers::Refused => {
            return Err(PolicyReason::Forbidden);
        }
        (None, Introduced::ByOrganisation(_)) if rules.policy.certified == Certified::Refused => {
            return Err(PolicyReason::Forbidden);
        }
        (None, _) => (introduced.permit().both(rules.policy.permissions), introduced.proof()),
    };
    if rules.policy.ticket == Tickets::Required && request.ticket.is_none() {
        return Err(PolicyReason::NoTicket);
    }
    let permissions = request.permissions.both(permit);
    if !permissions.has(Permission::View) {
        return Err(PolicyReason::NotPermitted);
    }
    let most = match (enrolment, introduced) {
        (None, Introduced::ByOrganisation(vouched)) => rules.policy.session.min(vouched.left),
        _ => rules.policy.session,
    };
    let duration = Duration::from_secs(request.seconds.into()).min(most);
    if let Some(left) = enrolment.and_then(|enrolment| enrolment.standing) {
        let (duration, ground) = (duration.min(left), Ground::Standing);
        return Ok(Admission::Grant(Grant { permissions, duration, ground, returns: Return::AskAgain }));
    }
    if rules.asking == Asking::Nobody {
        return Err(PolicyReason::NoStandingGrant);
    }
    let agreement = enrolment.and_then(|enrolment| enrolment.agreement(request.ticket.as_deref()));
    if let Some(Agreement { permit, left, .. }) = agreement {
        let (permissions, duration, ground) = (permissions.both(*permit), duration.min(*left), Ground::Agreement);
        return Ok(Admission::Grant(Grant { permissions, duration, ground, returns: Return::AskAgain }));
    }
    if let Some((back, display)) = enrolment.and_then(|enrolment| enrolment.way_back(rules, request)) {
        let (permissions, duration, ground) =
            (permissions.both(back.permissions), duration.min(back.left), Ground::Return);
        return Ok(Admission::Return(Grant { permissions, duration, ground, returns: Return::AskAgain }, display));
    }
    let returns = if enrolment.is_some() { rules.policy.restarts } else { Return::AskAgain };
    Ok(Admission::Ask(Box::new(Question {
        purpose: Purpose::Session,
        officer: officer.who(introduced),
        proof,
        key: officer.key,
        check: check(),
        reason: request.reason.clone(),
        ticket: request.ticket.clone(),
        permissions,
        duration,
        returns,
        patience: PATIENCE,
    })))
}

impl Enrolment {
    /// The agreement for exactly this ticket, the one that lasts longest.
    pub(super) fn agreement(&self, ticket: Option<&str>) -> Option<&Agreement> {
        let of_ticket = self.agreements.iter().filter(|agreement| Some(agreement.ticket.as_str()) == ticket);
        of_ticket.filter(|agreement| agreement.permit.has(Permission::View)).max_by_key(|agreement| agreement.left)
    }

    /// The way back that this request is on, and the display to which it leads: where the host shares another one than was seen
    /// before, or the ticket is another, there is none.
    fn way_back(&self, rules: &Rules, request: &Request) -> Option<(&WayBack, Display)> {
        let back = self.back.as_ref().filter(|back| back.ticket == request.ticket)?;
        let display = match (rules.display, back.display) {
            (Some(shared), Some(seen)) if seen != shared => return None,
            (shared, seen) => shared.or(seen),
        };
        back.permissions.has(Permission::View).then_some((back, display))
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
pub(super) fn answer(question: &Question, granted: &Choice) -> Option<Grant> {
    let permissions = granted.permissions.both(question.permissions);
    let duration = granted.duration.map_or(question.duration, |chosen| chosen.min(question.duration));
    let is_something = permissions.has(Permission::View) && !duration.is_zero();
    let returns = granted.returns.min(question.returns);
    is_something.then_some(Grant { permissions, duration, ground: Ground::Answer, returns })
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
        Officer { key: Fingerprint([1; 32]), enrolment: Some(Enrolment::new("Ann", permit)) }
    }

    fn request(permissions: Permissions) -> Request {
        Request { reason: "printer".into(), permissions, seconds: 600, display: None, ticket: None }
    }

    /// The decision, as the records have it.
    fn decide(
        rules: &Rules,
        officer: &Officer,
        introduced: &Introduced,
        request: &Request,
    ) -> Result<Admission, PolicyReason> {
        super::decide(rules, officer, introduced, officer.enrolment.as_ref(), request, check)
    }

    #[test]
    fn strangers_and_strays_are_refused() {
        let rules = Rules::new("desk", Asking::User);
        let stranger = Officer { key: Fingerprint([2; 32]), enrolment: None };
        assert_eq!(
            decide(&rules, &stranger, &Introduced::No, &request(Permissions::VIEW)),
            Err(PolicyReason::NotEnrolled)
        );
        let files = Permissions::NONE.with(Permission::Files);
        let ann = officer(Permissions::CONTROL);
        assert_eq!(decide(&rules, &ann, &Introduced::No, &request(files)), Err(PolicyReason::NotPermitted));
    }

    #[test]
    fn a_question_offers_no_more_than_the_enrolment() {
        let rules = Rules::new("desk", Asking::User);
        let Ok(Admission::Ask(question)) =
            decide(&rules, &officer(Permissions::VIEW), &Introduced::No, &request(Permissions::CONTROL))
        else {
            panic!("must ask")
        };
        assert_eq!(question.permissions, Permissions::VIEW);
        let all = answer(&question, &Permissions::CONTROL.into()).unwrap();
        assert_eq!((all.permissions, all.duration), (Permissions::VIEW, Duration::from_secs(600)));
        assert_eq!(answer(&question, &Permissions::NONE.into()), None);
        let lasting = |seconds| {
            let duration = Some(Duration::from_secs(seconds));
            answer(&question, &Choice { duration, ..Permissions::VIEW.into() }).map(|grant| grant.duration.as_secs())
        };
        assert_eq!([0, 60, 601].map(lasting), [None, Some(60), Some(600)], "shorter, never longer");
    }

    #[test]
    fn a_code_opens_a_question_about_seeing_and_no_name() {
        let rules = Rules::new("desk", Asking::User);
        let stranger = Officer { key: Fingerprint([2; 32]), enrolment: None };
        let Ok(Admission::Ask(question)) = decide(&rules, &stranger, &Introduced::ByCode, &request(Permissions::ALL))
        else {
            panic!("must ask")
        };
        assert_eq!((question.proof, question.permissions), (Proof::Code, Permissions::VIEW));
        assert_eq!(question.officer, Who::Unknown(stranger.key));
        let control = Permissions::NONE.with(Permission::Control);
        let refused = decide(&rules, &stranger, &Introduced::ByCode, &request(control));
        assert_eq!(refused, Err(PolicyReason::NotPermitted));
        let enrolled = decide(
            &rules,
            &officer(Permissions::CONTROL),
            &Introduced::ByCode,
            &request(control.with(Permission::View)),
        );
        assert!(matches!(
            enrolled,
            Ok(Admission::Ask(question)) if question.proof == Proof::Enrolled && question.permissions == Permissions::CONTROL
        ));
    }

    #[test]
    fn a_standing_grant_ends_at_its_time() {
        let rules = Rules::new("desk", Asking::Nobody);
        let left = Duration::from_secs(30);
        let mut ann = officer(Permissions::CONTROL);
        let without = decide(&rules, &ann, &Introduced::No, &request(Permissions::VIEW));
        ann.enrolment.as_mut().unwrap().standing = Some(left);
        let admission = decide(&rules, &ann, &Introduced::No, &request(Permissions::VIEW));
        let (permissions, ground, returns) = (Permissions::VIEW, Ground::Standing, Return::AskAgain);
        let grant = Grant { permissions, duration: left, ground, returns };
        assert_eq!(admission, Ok(Admission::Grant(grant)));
        assert_eq!(without, Err(PolicyReason::NoStandingGrant));
    }

    #[test]
    fn an_agreement_is_for_one_ticket_and_no_more_than_either_permits() {
        let left = Duration::from_secs(30);
        let agreement =
            |ticket: &str, permit, left| Agreement { ticket: ticket.into(), permit, left: Duration::from_secs(left) };
        let mut ann = officer(Permissions::CONTROL);
        ann.enrolment.as_mut().unwrap().agreements = vec![
            agreement("7", Permissions::ALL, 20),
            agreement("7", Permissions::ALL, 30),
            agreement("8", Permissions::VIEW, 40),
        ];
        let asked = |ticket: Option<&str>, asking| {
            let request = Request { ticket: ticket.map(Into::into), ..request(Permissions::ALL) };
            decide(&Rules::new("desk", asking), &ann, &Introduced::No, &request)
        };
        let grant = |permissions, duration| {
            let (ground, returns) = (Ground::Agreement, Return::AskAgain);
            Ok(Admission::Grant(Grant { permissions, duration, ground, returns }))
        };
        assert_eq!(asked(Some("7"), Asking::User), grant(Permissions::CONTROL, left), "the one that lasts longer");
        assert_eq!(asked(Some("8"), Asking::User), grant(Permissions::VIEW, Duration::from_secs(40)));
        for other in [None, Some("77"), Some("9")] {
            assert!(matches!(asked(other, Asking::User), Ok(Admission::Ask(_))), "{other:?}");
        }
        assert_eq!(asked(Some("7"), Asking::Nobody), Err(PolicyReason::NoStandingGrant));
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
