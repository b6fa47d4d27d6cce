//! What Beside's two programs share of the outside world: identity, stores, QUIC, start-up, painting.

pub mod paint;
