//! The bytes of a tunnel: QUIC packets one after another, each after its length.

/// The longest packet, in bytes: a UDP datagram that is not cut up on Ethernet is no longer.
pub(super) const MAX_PACKET: usize = 1500;
/// The length before each packet: u16, little endian.
const HEAD: usize = size_of::<u16>();
/// What is read at once, in bytes: as much as one TLS record has.
const READ: usize = 16 * 1024;

/// A packet that is none, or longer than any may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it sent a packet of {0} bytes, which is no packet of QUIC")]
pub(super) struct InvalidLength(usize);

/// Appends a packet to what is to be sent. One that is longer than the network carries is lost, as it would be there.
pub(super) fn frame(packet: &[u8], out: &mut Vec<u8>) {
    let length = u16::try_from(packet.len()).ok().filter(|&length| is_valid(length.into()));
    debug_assert!(length.is_some(), "a packet of {} bytes", packet.len());
    if let Some(length) = length {
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(packet);
    }
}

/// Finds the packets in a stream that arrives in pieces. Keeps no more than one piece and one packet.
#[derive(Debug)]
pub(super) struct Deframer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Deframer {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; READ + HEAD + MAX_PACKET].into(), start: 0, end: 0 }
    }

    /// Where the next bytes of the stream go; never empty once [`next`](Self::next) has told that there is no whole packet.
    pub(super) fn spare(&mut self) -> &mut [u8] {
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        &mut self.bytes[self.end..]
    }

    /// Takes note that so many bytes have been put there.
    pub(super) const fn arrived(&mut self, count: usize) {
        self.end += count;
    }

    /// The next whole packet, if there is one.
    pub(super) fn next(&mut self) -> Result<Option<&[u8]>, InvalidLength> {
        let Some((&head, rest)) = self.bytes[self.start..self.end].split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_le_bytes(head));
        if !is_valid(length) {
            return Err(InvalidLength(length));
        }
        if rest.len() < length {
            return Ok(None);
        }
        self.start += HEAD + length;
        Ok(Some(&self.bytes[self.start - length..self.start]))
    }
}

const fn is_valid(length: usize) -> bool {
    length > 0 && length <= MAX_PACKET
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// Gives the stream to a deframer in pieces of these lengths, again and again, and returns the packets.
    fn read(mut stream: &[u8], pieces: &[usize]) -> Result<Vec<Vec<u8>>, InvalidLength> {
        let (mut deframer, mut packets) = (Deframer::new(), Vec::new());
        let mut pieces = pieces.iter().cycle();
        while !stream.is_empty() {
            let spare = deframer.spare();
            assert!(!spare.is_empty());
            let count = stream.len().min(spare.len()).min(*pieces.next().unwrap());
            spare[..count].copy_from_slice(&stream[..count]);
            stream = &stream[count..];
            deframer.arrived(count);
            while let Some(packet) = deframer.next()? {
                packets.push(packet.to_vec());
            }
        }
        Ok(packets)
    }

    proptest! {
        #[test]
        fn packets_arrive_whole_however_the_stream_is_cut(
            packets in vec(vec(any::<u8>(), 1..=MAX_PACKET), 0..40),
            pieces in vec(1usize..4000, 1..20),
        ) {
            let mut stream = Vec::new();
            packets.iter().for_each(|packet| frame(packet, &mut stream));
            prop_assert_eq!(read(&stream, &pieces), Ok(packets));
        }

        #[test]
        fn any_bytes_are_packets_or_an_error(stream in vec(any::<u8>(), 0..60_000), pieces in vec(1usize..4000, 1..20)) {
            if let Ok(packets) = read(&stream, &pieces) {
                prop_assert!(packets.iter().all(|packet| is_valid(packet.len())));
            }
        }
    }

    #[test]
    fn a_hostile_length_is_found_before_anything_is_kept_for_it() {
        for length in [0, 1501, u16::MAX] {
            assert_eq!(read(&length.to_le_bytes(), &[1]), Err(InvalidLength(length.into())));
        }
    }
}
