//! Codes the parts of an update, large ones on several cores.

use beside_protocol::frame::{Coder, Part, PartJob};
use std::{
    num::NonZero,
    sync::{Mutex, PoisonError},
    thread,
};

/// Fewer pixels than this are coded before another thread has begun.
const LARGE: u64 = 1 << 17;

/// The most threads that work on one update: the others belong to the user's programs.
const MOST: usize = 4;

/// A coder for each thread that may work on an update.
#[derive(Debug)]
pub(crate) struct Coders(Vec<Coder>);

impl Coders {
    /// As many as the machine has cores, and [`MOST`].
    pub(crate) fn new() -> Self {
        let count = thread::available_parallelism().map_or(1, NonZero::get).min(MOST);
        Self((0..count).map(|_| Coder::new()).collect())
    }

    /// The parts, in the order of their jobs.
    pub(crate) fn run(&mut self, jobs: Vec<PartJob>) -> Vec<Part> {
        let large = jobs.iter().map(PartJob::pixels).sum::<u64>() >= LARGE;
        let count = if large { self.0.len().min(jobs.len()) } else { 1 };
        let Some((own, others)) = self.0[..count].split_first_mut() else { return Vec::new() };
        let slots: Vec<_> = jobs.iter().map(|_| Mutex::new(None)).collect();
        let jobs = Mutex::new(slots.iter().zip(jobs));
        // A thread that panics takes the scope along, and with it the one that waits: no lock is used after that.
        let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = |coder: &mut Coder| {
            while let Some((slot, job)) = next() {
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(job.run(coder));
            }
        };
        thread::scope(|scope| {
            for coder in others {
                scope.spawn(|| work(coder));
            }
            work(own);
        });
        slots.into_iter().filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::frame::{Encoder, Patch, Picture, Size};

    #[test]
    fn many_cores_code_the_same_bytes_in_order() {
        let size = Size::new(1_024, 1_024);
        let noise: Vec<u8> = (0..size.pixels() as u32 * 4).map(|n| (n.wrapping_mul(0x9e37_79b1) >> 24) as u8).collect();
        let patch = Patch::new(size.rect(), size.width as usize * 4, &noise).expect("a patch");
        let jobs = || Encoder::new(size, [1; 16]).expect("a size").update(&[patch]).expect("a change").jobs;
        let parts = |mut coders: Coders| coders.run(jobs());
        let (one, four) = (parts(Coders(vec![Coder::new()])), parts(Coders((0..4).map(|_| Coder::new()).collect())));
        assert!(one.len() >= 4);
        assert!(one.iter().zip(&four).all(|(one, other)| one.bytes == other.bytes) && one.len() == four.len());
        let mut picture = Picture::new(size, 0).expect("a size");
        four.iter().for_each(|part| drop(picture.part(&part.bytes).expect("a part")));
        assert!(picture.is_current());
    }
}
