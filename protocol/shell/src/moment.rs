//! Moments as the command line has them: a time of day here, or a date with its time and zone.

use beside_protocol::record::Time;
use std::time::Duration;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A moment that is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The next time that the clock on the wall shows this.
    OfDay(time::Time),
    /// That very moment.
    At(Time),
}

/// A text that is no moment, or a time of day where this machine's time zone is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoment {
    /// It is written otherwise.
    #[error("write a time as 18:00, or as 2026-01-31T18:00:00+01:00")]
    Malformed,
    /// The system does not tell its time zone.
    #[error("this machine's time zone can't be told; write the time as 2026-01-31T18:00:00+01:00")]
    NoZone,
}

impl std::str::FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
            let millis = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(|_| InvalidMoment::Malformed)?;
            return Ok(Self::At(Time::from_millis(millis)));
        }
        let (hour, minute) = text.split_once(':').ok_or(InvalidMoment::Malformed)?;
        let number = |text: &str| {
            let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|_| digits).ok_or(InvalidMoment::Malformed)
        };
        let of_day = time::Time::from_hms(number(hour)?, number(minute)?, 0);
        of_day.map(Self::OfDay).map_err(|_| InvalidMoment::Malformed)
    }
}

impl Moment {
    /// When that is: a time of day is the first one after `now`, by this machine's time zone.
    pub fn after(self, now: Time) -> Result<Time, InvalidMoment> {
        self.after_in(now, |at| UtcOffset::local_offset_at(at).ok())
    }

    fn after_in(self, now: Time, zone: impl Fn(OffsetDateTime) -> Option<UtcOffset>) -> Result<Time, InvalidMoment> {
        let of_day = match self {
            Self::At(time) => return Ok(time),
            Self::OfDay(of_day) => of_day,
        };
        let start = OffsetDateTime::UNIX_EPOCH + Duration::from_millis(now.millis());
        let mut date = start.to_offset(zone(start).ok_or(InvalidMoment::NoZone)?).date();
        loop {
            // What the zone is at that time follows from about when that is: clocks may be changed in between.
            let about = date.with_time(of_day).assume_utc();
            let guess = date.with_time(of_day).assume_offset(zone(about).ok_or(InvalidMoment::NoZone)?);
            let at = date.with_time(of_day).assume_offset(zone(guess).ok_or(InvalidMoment::NoZone)?);
            if at > start {
                let millis = u64::try_from(at.unix_timestamp_nanos() / 1_000_000);
                return millis.map(Time::from_millis).map_err(|_| InvalidMoment::Malformed);
            }
            date = date.next_day().ok_or(InvalidMoment::Malformed)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        match text.parse() {
            Ok(Moment::At(time)) => time,
            other => panic!("{text}: {other:?}"),
        }
    }

    /// Middle European time, which became summer time on 29 March 2026 at 01:00 UTC.
    fn berlin(at: OffsetDateTime) -> Option<UtcOffset> {
        let change = OffsetDateTime::parse("2026-03-29T01:00:00Z", &Rfc3339).unwrap();
        UtcOffset::from_hms(if at < change { 1 } else { 2 }, 0, 0).ok()
    }

    #[test]
    fn a_time_of_day_is_the_next_one_there() {
        for (now, text, expected) in [
            ("2026-01-31T16:00:00Z", "18:00", "2026-01-31T18:00:00+01:00"),
            ("2026-01-31T17:00:00Z", "18:00", "2026-02-01T18:00:00+01:00"),
            ("2026-01-31T23:30:00Z", "00:15", "2026-02-02T00:15:00+01:00"),
            ("2026-03-28T18:00:00Z", "18:00", "2026-03-29T18:00:00+02:00"),
            ("2026-03-29T00:30:00Z", "03:30", "2026-03-29T03:30:00+02:00"),
        ] {
            let moment: Moment = text.parse().unwrap();
            assert_eq!(moment.after_in(time(now), berlin), Ok(time(expected)), "{text} after {now}");
        }
        let moment: Moment = "18:00".parse().unwrap();
        assert_eq!(moment.after_in(time("2026-01-31T16:00:00Z"), |_| None), Err(InvalidMoment::NoZone));
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for bad in [
            "",
            "18",
            "24:00",
            "18:60",
            "8:00",
            "18:0",
            "+8:00",
            "18:00:00",
            "tomorrow",
            "2026-01-31",
            "1969-01-31T18:00:00Z",
        ] {
            assert_eq!(bad.parse::<Moment>(), Err(InvalidMoment::Malformed), "{bad}");
        }
    }
}
