//! The limits and timings of a connection: tight until the session is approved, then wide enough for pictures.

use super::{Role, congestion::Shallow};
use beside_protocol::wire::{Channel, FramePart};
use quinn::{AckFrequencyConfig, Connection, IdleTimeout, TransportConfig, VarInt};
use std::{sync::Arc, time::Duration};

/// After so long a silence the connection is lost. Survives a link that is away for seconds at a time.
const IDLE_MS: u32 = 15_000;
/// How often the officer's side says that it is there; the host's heartbeat is the session's.
const KEEP_ALIVE: Duration = Duration::from_secs(3);
/// The first guess of the round trip: the first lost packet is repeated after three of them.
const INITIAL_RTT: Duration = Duration::from_millis(100);

/// How long the officer's side may put off an acknowledgement: QUIC's own 25 ms would be added to each guess that a packet
/// is lost, and look like a queue.
const ACK_DELAY: Duration = Duration::from_millis(5);

/// What a stranger may make us keep, in bytes, over all streams.
const RECEIVE_BEFORE: u32 = 64 * 1024;
/// What is kept of what we sent, until it is acknowledged, to a stranger.
const SEND_BEFORE: u64 = 64 * 1024;
/// The longest frame twice: one may be under way and control messages still find room.
const FRAMES: u32 = 2 * FramePart::MAX_BYTES as u32;
/// An input stream's, and all that an approved officer may make the host keep.
const INPUT: u32 = 256 * 1024;
/// Streams of frames that may be open at once: at 60 a second, in four parts each, more than a second's.
const FRAME_STREAMS: u32 = 256;

/// quinn's own cost of a queued datagram, in bytes.
const DATAGRAM_OVERHEAD: usize = 32;
/// Only the newest pointer position counts: room for one of the longest on its way out, and where they arrive for some that
/// come together while the reader is busy.
const POINTER: usize = Channel::Pointer.limit() + DATAGRAM_OVERHEAD;
/// Copies of small frames, in both directions of which one is used.
const COPIES: usize = 8 * FramePart::SMALL_BYTES;

/// The settings of a new connection.
pub(super) fn transport(role: Role) -> Arc<TransportConfig> {
    let mut config = TransportConfig::default();
    config
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_MS))))
        .initial_rtt(INITIAL_RTT)
        .allow_spin(false)
        .receive_window(VarInt::from_u32(RECEIVE_BEFORE))
        .send_window(SEND_BEFORE)
        .max_concurrent_uni_streams(VarInt::from_u32(0));
    match role {
        Role::Host => {
            let mut acknowledgements = AckFrequencyConfig::default();
            acknowledgements.max_ack_delay(Some(ACK_DELAY));
            config
                .datagram_receive_buffer_size(Some(8 * POINTER))
                .datagram_send_buffer_size(COPIES)
                .ack_frequency_config(Some(acknowledgements))
                .max_concurrent_bidi_streams(VarInt::from_u32(1))
                .stream_receive_window(VarInt::from_u32(INPUT))
                .congestion_controller_factory(Arc::new(Shallow));
        }
        Role::Officer => {
            config
                .datagram_receive_buffer_size(Some(COPIES))
                .datagram_send_buffer_size(POINTER)
                .max_concurrent_bidi_streams(VarInt::from_u32(0))
                .stream_receive_window(VarInt::from_u32(FramePart::MAX_BYTES as u32))
                .keep_alive_interval(Some(KEEP_ALIVE));
        }
    }
    Arc::new(config)
}

/// Gives an approved peer the room that the session needs.
pub(super) fn widen(connection: &Connection, role: Role) {
    let (streams, receive, send) = match role {
        Role::Host => (1, INPUT, FRAMES),
        Role::Officer => (FRAME_STREAMS, FRAMES, INPUT),
    };
    connection.set_receive_window(VarInt::from_u32(receive));
    connection.set_send_window(send.into());
    connection.set_max_concurrent_uni_streams(VarInt::from_u32(streams));
}
