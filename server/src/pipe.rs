//! Messages over a pipe between two of our own processes: a length (4 bytes, little endian), then postcard.

use serde::{Serialize, de::DeserializeOwned};
use std::io::{ErrorKind, Read, Write};

/// The longest message, in bytes: ample for all that these pipes carry.
pub const MAX_BYTES: usize = 16 * 1024;

const PREFIX: usize = 4;

/// Why a message did not get through. The pipe is of no more use after it.
#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// The pipe itself failed, or ended within a message.
    #[error("the pipe to another process of this program failed: {0}")]
    Io(#[from] std::io::Error),
    /// Longer than [`MAX_BYTES`].
    #[error("a message of {0} bytes is too long for the pipe between this program's processes")]
    TooLong(usize),
    /// Not the encoding of a message of this kind: the two processes are of different versions.
    #[error("a message between this program's processes could not be read; restart the program")]
    Malformed(#[from] postcard::Error),
}

/// Sends a message and flushes.
pub fn write<T: Serialize>(sink: &mut impl Write, message: &T) -> Result<(), PipeError> {
    write_bytes(sink, &postcard::to_stdvec(message)?)
}

/// Waits for the next message; `None` when the other end has closed the pipe.
pub fn read<T: DeserializeOwned>(source: &mut impl Read) -> Result<Option<T>, PipeError> {
    let Some(bytes) = read_bytes(source)? else { return Ok(None) };
    Ok(Some(postcard::from_bytes(&bytes)?))
}

/// Sends bytes that are a message already, and flushes.
pub fn write_bytes(sink: &mut impl Write, message: &[u8]) -> Result<(), PipeError> {
    let too_long = || PipeError::TooLong(message.len());
    let length = u32::try_from(message.len()).map_err(|_| too_long())?;
    if message.len() > MAX_BYTES {
        return Err(too_long());
    }
    // One write, so that the reader wakes once.
    let mut framed = Vec::with_capacity(PREFIX + message.len());
    framed.extend_from_slice(&length.to_le_bytes());
    framed.extend_from_slice(message);
    sink.write_all(&framed)?;
    Ok(sink.flush()?)
}

/// Waits for the next message's bytes; `None` when the other end has closed the pipe.
pub fn read_bytes(source: &mut impl Read) -> Result<Option<Vec<u8>>, PipeError> {
    let mut prefix = [0; PREFIX];
    if !read_prefix(source, &mut prefix)? {
        return Ok(None);
    }
    let length = u32::from_le_bytes(prefix) as usize;
    if length > MAX_BYTES {
        return Err(PipeError::TooLong(length));
    }
    let mut message = vec![0; length];
    source.read_exact(&mut message)?;
    Ok(Some(message))
}

/// Fills the prefix; false if the pipe ends before its first byte.
fn read_prefix(source: &mut impl Read, prefix: &mut [u8; PREFIX]) -> std::io::Result<bool> {
    loop {
        match source.read(&mut prefix[..1]) {
            Ok(0) => return Ok(false),
            Ok(_) => break,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    source.read_exact(&mut prefix[1..])?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_read_back_in_order_and_the_end_is_none() {
        let mut pipe = Vec::new();
        write(&mut pipe, &(7u32, "seven")).unwrap();
        write_bytes(&mut pipe, &[]).unwrap();
        let mut source = pipe.as_slice();
        assert_eq!(read::<(u32, String)>(&mut source).unwrap(), Some((7, "seven".to_owned())));
        assert_eq!(read_bytes(&mut source).unwrap(), Some(Vec::new()));
        assert!(read_bytes(&mut source).unwrap().is_none());
    }

    #[test]
    fn a_cut_message_is_an_error() {
        let mut pipe = Vec::new();
        write(&mut pipe, &"message").unwrap();
        for length in 1..pipe.len() {
            assert!(matches!(read::<String>(&mut &pipe[..length]), Err(PipeError::Io(_))), "{length} bytes");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        assert!(matches!(read_bytes(&mut [0xff; 8].as_slice()), Err(PipeError::TooLong(_))));
        assert!(matches!(write_bytes(&mut Vec::new(), &[0; MAX_BYTES + 1]), Err(PipeError::TooLong(_))));
        assert!(write_bytes(&mut Vec::new(), &[0; MAX_BYTES]).is_ok());
    }
}
