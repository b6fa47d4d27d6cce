//! Random sequences of messages, answers, faults and time against what must always be true.

mod agreed;
mod steps;

use self::{
    agreed::{Agreed, LOCK},
    steps::{Step, steps},
};
use crate::people::{
    agreed as agreed_officer, certificate, host, officer, request, request_with_ticket, standing, stranger, trust,
    waits_for_answers,
};
use beside_protocol::{
    frame::{Films, Point, Size},
    record::{Check, Entry, Line, Signatures},
    session::{
        Ground, Trust,
        contact::Code,
        host::{Answer, Choice, Event as HostEvent, SessionId},
    },
    wire::{
        Action, Button, Channel, End, FromOfficer, Key, Message, More, PauseReason, Permission, Permissions, Press,
        Proof, Purpose, Request,
    },
};
use beside_tests::{Pair, Profile, notary::verify};
use proptest::{prelude::*, test_runner::TestRunner};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// A time that the user chooses, less than what is asked for.
const SHORT: Duration = Duration::from_secs(3);

/// The first key, and how many each seat has for itself.
const KEY: u16 = 0x04;
const KEYS: u16 = 4;

fn apply(pair: &mut Pair, agreed: &mut Agreed, step: Step) {
    let seats = pair.seats.len();
    let press = |down| if down { Press::Down } else { Press::Up };
    match step {
        Step::Connect { .. } if seats == 3 => {}
        Step::Connect { control, ground, again, watch, long, seed } => {
            let permit = if control { Permissions::CONTROL } else { Permissions::VIEW };
            let number = if again { 1 } else { seats as u8 + 1 };
            let (who, ask): (_, fn(_) -> _) = match ground {
                // No visit here begins by a way back: see the tests in restart.rs.
                Ground::Answer | Ground::Return => (officer(number, permit), request),
                Ground::Standing => (standing(number, permit), request),
                Ground::Agreement => (agreed_officer(number, permit), request_with_ticket),
            };
            agreed.seat(&who, permit, ground);
            let seconds = if long { 7_200 } else { 600 };
            let asked = ask(if watch { Permissions::VIEW } else { permit });
            pair.connect(who, Request { seconds, ..asked }, link(seed));
        }
        Step::Introduce { right } => introduce(pair, agreed, right),
        Step::Certify { good } => certify(pair, agreed, good),
        Step::Trust { allowed, revoked } => change_trust(pair, agreed, allowed, revoked),
        Step::Answer(kind) => answer(pair, agreed, kind),
        Step::Act { seat, key, down } if seat < seats => {
            let key = Key(KEY + KEYS * seat as u16 + key);
            pair.seats[seat].viewer.act(None, Action::Key(key, press(down)));
        }
        Step::Point { seat, x } if seat < seats => pair.seats[seat].viewer.point(Point { x, y: 1 }),
        Step::Click { seat, down } if seat < seats => {
            pair.seats[seat].viewer.act(Some(Point { x: 1, y: 1 }), Action::Button(Button::Left, press(down)));
        }
        Step::Paint => pair.screen.scribble_somewhere(),
        Step::Move => pair.screen.move_somewhere(),
        Step::Window => pair.screen.open_or_close(),
        Step::Wait(milliseconds) => pair.drive(Duration::from_millis(milliseconds)),
        Step::Lose(seat) if seat < seats => pair.lose(seat),
        Step::Return(seat) if seat < seats => {
            pair.reconnect(seat, agreed.officers[seat].clone(), link(seat as u64 + 7))
        }
        Step::Forge { seat, guess } if seat < seats => {
            intrude(pair, agreed, seat, &FromOfficer::Resume { session: pair.id(seat).0, proof: [guess; 32] }.encode());
        }
        Step::Replay(seat) if seat < seats => {
            if let Some(said) = pair.seats[seat].resumption.clone() {
                intrude(pair, agreed, seat, &said);
            }
        }
        Step::AskMore { seat, seconds } if seat < seats => pair.seats[seat].viewer.ask_more(more(seconds)),
        Step::Yield(seat) if seat < seats => pair.seats[seat].viewer.yield_control(),
        Step::Leave(seat) if seat < seats => pair.seats[seat].viewer.leave(),
        Step::Enrol(seat, control) if seat < seats => enrol(pair, agreed, seat, control),
        Step::Resize(side) => pair.resize(Size::new(side, 1 + side / 3)),
        Step::Misbehave { seat, channel, bytes } if seat < seats => {
            let channels = [Channel::Control, Channel::Input, Channel::Pointer, Channel::Cursor, Channel::Frame];
            pair.misbehave(seat, channels[usize::from(channel)], &bytes);
        }
        step => by_user(pair, agreed, step),
    }
    pair.settle();
}

