//! Several things that a peer does, one after the other, as one input: a tag, a length (u16, little endian), the bytes.

/// Appends a step. Longer ones than a length can say are cut.
pub fn write(input: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    input.push(tag);
    input.extend_from_slice(&length.to_le_bytes());
    input.extend_from_slice(&bytes[..length.into()]);
}

/// The steps of an input; the last may be shorter than it says.
pub(super) fn read(mut input: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[tag, low, high], rest) = input.split_first_chunk()?;
        let (bytes, rest) = rest.split_at(rest.len().min(u16::from_le_bytes([low, high]).into()));
        input = rest;
        Some((tag, bytes))
    })
}
