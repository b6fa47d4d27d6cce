//! Wall-clock times of the record: milliseconds since 1970, written as RFC 3339 in UTC.

use ::time::{OffsetDateTime, format_description::well_known::Rfc3339};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The last time that can be written: the end of the year 9999, in milliseconds since 1970.
const LAST: u64 = 253_402_300_799_999;

/// A time, in milliseconds since the beginning of 1970 in UTC; up to the end of the year 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// That many milliseconds after the beginning of 1970; later ones than can be written become the last that can.
    pub const fn from_millis(millis: u64) -> Self {
        Self(if millis < LAST { millis } else { LAST })
    }

    /// Milliseconds since the beginning of 1970.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// So much later.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(u64::try_from(duration.as_millis()).unwrap_or(LAST)))
    }

    /// So much earlier, or 1970.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(duration.as_millis()).unwrap_or(LAST)))
    }
}

impl From<SystemTime> for Time {
    /// A clock that shows a time before 1970 shows 1970.
    fn from(time: SystemTime) -> Self {
        let millis = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        Self::from_millis(u64::try_from(millis).unwrap_or(LAST))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::try_from(self.0 / 1000).unwrap_or(i64::MAX);
        let at = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second) = at.to_hms();
        let millis = self.0 % 1000;
        write!(f, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z", u8::from(month))
    }
}

/// A text that is no such time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as 2026-01-31T23:59:59.999Z")]
pub struct InvalidTime;

impl FromStr for Time {
    type Err = InvalidTime;

    /// Only exactly what [`fmt::Display`] writes.
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTime)?;
        let millis = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).map_err(|_| InvalidTime)?;
        let time = Self::from_millis(millis);
        if time.to_string() == text { Ok(time) } else { Err(InvalidTime) }
    }
}

impl Serialize for Time {
    /// Text where the format is for people, else the milliseconds.
    fn serialize<S: serde::Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        if sink.is_human_readable() { sink.collect_str(self) } else { self.0.serialize(sink) }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        if !source.is_human_readable() {
            return u64::deserialize(source).map(Self::from_millis);
        }
        String::deserialize(source)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_standard_says() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            let time = Time::from_millis(millis);
            assert_eq!(time.to_string(), text);
            assert_eq!(text.parse(), Ok(time));
        }
        for bad in ["", "2000-02-30T00:00:00.000Z", "2000-02-29T00:00:00Z", "2000-02-29T01:00:00.000+01:00"] {
            assert_eq!(bad.parse::<Time>(), Err(InvalidTime), "{bad}");
        }
    }
}