/// Somebody comes whom the records don't have, with the right code or a wrong one.
fn introduce(pair: &mut Pair, agreed: &mut Agreed, right: bool) {
    let seats = pair.seats.len();
    if seats == 3 {
        return;
    }
    let who = stranger(90 + seats as u8);
    agreed.seat(&who, if right { Permissions::VIEW } else { Permissions::NONE }, Ground::Answer);
    pair.host.offer_code(pair.now, Code::draw([7; 8]), [seats as u8; 32]);
    let guess = Code::draw([if right { 7 } else { 8 }; 8]);
    pair.introduce(who, request(Permissions::CONTROL), &guess);
}

/// The same with a certificate of their own, or of somebody else.
fn certify(pair: &mut Pair, agreed: &mut Agreed, good: bool) {
    let seats = pair.seats.len();
    if seats == 3 {
        return;
    }
    let number = 80 + seats as u8;
    let who = stranger(number);
    agreed.seat(&who, if good { agreed.organisation } else { Permissions::NONE }, Ground::Answer);
    agreed.certified[seats] = good;
    let certificate = certificate(if good { number } else { 9 }, &format!("Officer {number}"), pair);
    pair.certify(who, request(Permissions::CONTROL), certificate);
}

/// Control for a while, and no more, since that is all that these officers don't have.
fn more(seconds: u32) -> More {
    More { reason: "to repair it".into(), permissions: Permissions::CONTROL, seconds }
}

/// What the user does during sessions.
fn by_user(pair: &mut Pair, agreed: &mut Agreed, step: Step) {
    let seats = pair.seats.len();
    match step {
        Step::Narrow(seat, view) if seat < seats => {
            let id = pair.id(seat);
            let left = if view { Permissions::VIEW } else { Permissions::NONE };
            agreed.ceilings[seat] = agreed.ceilings[seat].both(left);
            pair.host.narrow(pair.now, id, left);
        }
        Step::Switch(seat, control) if seat < seats => switch(pair, agreed, seat, control),
        Step::Pause(reason) => {
            let before: Vec<_> = (0..seats).map(|seat| agreed.is_paused(seat)).collect();
            agreed.pauses.push(reason);
            for (number, seat) in pair.seats.iter().enumerate() {
                if !before[number] {
                    agreed.shown.insert(number, seat.frame_bytes);
                }
            }
            if reason == PauseReason::Locked {
                agreed.locked.get_or_insert(pair.now);
            }
            pair.host.pause(pair.now, reason);
        }
        Step::Proceed(reason) => {
            agreed.pauses.retain(|other| *other != reason);
            if reason == PauseReason::Locked {
                agreed.locked = None;
            }
            pair.host.proceed(pair.now, reason);
        }
        Step::GoOn => {
            let unconfirmed = |seat: &usize| agreed.confirmed[*seat].is_some() && agreed.sessions[*seat].is_some();
            for seat in (0..seats).filter(unconfirmed).collect::<Vec<_>>() {
                agreed.confirm(seat, pair.now);
            }
            pair.host.go_on(pair.now);
        }
        Step::Block(seat) if seat < seats => {
            agreed.blocked.insert(agreed.officers[seat].key);
            pair.host.set_blocked(agreed.blocked.clone());
        }
        Step::Unblock => {
            agreed.blocked.clear();
            pair.host.set_blocked(BTreeSet::new());
        }
        Step::Hands(hands) => {
            agreed.hands = hands;
            pair.host.set_hands(hands);
        }
        Step::Stop => pair.host.end_all(End::Stopped),
        _ => {}
    }
}

