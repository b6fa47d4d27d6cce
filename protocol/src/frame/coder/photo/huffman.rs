//! Codes for residuals (Huffman, 1952): made from how often each comes, and told by their lengths alone.

use super::super::models::{Number, Side, Unfit};

/// The longest code in bits: a table of so many is looked up in one go.
pub(super) const LONGEST: u32 = 11;

/// The length of the code of each residual, 0 for one that does not come. One that comes alone takes no bits, and has 1.
pub(super) type Lengths = [u8; 256];

/// The code of a residual, its first bit the lowest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Code {
    pub(super) bits: u32,
    pub(super) length: u32,
}

/// The lengths that take the fewest bits for residuals that come so often.
pub(super) fn lengths(counts: &[u32; 256]) -> Lengths {
    let mut leaves: Vec<(u32, u8)> = (0..=u8::MAX)
        .map(|residual| (counts[usize::from(residual)], residual))
        .filter(|(count, _)| *count > 0)
        .collect();
    leaves.sort_unstable();
    let mut lengths = [0; 256];
    loop {
        let depths = depths(&leaves);
        if depths.iter().all(|depth| u32::from(*depth) <= LONGEST) {
            leaves.iter().zip(depths).for_each(|((_, residual), depth)| lengths[usize::from(*residual)] = depth.max(1));
            return lengths;
        }
        // Too deep: with counts that differ less it is less so. At last all are 1, and eight bits are enough.
        leaves.iter_mut().for_each(|(count, _)| *count = count.div_ceil(2));
    }
}

/// How deep each leaf is in the tree, by two queues: of the leaves, least first, and of the nodes, which come in that order.
fn depths(leaves: &[(u32, u8)]) -> Vec<u8> {
    let count = leaves.len();
    let mut weights: Vec<u32> = leaves.iter().map(|(count, _)| *count).collect();
    let mut parents = vec![0; count];
    let (mut leaf, mut node) = (0, count);
    for parent in count..(2 * count).saturating_sub(1) {
        let mut weight = 0;
        for _ in 0..2 {
            let next =
                if leaf < count && (node >= parent || weights[leaf] <= weights[node]) { &mut leaf } else { &mut node };
            weight += weights[*next];
            parents[*next] = parent;
            *next += 1;
        }
        weights.push(weight);
        parents.push(0);
    }
    let mut depths = vec![0; weights.len()];
    for at in (0..weights.len().saturating_sub(1)).rev() {
        depths[at] = depths[parents[at]] + 1;
    }
    depths.truncate(count);
    depths
}

/// What is learned about lengths while they are told.
#[derive(Debug)]
pub(super) struct Models {
    places: Number,
    lengths: Number,
}

impl Models {
    pub(super) const fn new() -> Self {
        Self { places: Number::new(), lengths: Number::new() }
    }
}

/// Tells lengths, or learns them: for each residual up to the last that comes, smallest first. What is given to a reader means
/// nothing.
pub(super) fn tell(side: &mut impl Side, models: &mut Models, lengths: &Lengths) -> Result<Lengths, Unfit> {
    let last = (0..=u8::MAX).rev().find(|&place| lengths[residual(place)] > 0);
    let places = models.places.code(side, last.map_or(0, |last| u32::from(last) + 1));
    if places > 256 {
        return Err(Unfit);
    }
    let (mut told, mut length) = ([0; 256], 0);
    for place in (0..=u8::MAX).take(places as usize) {
        length = models.lengths.code_near(side, length, lengths[residual(place)].into());
        let fits = u8::try_from(length).ok().filter(|length| u32::from(*length) <= LONGEST);
        told[residual(place)] = fits.ok_or(Unfit)?;
    }
    Ok(told)
}

/// The residual at a place: 0, −1, 1, −2, 2 and so on.
const fn residual(place: u8) -> usize {
    (if place & 1 == 1 { !(place >> 1) } else { place >> 1 }) as usize
}

/// The codes of these lengths: shorter ones first, and among equals the lower residual. Fails unless they use up all bits.
pub(super) fn codes(lengths: &Lengths) -> Result<[Code; 256], Unfit> {
    let mut codes = [Code::default(); 256];
    if lengths.iter().filter(|length| **length > 0).count() <= 1 {
        return Ok(codes);
    }
    let mut counts = [0; LONGEST as usize + 1];
    lengths.iter().for_each(|length| counts[usize::from(*length)] += 1);
    // The first code of each length.
    let (mut next, mut end) = ([0u32; LONGEST as usize + 1], 0);
    for length in 1..=LONGEST as usize {
        next[length] = end;
        end = (end + counts[length]) << 1;
    }
    for (code, length) in codes.iter_mut().zip(lengths).filter(|(_, length)| **length > 0) {
        let next = &mut next[usize::from(*length)];
        *code = Code { bits: next.reverse_bits() >> (u32::BITS - u32::from(*length)), length: (*length).into() };
        *next += 1;
    }
    if end == 1 << (LONGEST + 1) { Ok(codes) } else { Err(Unfit) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::entropy::{Reader, Writer};
    use super::*;

    proptest! {
        #[test]
        fn lengths_make_codes_and_are_told(
            counts in prop::collection::vec(prop_oneof![Just(0), 0..9u32, 0..1u32 << 20], 256),
        ) {
            let lengths = lengths(&counts.clone().try_into().unwrap());
            prop_assert!(lengths.iter().zip(counts).all(|(length, count)| (*length > 0) == (count > 0)));
            prop_assert!(codes(&lengths).is_ok());
            let mut bytes = Vec::new();
            let mut writer = Writer::new(&mut bytes, u64::MAX);
            tell(&mut writer, &mut Models::new(), &lengths).unwrap();
            writer.finish();
            let learned = tell(&mut Reader::new(&bytes, u64::MAX), &mut Models::new(), &[0; 256]).unwrap();
            prop_assert_eq!(learned, lengths);
        }

        #[test]
        fn anything_is_learned_or_refused(bytes: Vec<u8>) {
            if let Ok(lengths) = tell(&mut Reader::new(&bytes, u64::MAX), &mut Models::new(), &[0; 256]) {
                let _ = codes(&lengths);
            }
        }
    }

    #[test]
    fn what_comes_often_is_short_and_nothing_is_too_long() {
        let counts = std::array::from_fn(|n| 1u32 << (n / 8).min(22));
        let lengths = lengths(&counts);
        assert!(lengths.is_sorted_by(|shorter, longer| shorter >= longer));
        assert!(lengths.iter().all(|length| u32::from(*length) <= LONGEST));
        let mut two = [0; 256];
        (two[3], two[9]) = (5, 900);
        assert_eq!(codes(&super::lengths(&two)).unwrap()[9].length, 1);
    }

    #[test]
    fn codes_use_up_all_bits() {
        let mut lengths = [0; 256];
        lengths[..3].fill(2);
        assert!(codes(&lengths).is_err());
        lengths[..5].fill(2);
        assert!(codes(&lengths).is_err());
        lengths[4] = 0;
        assert!(codes(&lengths).is_ok());
    }
}
