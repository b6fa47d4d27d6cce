//! Numbers of variable length: seven bits a byte, low bits first, the top bit says that more follow (LEB128).

use super::error::DecodeError;

/// Appends `value` (1 to 10 bytes).
pub(super) fn write(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Appends a number with a sign, small ones of either sign in few bytes: 0, −1, 1, −2 … become 0, 1, 2, 3 … (zigzag).
pub(super) fn write_signed(bytes: &mut Vec<u8>, value: i32) {
    write(bytes, u64::from((value << 1 ^ value >> 31).cast_unsigned()));
}

/// Reads bytes from the front of a slice.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, DecodeError> {
        let (&first, rest) = self.0.split_first().ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(first)
    }

    /// All that is left.
    /// As many bytes as the next number says.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.varint32()? as usize;
        self.take(length)
    }

    /// The next `length` bytes.
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    /// A number below 2^35: five bytes at most.
    pub(super) fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::Number)
    }

    /// A number of at most 32 bits.
    pub(super) fn varint32(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.varint()?).map_err(|_| DecodeError::Number)
    }

    /// A number with a sign of at most 32 bits.
    pub(super) fn signed(&mut self) -> Result<i32, DecodeError> {
        let zigzag = self.varint32()?;
        Ok((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), (1 << 35) - 1] {
            let mut bytes = Vec::new();
            write(&mut bytes, value);
            assert_eq!(Reader::new(&bytes).varint(), Ok(value));
            assert_eq!(Reader::new(&bytes[..bytes.len() - 1]).varint(), Err(DecodeError::Truncated));
        }
    }

    #[test]
    fn signs_come_back() {
        for (value, length) in [(0, 1), (-1, 1), (63, 1), (-64, 1), (64, 2), (-16_384, 3), (i32::MAX, 5), (i32::MIN, 5)]
        {
            let mut bytes = Vec::new();
            write_signed(&mut bytes, value);
            assert_eq!((Reader::new(&bytes).signed(), bytes.len()), (Ok(value), length));
        }
    }

    #[test]
    fn long_numbers_are_refused() {
        let mut bytes = Vec::new();
        write(&mut bytes, 1 << 35);
        assert_eq!(Reader::new(&bytes).varint(), Err(DecodeError::Number));
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x1f]).varint32(), Err(DecodeError::Number));
    }
}