const fn link(seed: u64) -> Profile {
    Profile { loss_per_mille: 50, ..Profile::bad(seed) }
}

/// Somebody who has an officer's key, but not the officer's session, says that: it changes nothing for anybody.
fn intrude(pair: &mut Pair, agreed: &mut Agreed, seat: usize, resumption: &[u8]) {
    agreed.follow(pair);
    let hello = FromOfficer::Hello { lowest: 1, highest: 1, films: Films::BUILD }.encode();
    let intruder = pair.intrude(agreed.officers[seat].clone(), &[&hello, resumption]);
    let ended = |event: &HostEvent| match event {
        HostEvent::Ended { session, was_live, .. } => *session == intruder && !was_live,
        HostEvent::CodeOver(_) => true,
        _ => false,
    };
    assert!(pair.events.iter().all(ended), "{:?}", pair.events);
}

/// The user answers the oldest question.
fn answer(pair: &mut Pair, agreed: &mut Agreed, kind: u8) {
    let Some((id, question)) = pair.questions.first() else { return };
    let (id, key, proof, purpose) = (*id, question.key, question.proof.clone(), question.purpose.clone());
    let (seat, permissions, asked) = (pair.seat(id).expect("who asked"), question.permissions, question.duration);
    let answer = match kind {
        0 => Answer::Deny,
        1 => Answer::Unanswered,
        2 => Answer::Grant(Permissions::VIEW.into()),
        3 => Answer::Grant(Permissions::CONTROL.into()),
        4 => Answer::Grant(Choice { duration: Some(SHORT), ..Permissions::CONTROL.into() }),
        5 => Answer::Grant(Choice { duration: Some(Duration::MAX), ..Permissions::CONTROL.into() }),
        6 => Answer::Block,
        _ => Answer::GrantStranger(Permissions::CONTROL.into()),
    };
    match (answer, proof) {
        (Answer::Grant(_) | Answer::GrantStranger(_), _) if matches!(purpose, Purpose::Again { .. }) => {
            agreed.confirm(seat, pair.now);
        }
        (Answer::Grant(choice) | Answer::GrantStranger(choice), Proof::Enrolled | Proof::Organisation { .. })
            if purpose != Purpose::Session =>
        {
            let added = permissions.both(choice.permissions);
            assert!(added.both(agreed.permits[seat]) == added, "asked for more than the records permit");
            let until = pair.now + choice.duration.map_or(asked, |chosen| chosen.min(asked));
            agreed.refused.remove(&key);
            return add(pair, agreed, answer, (id, added, until));
        }
        (Answer::Grant(choice), Proof::Enrolled | Proof::Organisation { .. }) | (Answer::GrantStranger(choice), _) => {
            agreed.confirm(seat, pair.now);
            if agreed.seats.iter().all(|seat| seat.is_empty()) {
                agreed.pauses.retain(|reason| *reason != PauseReason::User);
            }
            agreed.refused.remove(&key);
            agreed.agree(seat, permissions.both(choice.permissions));
            agreed.until[seat] = Some(pair.now + choice.duration.map_or(asked, |chosen| chosen.min(asked)));
        }
        (Answer::Block, _) => drop(agreed.blocked.insert(key)),
        (Answer::Deny | Answer::Unanswered, _) if matches!(purpose, Purpose::More { .. }) => agreed.refuse(key),
        _ => {}
    }
    pair.answer(answer);
}

