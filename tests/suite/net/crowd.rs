//! Many at once: watchers who cost no coding, and strangers who keep nobody out; and how little a letter takes.

use super::{
    echo, is_exact, rig,
    rig::{Credentials, Rig, now},
    run,
    work::{self, Work},
};
use beside_protocol::{frame::Rect, wire::Permissions};
use beside_shell::net::{Role, emulator::Profile};
use std::{sync::Arc, time::Duration};

const SECOND: Duration = Duration::from_secs(1);
const MS: Duration = Duration::from_millis(1);

/// One way, and a line that does nothing else.
const DELAY: Duration = Duration::from_millis(20);
const LINE: Profile = Profile { delay: DELAY, ..Profile::PERFECT };

/// How many updates and repaints the same work takes with so many watchers besides the officer, once they are there.
async fn coded(watchers: usize) -> (usize, usize) {
    let mut rig = rig(LINE, LINE).await;
    for _ in 0..watchers {
        rig.connect(LINE, LINE, Permissions::VIEW).await;
    }
    rig.drive(SECOND).await;
    let before = (rig.pair.updates, rig.pair.repainted);
    for work in [Work::Typing, Work::Scroll, Work::Slides] {
        let seen = work::watch(&mut rig, work, 2 * SECOND).await;
        assert!(seen.len() == watchers + 1 && seen.iter().all(|seen| seen.seen == seen.painted), "{work:?}: {seen:?}");
    }
    is_exact(&rig);
    (rig.pair.updates - before.0, rig.pair.repainted - before.1)
}

/// L2, as far as it needs no clock.
#[test]
fn ten_watchers_take_no_more_coding_than_none() {
    run(async {
        let alone = coded(0).await;
        assert!(alone.0 >= 20 + 60 + 2, "{alone:?}");
        assert_eq!(coded(10).await, alone);
    });
}

/// L6, as far as it needs no clock: many times more strangers than there is room for, who show that they receive and then say
/// no more; and as many who can't even be answered.
#[test]
fn strangers_who_begin_and_say_no_more_keep_nobody_out() {
    run(async {
        let mut rig = rig(LINE, LINE).await;
        let stranger = Arc::new(Credentials::new());
        for number in 0..300 {
            let deaf = number % 2 == 0;
            let line = rig.network.line(LINE, if deaf { Profile::BLACK_HOLE } else { LINE }, 1_000 + number);
            let (stranger, dialled) = (Arc::clone(&stranger), line.clone());
            tokio::spawn(async move { dialled.dial(Role::Officer, &stranger.identity, |_| true, 20 * SECOND).await });
            tokio::spawn(async move {
                // The first packet, the question whether it receives, and the answer: the last is on its way.
                tokio::time::sleep(2 * DELAY + 5 * MS).await;
                line.set(Profile::BLACK_HOLE, Profile::BLACK_HOLE);
            });
            rig.drive(10 * MS).await;
        }
        let start = now();
        let coming = rig.connect(LINE, LINE, Permissions::VIEW);
        let newcomer = tokio::time::timeout(5 * SECOND, coming).await.expect("the newcomer is let in");
        assert!(now() - start <= 8 * DELAY, "{:?}", now() - start);
        rig.drive(3 * SECOND).await;
        let seen = work::watch(&mut rig, Work::Scroll, SECOND).await;
        assert!([0, newcomer].iter().all(|seat| seen[*seat].seen == seen[*seat].painted), "{seen:?}");
        is_exact(&rig);
    });
}

/// Waits until the host has said nothing for a while and has no sign of life to give for a while.
async fn quiet(rig: &mut Rig) {
    loop {
        let before = rig.seats[0].line.sent_down();
        rig.drive(5 * DELAY).await;
        let is_due = rig.pair.host.poll_timeout().is_some_and(|at| at <= now() + 5 * DELAY);
        if rig.seats[0].line.sent_down() == before && !is_due {
            return;
        }
    }
}

/// No timer, no second packet, no wait for an acknowledgement.
#[test]
fn a_letter_is_one_packet_sent_at_once() {
    run(async {
        let mut rig = rig(LINE, LINE).await;
        for mark in 1..=20 {
            quiet(&mut rig).await;
            let (start, before) = (now(), rig.seats[0].line.sent_down());
            rig.pair.screen.scribble(Rect::new(30 + 10 * mark, 40, 10, 18));
            rig.pair.screen.mark(mark);
            rig.drive(DELAY - MS).await;
            let sent = rig.seats[0].line.sent_down();
            assert_eq!(sent.packets - before.packets, 1, "letter {mark}");
            assert!(sent.bytes - before.bytes < 1_200, "letter {mark}: {} bytes", sent.bytes - before.bytes);
            rig.drive(3 * MS).await;
            let (shown, at) = rig.seats[0].shown.last().copied().expect("a picture");
            assert_eq!(shown, mark, "not there {:?} after it was painted", now() - start);
            // tokio's clock has steps of a millisecond.
            assert!(at - start >= DELAY && at - start <= DELAY + MS, "{:?}", at - start);
            assert_eq!(rig.seats[0].line.sent_down().packets - before.packets, 1, "letter {mark}");
        }
        is_exact(&rig);
    });
}

/// The same with the key that it answers: nothing but the way there and back.
#[test]
fn a_key_is_answered_in_a_round_trip() {
    run(async {
        let mut rig = rig(LINE, LINE).await;
        for mark in 1..=20 {
            quiet(&mut rig).await;
            let took = echo(&mut rig, mark).await;
            assert!(took <= 2 * DELAY + 2 * MS, "{took:?}");
        }
    });
}
