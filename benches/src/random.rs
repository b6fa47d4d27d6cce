//! Numbers that look random and are the same everywhere: what a seed and a place give.

/// A 64-bit number for place `index` of the sequence `seed`, by the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) const fn random(seed: u64, index: u64) -> u64 {
    let mut mixed = seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

/// A number below `limit`, at the same place. Not quite even, which does not matter here.
pub(crate) const fn below(limit: u32, seed: u64, index: u64) -> u32 {
    (random(seed, index) % limit as u64) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_seeds_differ() {
        let numbers: std::collections::BTreeSet<u64> =
            (0..100).flat_map(|seed| (0..100).map(move |index| random(seed << 32, index))).collect();
        assert_eq!(numbers.len(), 10_000);
    }
}