/// The user lets a session have more for a while. Where that is not what the question said any more, nothing comes of it.
fn add(pair: &mut Pair, agreed: &mut Agreed, answer: Answer, asked: (SessionId, Permissions, Instant)) {
    let (id, added, until) = asked;
    let seat = pair.seat(id).expect("who asked");
    let before = agreed.seats[seat];
    let control = added.has(Permission::Control) && !before.has(Permission::Control);
    if control {
        (agreed.seats[seat], agreed.extras[seat]) = (before.with(Permission::Control), Some(until));
    }
    pair.answer(answer);
    let told =
        |event: &HostEvent| matches!(event, HostEvent::Live(live, notice) if *live == id && notice.extra.is_some());
    if control && !pair.events.iter().any(told) {
        (agreed.seats[seat], agreed.extras[seat]) = (before, None);
    }
}

/// The user sets a session's switches; what is switched on beyond what was granted does nothing.
fn switch(pair: &mut Pair, agreed: &mut Agreed, seat: usize, control: Option<bool>) {
    let wanted = match control {
        Some(true) => Permissions::CONTROL,
        Some(false) => Permissions::VIEW,
        None => Permissions::NONE,
    };
    let id = pair.id(seat);
    if agreed.sessions[seat] == Some(id) && !agreed.seats[seat].is_empty() {
        let extra = agreed.extras[seat].filter(|until| *until > pair.now && wanted.has(Permission::Control));
        agreed.extras[seat] = extra;
        let added = if extra.is_some() { Permissions::CONTROL } else { Permissions::NONE };
        agreed.seats[seat] = agreed.ceilings[seat].both(wanted).either(added.both(wanted));
    }
    pair.host.switch(pair.now, id, wanted);
}

/// The owner of the host changes an officer's record, or removes it; the new one has no standing grant.
fn enrol(pair: &mut Pair, agreed: &mut Agreed, seat: usize, control: Option<bool>) {
    let permit = control.map(|control| if control { Permissions::CONTROL } else { Permissions::VIEW });
    // The records that never had an officer don't take anything back.
    if permit.is_some() || agreed.officers[seat].enrolment.is_some() {
        if std::mem::replace(&mut agreed.may[seat], Ground::Answer) != Ground::Answer {
            agreed.seats[seat] = Permissions::NONE;
        }
        agreed.permit(seat, permit.unwrap_or_default());
        if permit.is_none() && agreed.certified[seat] {
            // That session is over; another may come of the certificate.
            agreed.permit(seat, agreed.organisation);
        }
    }
    let enrolment = permit.and_then(|permit| officer(1, permit).enrolment);
    agreed.officers[seat].enrolment.clone_from(&enrolment);
    let sessions: Vec<_> = pair.host.officers().map(|(id, _)| id).filter(|&id| pair.seat(id) == Some(seat)).collect();
    for id in sessions {
        pair.host.enrolled(pair.now, id, enrolment.clone());
    }
}

/// The owner of the host allows the organisation, or no more, and learns that a key is revoked.
fn change_trust(pair: &mut Pair, agreed: &mut Agreed, allowed: Option<bool>, revoked: Option<usize>) {
    agreed.organisation = match allowed {
        Some(true) => Permissions::CONTROL,
        Some(false) => Permissions::VIEW,
        None => Permissions::NONE,
    };
    agreed.revoked.extend(revoked.and_then(|seat| agreed.officers.get(seat)).map(|officer| officer.key));
    for seat in 0..agreed.seats.len() {
        let by_certificate = agreed.certified[seat] && agreed.officers[seat].enrolment.is_none();
        agreed.permit(seat, if by_certificate { agreed.organisation } else { agreed.permits[seat] });
    }
    let mut trust = Trust { revoked: agreed.revoked.clone(), ..trust(pair.time()) };
    trust.organisations.values_mut().for_each(|organisation| organisation.permit = agreed.organisation);
    trust.organisations.retain(|_, organisation| !organisation.permit.is_empty());
    pair.host.trust(pair.now, trust);
}

