//! Both session machines, each fed by a hostile peer.

use super::steps;
use crate::notary::{HOST, TestNotary, key_of};
use beside_protocol::{
    frame::Rect,
    record::{Digest, Time, Written},
    session::{
        Asking, Enrolment, Host, Keying, Officer, Papers, Rules, Viewer,
        contact::Code,
        host::{Answer, Event, SessionId},
        viewer,
    },
    wire::{Channel, End, Permissions, Request},
};
use std::time::{Duration, Instant};

/// By tag: where the bytes of a step arrive.
const CHANNELS: [Channel; 5] = [Channel::Control, Channel::Input, Channel::Pointer, Channel::Cursor, Channel::Frame];

/// The tag of the step in which the user says yes to everything.
const YES: u8 = 5;

/// Steps: tags 0 to 4 are messages of an officer who may only look, 5 is the user's yes, any other lets a second pass.
///
/// Whatever comes: nothing is injected, no picture is opened and nothing of one is sent before the yes, and a session
/// ends once. Valid when the officer broke no rule.
pub fn host(input: &[u8]) -> bool {
    let mut now = Instant::now();
    let mut host = Host::new(Rules::new("host", Asking::User), TestNotary::of(HOST));
    let enrolment = Enrolment::new("officer", Permissions::VIEW);
    let officer = Officer { key: key_of(1), enrolment: Some(enrolment) };
    let connection = host.connect(now, officer, Keying::new([1; 32], [2; 32]));
    host.offer_code(now, Code::draw([1; 8]), [5; 32]);
    let session = SessionId(connection.0);
    let (mut asked, mut granted, mut ends) = (false, false, Vec::new());
    for (tag, bytes) in steps::read(input) {
        match CHANNELS.get(usize::from(tag)) {
            Some(&channel) => host.handle_message(now, connection, channel, bytes),
            None if tag == YES => {
                granted |= asked;
                host.answer(now, session, Answer::Grant(Permissions::CONTROL.into()));
            }
            None => {
                now += Duration::from_secs(1);
                host.handle_timeout(now);
            }
        }
        while let Some(event) = host.poll_event() {
            match event {
                Event::Ask(..) => asked = true,
                Event::Inject(_) => panic!("an officer who may only look has pressed something"),
                Event::Live(..) | Event::Attached { .. } => assert!(granted, "live without a yes"),
                Event::Suspended { .. } => panic!("the connection is never lost"),
                Event::Open(display) => {
                    assert!(granted, "the screen is opened without a yes");
                    host.picture_begins(display, 1, Rect::new(0, 0, 64, 48), 0);
                }
                Event::Ended { end, .. } => ends.push(end),
                Event::Record(id, ..) => {
                    host.recorded(now, id, Written { time: Time::from_millis(0), head: Digest::ZERO });
                }
                Event::Receipt(..)
                | Event::Withdraw(_)
                | Event::Returning(_)
                | Event::Block(_)
                | Event::NotResumed(_)
                | Event::CodeOver(_)
                | Event::Disconnect(_)
                | Event::Close(_)
                | Event::Task(..) => {}
            }
        }
        while let Some((_, transmit)) = host.poll_transmit() {
            assert!(granted || transmit.channel == Channel::Control, "a picture is sent without a yes");
        }
    }
    assert!(ends.len() <= 1, "a session ends once: {ends:?}");
    !ends.contains(&End::Misbehaved)
}

/// The tag of the step in which the connection is lost and another one made.
const LOST: u8 = 5;

/// Steps: tags 0 to 4 are messages of a host, 5 loses the connection and makes another, any other lets a second pass.
///
/// Whatever comes: nothing is shown before a grant, and nothing happens after the end. Valid when the host broke no rule.
pub fn viewer(input: &[u8]) -> bool {
    let mut now = Instant::now();
    let request = Request {
        reason: "fuzzing".into(),
        permissions: Permissions::CONTROL,
        seconds: 60,
        display: None,
        ticket: None,
    };
    let papers = Papers { notary: TestNotary::of(1), host: key_of(HOST), certificate: None, head: None };
    let mut viewer = Viewer::new(now, request, Keying::new([1; 32], [2; 32]), papers);
    let (mut granted, mut end) = (false, None);
    for (tag, bytes) in steps::read(input) {
        match CHANNELS.get(usize::from(tag)) {
            Some(&channel) => viewer.handle_message(now, channel, bytes),
            None if tag == LOST => {
                viewer.disconnected(now, End::LinkLost);
                viewer.reconnected(now, Keying::new([3; 32], [4; 32]));
            }
            None => {
                now += Duration::from_secs(1);
                viewer.handle_timeout(now);
            }
        }
        while let Some(event) = viewer.poll_event() {
            assert!(end.is_none(), "{event:?} after the end");
            match event {
                viewer::Event::Granted { .. } => granted = true,
                viewer::Event::Begins(_) | viewer::Event::Changed(_) => assert!(granted, "a picture without a grant"),
                viewer::Event::Ended(reason) => end = Some(reason),
                _ => {}
            }
        }
        while viewer.poll_transmit().is_some() {}
    }
    end != Some(End::Misbehaved)
}
