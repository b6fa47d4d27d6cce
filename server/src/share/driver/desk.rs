//! What the user is shown of sessions by the desk, and what they do there.

use super::{Driver, Happening, Serial};
use crate::{
    desk::{
        AskedBy, Desk, DeskError, DeskEvent, Extra, FromDesk, LiveSession, OnSilence, Presence, Settings, Summary,
        ToDesk,
    },
    share::{Consent, Options, ShareError},
};
use beside_protocol::{
    record::Entry,
    session::{
        Ground,
        host::{Account, Notice, SessionId},
    },
    wire::{End, Hands, PauseReason, Permission, Permissions, Who},
};
use std::{
    io,
    process::Command,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// How long the desk may take to show that it can show windows.
const DESK_READY: Duration = Duration::from_secs(10);

/// A desk that lives shorter than this can't be kept alive by starting it again.
const DESK_LIFE: Duration = Duration::from_secs(10);

impl Driver {
    pub(in crate::share) fn show_live(&mut self, id: SessionId, notice: Notice) -> Result<(), ShareError> {
        let Notice { officer, permissions, ceiling, paused, until, ground, extra } = notice;
        let extra =
            extra.map(|extra| Extra { permissions: extra.permissions, seconds_left: seconds_left(extra.until) });
        tracing::info!(session = id.0, %permissions, ?paused, ?ground, "Session live");
        self.hide_code()?;
        let (seconds_left, standing) = (seconds_left(until), ground != Ground::Answer);
        let live = LiveSession { officer, permissions, ceiling, paused, seconds_left, standing, extra };
        self.tell(ToDesk::Live { session: id.0, live })
    }

    pub(in crate::share) fn show_suspended(
        &mut self,
        id: SessionId,
        officer: Who,
        until: Instant,
    ) -> Result<(), ShareError> {
        let seconds_left = seconds_left(until);
        tracing::info!(session = id.0, seconds_left, "Session suspended: its connection is lost");
        self.door.call_back();
        self.tell(ToDesk::Suspended { session: id.0, officer, seconds_left })
    }

    pub(in crate::share) fn show_end(
        &mut self,
        id: SessionId,
        end: End,
        was_live: bool,
        account: Option<Account>,
    ) -> Result<(), ShareError> {
        tracing::info!(session = id.0, ?end, "Session over");
        self.forget_picks();
        if end == End::LinkLost && self.host.awaits_return() {
            // The way back was lost again before it led to the session.
            self.door.call_back();
        } else {
            self.over = self.over.take().or_else(|| self.door.ended(end));
        }
        if was_live {
            self.tell(ToDesk::Ended { session: id.0, end, summary: account.map(summary) })?;
        }
        Ok(())
    }

    /// Tells of officers who have come into another network.
    pub(in crate::share) fn note_moves(&mut self) -> Result<(), ShareError> {
        for (connection, from) in self.links.moved(Instant::now()) {
            tracing::info!(connection = connection.0, %from, "The officer's network has changed");
            if let Some(session) = self.host.session(connection) {
                self.host.note(Some(session), Entry::Moved { from: from.to_string() });
                self.tell(ToDesk::Moved { session: session.0 })?;
            }
        }
        Ok(())
    }

    /// Tells the desk; if it does not listen, no session goes on.
    pub(in crate::share) fn tell(&mut self, message: ToDesk) -> Result<(), ShareError> {
        match self.desk.tell(message) {
            Ok(()) => Ok(()),
            // It reports its end itself.
            Err(DeskError::Gone) => {
                self.host.end_all(End::DeskLost);
                Ok(())
            }
            // What waits for it, releases of keys among it, would come too late: its end releases them.
            Err(DeskError::Stuck) => self.replace_desk("it does not react"),
        }
    }

    /// Ends all sessions and the desk, which releases what is held, and starts another one.
    pub(in crate::share) fn replace_desk(&mut self, why: &str) -> Result<(), ShareError> {
        tracing::error!("The desk has failed; all sessions end");
        self.host.end_all(End::DeskLost);
        // Nobody sees it any more.
        let had_code = self.host.has_code();
        self.host.withdraw_code();
        if self.desk_started.elapsed() < DESK_LIFE {
            return Err(ShareError::Desk(why.to_owned()));
        }
        // What it said last of the user and their hands.
        self.host.set_hands(Hands::Officer);
        self.host.proceed(Instant::now(), PauseReason::Locked);
        self.serial += 1;
        self.desk = start_desk(&self.options, self.serial, &self.reports)?;
        (self.desk_serial, self.desk_started) = (self.serial, Instant::now());
        if had_code { self.renew_code() } else { Ok(()) }
    }

    pub(in crate::share) fn hear_desk(&mut self, now: Instant, message: FromDesk) -> Result<(), ShareError> {
        match message {
            FromDesk::Ready => {}
            FromDesk::Stop => self.host.end_all(End::Stopped),
            FromDesk::End { session } => self.host.end(SessionId(session), End::Stopped),
            FromDesk::Switch { session, permissions } => self.host.switch(now, SessionId(session), permissions),
            FromDesk::Pause => self.host.pause(now, PauseReason::User),
            FromDesk::Continue => {
                self.host.proceed(now, PauseReason::User);
                self.host.go_on(now);
            }
            FromDesk::Hands(hands) => self.host.set_hands(hands),
            FromDesk::Presence(presence) => {
                tracing::info!(?presence, "The user's screen was locked or unlocked");
                match presence {
                    Presence::Locked => self.host.pause(now, PauseReason::Locked),
                    Presence::Here => self.host.proceed(now, PauseReason::Locked),
                }
            }
            FromDesk::Answer { session, answer } => {
                self.close_question(now, SessionId(session));
                self.take_answer(now, SessionId(session), answer);
            }
            FromDesk::NewCode => self.renew_code()?,
            FromDesk::CodeClosed => self.close_code()?,
            FromDesk::InjectorLost => tracing::warn!("The injector was lost and has been replaced"),
            FromDesk::ControlUnavailable(why) => {
                tracing::error!(why, "Keyboard and pointer can't be controlled");
                let sessions: Vec<_> = self.host.officers().map(|(id, _)| id).collect();
                for id in sessions {
                    self.host.narrow(now, id, Permissions::ALL.without(Permission::Control));
                }
            }
        }
        Ok(())
    }
}

pub(in crate::share) fn start_desk(
    options: &Options,
    serial: Serial,
    reports: &mpsc::Sender<Happening>,
) -> io::Result<Desk> {
    let asked_by = match options.consent {
        Consent::Desk => AskedBy::Desk,
        Consent::Terminal | Consent::Policy => AskedBy::Server,
    };
    let settings = Settings {
        asked_by,
        panic_key: options.panic_key.clone(),
        on_silence: OnSilence::EndServer,
        language: options.language,
    };
    let reports = reports.clone();
    // An error means that sharing has ended.
    Desk::start(Command::new(std::env::current_exe()?), &settings, move |event| {
        drop(reports.blocking_send(Happening::Desk(serial, event)))
    })
}

pub(in crate::share) async fn desk_ready(happenings: &mut mpsc::Receiver<Happening>) -> Result<(), ShareError> {
    match tokio::time::timeout(DESK_READY, happenings.recv()).await {
        Ok(Some(Happening::Desk(_, DeskEvent::Said(FromDesk::Ready)))) => Ok(()),
        Ok(_) => Err(ShareError::Desk("it ended as soon as it was started".into())),
        Err(_) => Err(ShareError::Desk("it does not answer".into())),
    }
}

/// What the user reads of a session that is over by now.
fn summary(account: Account) -> Summary {
    let Account { officer, began, allowed, added, used, ground, kept } = account;
    let seconds = u32::try_from(began.elapsed().as_secs()).unwrap_or(u32::MAX);
    Summary { officer, seconds, allowed, added, used, standing: ground != Ground::Answer, kept }
}

fn seconds_left(until: Instant) -> u32 {
    let left = until.saturating_duration_since(Instant::now());
    u32::try_from(left.as_secs()).unwrap_or(u32::MAX)
}
