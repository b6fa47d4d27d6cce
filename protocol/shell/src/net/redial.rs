//! The way back to a peer whose link was lost.

use super::{
    Role,
    endpoint::{DIAL, NetError, dial},
    link::Link,
};
use crate::identity::Identity;
use beside_protocol::wire::Fingerprint;
use futures_util::{StreamExt, stream::FuturesUnordered};
use std::{pin::pin, time::Duration};
use tokio::time::{sleep, timeout};

/// After so long another attempt begins while those before go on: the link is back so soon after the network, and a
/// handshake may still take longer than that.
const NEXT: Duration = Duration::from_millis(1500);
/// The most by which an attempt begins earlier: so that those who were cut off together don't come back together.
const JITTER_MS: u64 = 300;

/// Connects to `addr` once more after a link to `peer` was lost: tries for `patience`, unless another key answers there.
/// Must be called inside the tokio runtime.
pub async fn redial(
    addr: &str,
    role: Role,
    identity: &Identity,
    peer: Fingerprint,
    patience: Duration,
) -> Result<Link, NetError> {
    let tries = async {
        let mut attempts = FuturesUnordered::new();
        loop {
            attempts.push(dial(addr, role, identity, move |key| key == peer, DIAL));
            let mut next = pin!(sleep(NEXT - jitter()));
            loop {
                tokio::select! {
                    Some(outcome) = attempts.next() => match outcome {
                        Err(error) if !matches!(error, NetError::WrongPeer(_)) => tracing::debug!(%error, "not reached yet"),
                        reached => return reached,
                    },
                    () = &mut next => break,
                }
            }
        }
    };
    let given_up = |_| Err(NetError::Unreachable { addr: addr.to_owned(), why: "the connection was lost".to_owned() });
    timeout(patience, tries).await.unwrap_or_else(given_up)
}

fn jitter() -> Duration {
    // Without random numbers it is not shared out, and works all the same.
    let random = crate::random::<8>().map(u64::from_le_bytes).unwrap_or_default();
    Duration::from_millis(random % JITTER_MS)
}
