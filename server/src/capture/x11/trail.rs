//! What was hidden until just now: a compositor shows windows for a while where they are no longer.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use beside_protocol::frame::Region;

/// For so long a compositor may show a window where it was: its next picture, and the animation of a window that closes.
const LINGER: Duration = Duration::from_millis(500);

/// What was hidden of late.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// Each with when it was so for the last time, the newest last.
    past: VecDeque<(Instant, Region)>,
}

impl Trail {
    /// What is to be hidden now that `hidden` is what should be: that, and what should have been within [`LINGER`].
    pub(super) fn follow(&mut self, now: Instant, hidden: Region) -> Region {
        while self.past.front().is_some_and(|(last, _)| *last + LINGER <= now) {
            self.past.pop_front();
        }
        let mut all = hidden.clone();
        self.past.iter().for_each(|(_, region)| all.add_region(region));
        match self.past.back_mut().filter(|(_, region)| *region == hidden) {
            Some((last, _)) => *last = now,
            None => self.past.push_back((now, hidden)),
        }
        all
    }

    /// Forgets all, as nothing is shown late.
    pub(super) fn clear(&mut self) {
        self.past.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::frame::Rect;

    #[test]
    fn what_was_hidden_stays_so_for_a_while() {
        let (mut trail, start) = (Trail::default(), Instant::now());
        let (here, there) = (Rect::new(0, 0, 10, 10), Rect::new(10, 0, 10, 10));
        assert_eq!(trail.follow(start, here.into()), here.into());
        let rested = start + 3 * LINGER;
        assert_eq!(trail.follow(rested, here.into()), here.into());
        assert_eq!(trail.follow(rested, there.into()), here.union(&there).into());
        assert_eq!(trail.follow(rested + LINGER / 2, there.into()), here.union(&there).into());
        assert_eq!(trail.follow(rested + LINGER, there.into()), there.into());
        assert_eq!(trail.follow(rested + LINGER, Region::new()), there.into());
        trail.clear();
        assert_eq!(trail.follow(rested + LINGER, Region::new()), Region::new());
    }
}
