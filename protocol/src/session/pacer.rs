//! When the next picture may go to a viewer: never more in flight than the link drains quickly.

use std::collections::VecDeque;

/// What has been sent to one viewer and not yet acknowledged.
///
/// Acknowledgements count bytes since the session began, so it does not matter in which order parts arrive.
#[derive(Clone, Debug, Default)]
pub struct Pacer {
    sent: u64,
    acknowledged: u64,
    /// The count of bytes sent at the end of each update that is still in flight.
    ends: VecDeque<u64>,
}

impl Pacer {
    /// The most updates in flight. At a round trip of 40 ms three let 75 pictures a second through, at 100 ms still 30.
    pub const UPDATES: usize = 3;

    /// The most bytes in flight: what 20 Mbit/s drains in 200 ms, and a LAN in 4 ms.
    pub const BYTES: u64 = 512 * 1024;

    /// Whether another update may be made for this viewer.
    pub fn is_ready(&self) -> bool {
        self.ends.len() < Self::UPDATES && self.has_room()
    }

    /// Whether the link can take anything more at all.
    pub const fn has_room(&self) -> bool {
        self.sent - self.acknowledged < Self::BYTES
    }

    /// Takes note of one update's (or one repaint's) `bytes`. None are none in flight: nobody would acknowledge them.
    pub fn on_sent(&mut self, bytes: u64) {
        if bytes > 0 {
            self.sent += bytes;
            self.ends.push_back(self.sent);
        }
    }

    /// Takes note of `bytes` that are no part of an update, such as a cursor's.
    pub const fn on_sent_aside(&mut self, bytes: u64) {
        self.sent += bytes;
    }

    /// Takes note of an acknowledgement of `bytes` in all; `false` when it claims more than was sent.
    #[must_use]
    pub fn on_acknowledged(&mut self, bytes: u64) -> bool {
        if bytes > self.sent {
            return false;
        }
        self.acknowledged = self.acknowledged.max(bytes);
        while self.ends.front().is_some_and(|&end| end <= self.acknowledged) {
            self.ends.pop_front();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_for_acknowledgements() {
        let mut pacer = Pacer::default();
        for _ in 0..Pacer::UPDATES {
            assert!(pacer.is_ready());
            pacer.on_sent(100);
        }
        assert!(!pacer.is_ready());
        assert!(pacer.on_acknowledged(99) && !pacer.is_ready());
        assert!(pacer.on_acknowledged(100) && pacer.is_ready());
        pacer.on_sent(Pacer::BYTES);
        assert!(pacer.on_acknowledged(300) && !pacer.is_ready());
        assert!(pacer.on_acknowledged(300 + Pacer::BYTES) && pacer.is_ready());
        assert!(!pacer.on_acknowledged(301 + Pacer::BYTES));
    }

    #[test]
    fn an_update_of_no_bytes_is_not_waited_for() {
        let mut pacer = Pacer::default();
        for _ in 0..=Pacer::UPDATES {
            pacer.on_sent(0);
        }
        assert!(pacer.is_ready());
    }
}
