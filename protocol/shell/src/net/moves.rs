//! A peer whose network changes: its packets come from another address, over the same connection.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    time::{Duration, Instant},
};

/// How many changes are told in a [`MINUTE`]: who changes more often is told of no more.
const TOLD: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);

/// Where a peer is, and how often that has changed of late.
#[derive(Debug)]
pub(super) struct Moves {
    known: SocketAddr,
    told: VecDeque<Instant>,
}

impl Moves {
    pub(super) const fn new(known: SocketAddr) -> Self {
        Self { known, told: VecDeque::new() }
    }

    /// Takes note of where the peer is, and tells whether that is worth telling.
    pub(super) fn is_news(&mut self, now: Instant, at: SocketAddr) -> bool {
        if std::mem::replace(&mut self.known, at) == at {
            return false;
        }
        while self.told.front().is_some_and(|&told| now.saturating_duration_since(told) >= MINUTE) {
            self.told.pop_front();
        }
        let is_news = self.told.len() < TOLD;
        if is_news {
            self.told.push_back(now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_once_and_not_too_many() {
        let at = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let now = Instant::now();
        let mut moves = Moves::new(at(1));
        assert!(!moves.is_news(now, at(1)));
        assert!(moves.is_news(now, at(2)) && !moves.is_news(now, at(2)));
        assert_eq!((3..20).filter(|&port| moves.is_news(now, at(port))).count(), TOLD - 1);
        assert!(!moves.is_news(now + MINUTE, at(19)), "the same as before");
        assert!(moves.is_news(now + MINUTE, at(20)));
    }
}