/// Whether the host's log has the grant of a session.
fn is_recorded(pair: &Pair, id: SessionId) -> bool {
    let granted = format!(r#""session":{},"what":{{"kind":"answered","decision":{{"answer":"granted""#, id.0);
    pair.log.iter().any(|line| line.contains(&granted))
}

/// Whether the host's log has it that a session's officer asked for more, and that the user said yes.
fn is_asked_for(pair: &Pair, id: SessionId) -> bool {
    let asked = format!(r#""session":{},"what":{{"kind":"asked_more""#, id.0);
    let granted = format!(
        r#""session":{},"what":{{"kind":"answered","decision":{{"answer":"granted","permissions":"control""#,
        id.0
    );
    [asked, granted].iter().all(|text| pair.log.iter().any(|line| line.contains(text)))
}

/// Why a session is paused, as the host's log has it; `None` if it goes on.
fn paused_in_log(pair: &Pair, id: SessionId) -> Option<Vec<PauseReason>> {
    let of = |kind| format!(r#""session":{},"what":{{"kind":"{kind}""#, id.0);
    let (paused, continued) = (of("paused"), of("continued"));
    let line = pair.log.iter().rfind(|line| line.contains(&paused) || line.contains(&continued))?;
    match Line::decode(line.as_bytes()).expect("a line").what {
        Entry::Paused { reasons } => Some(reasons),
        _ => None,
    }
}

/// The host's log is good, and so are all receipts; each was closed.
fn check_record(pair: &Pair) {
    let mut log = Check::new(None);
    pair.log.iter().for_each(|line| drop(log.line(line.as_bytes()).expect("a good line")));
    log.finish().expect("a good log");
    for (id, receipt) in &pair.receipts {
        assert!(is_recorded(pair, *id));
        let signatures = receipt.check(verify).expect("a good receipt");
        assert!(matches!(signatures, Signatures::Host | Signatures::Both), "{signatures:?}");
    }
}

fn check(pair: &mut Pair, agreed: &mut Agreed, injected: &mut usize) {
    let new = std::mem::replace(injected, pair.injected.len())..;
    let mut new = pair.injected[new.clone()].iter().zip(&pair.moments[new]);
    assert!(new.all(|(injection, (at, _))| agreed.permits(injection.action(), *at)), "injected without control");
    assert!(waits_for_answers(pair), "injected while the user is being asked");
    agreed.follow(pair);
    assert!(pair.held.is_empty() || agreed.control(pair.now), "held without control");
    assert!(pair.held.is_empty() || pair.questions.is_empty(), "held while the user is being asked");
    agreed.check_questions(pair);
    check_times(pair, agreed);
    for (seat, ever) in pair.seats.iter().zip(&agreed.ever) {
        assert!(*ever || seat.viewer.shown().is_none() && seat.frame_bytes == 0, "a picture without consent");
    }
    for (seat, seen) in pair.seats.iter().zip(&agreed.away) {
        assert!(seen.is_none_or(|seen| seat.frame_bytes == seen), "a picture for nobody");
    }
    for (number, seat) in pair.seats.iter().enumerate() {
        check_pause(pair, agreed, number);
        if agreed.is_paused(number) {
            let shown = agreed.shown.get(&number).copied().unwrap_or_default();
            assert_eq!(seat.frame_bytes, shown, "a picture during a pause");
        }
        let is_on = !agreed.seats[number].is_empty();
        if agreed.locked.is_some_and(|since| pair.now >= since + LOCK) && agreed.grounds[number] == Ground::Answer {
            assert!(!is_on, "a session outlives a long lock");
        }
        assert!(!is_on || !agreed.blocked.contains(&agreed.officers[number].key), "a session of a blocked key");
    }
}

/// The log says why a session is paused, and that it goes on.
fn check_pause(pair: &Pair, agreed: &Agreed, seat: usize) {
    let Some(id) = agreed.sessions[seat].filter(|_| !agreed.seats[seat].is_empty()) else { return };
    let concerns = |reason: &PauseReason| *reason == PauseReason::User || agreed.grounds[seat] == Ground::Answer;
    let reasons: BTreeSet<_> =
        agreed.pauses.iter().filter(|reason| concerns(reason)).map(|reason| *reason as u8).collect();
    let logged = paused_in_log(pair, id).unwrap_or_default();
    let unconfirmed = logged.contains(&PauseReason::Unconfirmed);
    assert!(
        agreed.away[seat].is_some() || unconfirmed == agreed.unconfirmed[seat] || !reasons.is_empty(),
        "confirmed or not"
    );
    let logged: BTreeSet<_> =
        logged.iter().filter(|reason| **reason != PauseReason::Unconfirmed).map(|reason| *reason as u8).collect();
    assert_eq!(logged, reasons, "the log has other reasons for a pause");
}

/// What was added ends at its time, and what nobody has confirmed shows nothing.
fn check_times(pair: &Pair, agreed: &mut Agreed) {
    for (number, seat) in pair.seats.iter().enumerate() {
        let is_over = agreed.extras[number].is_some_and(|until| until <= pair.now);
        let controls = agreed.seats[number].has(Permission::Control) && agreed.away[number].is_none();
        assert!(!is_over || !controls, "control for longer than was agreed");
        if agreed.confirmed[number].is_some_and(|until| until < pair.now) {
            let sent = *agreed.sealed.entry(number).or_insert(seat.frame_bytes);
            assert_eq!(seat.frame_bytes, sent, "a picture that nobody has confirmed");
        } else {
            agreed.sealed.remove(&number);
        }
    }
}

/// How many visits all tests here play together; `VISITS` in the environment says otherwise. `make model` plays a million.
const VISITS: u32 = 10_000;

/// So many tests share them.
const TESTS: u32 = 8;

/// No injection and no picture without agreement, nothing held without control, and exact pictures once it is quiet.
fn play_visits() {
    let visits = std::env::var("VISITS").map_or(VISITS, |text| text.parse().expect("VISITS is a number"));
    let config =
        ProptestConfig { cases: visits.div_ceil(TESTS), failure_persistence: None, ..ProptestConfig::default() };
    let played = TestRunner::new(config).run(&steps(), |steps| {
        play(steps);
        Ok(())
    });
    played.unwrap_or_else(|error| panic!("{error}"));
}

fn play(steps: Vec<Step>) {
    let (mut pair, mut agreed, mut injected) = (host(), Agreed::default(), 0);
    for step in steps {
        apply(&mut pair, &mut agreed, step);
        check(&mut pair, &mut agreed, &mut injected);
    }
    pair.drive(Duration::from_secs(20));
    check(&mut pair, &mut agreed, &mut injected);
    for (number, seat) in pair.seats.iter().enumerate() {
        let is_on = agreed.seats[number].has(Permission::View) && agreed.away[number].is_none();
        if is_on && seat.end().is_none() && !agreed.unconfirmed[number] && !agreed.is_paused(number) {
            assert_eq!(seat.viewer.shown(), Some(pair.screen.picture().view()));
        }
    }
    pair.host.end_all(End::HostLeft);
    pair.settle();
    pair.drive(Duration::from_secs(2));
    check_record(&pair);
    assert!(pair.held.is_empty());
}

/// Tests run side by side.
macro_rules! tests {
    ($($name:ident)*) => { $(#[test] fn $name() { play_visits(); })* };
}

tests! { visits_1 visits_2 visits_3 visits_4 visits_5 visits_6 visits_7 visits_8 }

/// Found by a long run: what had been added was never over, as the user was told.
#[test]
fn who_comes_back_and_is_gone_at_once_is_away() {
    let connect = |control| {
        let (ground, again, watch, long, seed) = (Ground::Answer, false, control, false, 1);
        Step::Connect { control, ground, again, watch, long, seed }
    };
    let yes = [Step::Wait(900), Step::Answer(3), Step::Wait(900)];
    let mut steps = Vec::new();
    for arrivals in [[connect(false)].as_slice(), &[connect(false)], &[connect(true), connect(false)]] {
        steps.extend(arrivals.iter().chain(&yes).cloned());
    }
    let more = Step::AskMore { seat: 2, seconds: 1 };
    steps.extend([more, Step::Wait(900), Step::Answer(3), Step::Wait(100), Step::Return(2), Step::Leave(2)]);
    play(steps);
}
