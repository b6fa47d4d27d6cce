//! Attempts at a link: how they fail, and how UDP and TCP take turns.

use super::{
    admission::Eviction,
    endpoint::NetError,
    link::{Link, LinkError},
};
use quinn::{ConnectError, ConnectionError, TransportErrorCode};
use std::{io, net::SocketAddr, pin::pin, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout, timeout_at},
};

/// How long a stranger may take to prove its key.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long UDP may take before TCP is tried as well. QUIC has sent its first packet three times by then (at 0, 0.3 and 0.9 s),
/// and by way of a satellite (0.6 s a round trip, two of them) the handshake is complete: whoever is slower than that is
/// nearly always blocked. Not shorter, because a session that TCP wins stays on it, and is the worse for it.
const HEAD_START: Duration = Duration::from_secs(2);
/// TLS's alert "no application protocol": the peer speaks QUIC, but not our protocol.
const NO_APPLICATION_PROTOCOL: u8 = 120;

/// A failed attempt.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// The QUIC connection did not begin.
    #[error(transparent)]
    Start(#[from] ConnectError),
    /// The QUIC connection did not come about.
    #[error(transparent)]
    Handshake(#[from] ConnectionError),
    /// There is a connection, but it is no link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The TCP connection, or TLS over it, did not come about, or ended too early.
    #[error(transparent)]
    Tcp(#[from] io::Error),
    /// TLS is spoken there, but for another protocol.
    #[error("another protocol is spoken")]
    Protocol,
}

impl Failed {
    /// What it means to who dialled `addr`.
    pub(super) fn explain(self, addr: &str) -> NetError {
        let addr = addr.to_owned();
        match self {
            Self::Handshake(ConnectionError::ConnectionClosed(close))
                if close.error_code == TransportErrorCode::CONNECTION_REFUSED =>
            {
                NetError::Refused(addr)
            }
            Self::Handshake(ConnectionError::ConnectionClosed(close))
                if close.error_code == TransportErrorCode::crypto(NO_APPLICATION_PROTOCOL) =>
            {
                NetError::Incompatible(addr)
            }
            Self::Handshake(ConnectionError::VersionMismatch) | Self::Protocol => NetError::Incompatible(addr),
            Self::Start(_) | Self::Handshake(_) | Self::Link(_) | Self::Tcp(_) => {
                NetError::Unreachable { addr, why: self.to_string() }
            }
        }
    }
}

/// Completes a handshake with a peer that has come, in time and unless it has to make room, and hands over the link.
pub(super) async fn welcome(
    remote: SocketAddr,
    handshake: impl Future<Output = Result<Link, Failed>>,
    mut eviction: Eviction,
    links: mpsc::Sender<Link>,
) {
    let outcome = tokio::select! {
        biased;
        outcome = timeout(HANDSHAKE, handshake) => outcome,
        Ok(()) = &mut eviction => return tracing::debug!(%remote, "a handshake had to make room"),
    };
    match outcome {
        Ok(Ok(link)) => {
            link.make_room_on(eviction);
            // The receiver is gone only when the listener is.
            drop(links.send(link).await);
        }
        Ok(Err(error)) => tracing::debug!(%remote, %error, "a handshake failed"),
        Err(_) => tracing::debug!(%remote, "a handshake took too long"),
    }
}

/// The first answer of two ways to `addr`, UDP's if both answer at once. TCP begins when UDP has failed or had its head start;
/// both end `within` so long after all `begun`.
///
/// A link is an answer, and so is a refusal; that nothing is reached in one way says nothing about the other.
pub(super) async fn either<T>(
    addr: &str,
    udp: impl Future<Output = Result<T, NetError>>,
    tcp: impl Future<Output = Result<T, NetError>>,
    begun: Instant,
    within: Duration,
) -> Result<T, NetError> {
    let deadline = begun + within;
    let (mut udp, mut tcp) = (pin!(udp), pin!(tcp));
    let (mut udp_silent, mut tcp_silent) = (None, None);
    if let Ok(outcome) = timeout_at(deadline.min(Instant::now() + HEAD_START), &mut udp).await {
        match silence(outcome) {
            Ok(why) => udp_silent = Some(why),
            Err(answer) => return answer,
        }
    }
    while udp_silent.is_none() || tcp_silent.is_none() {
        let (silent, outcome) = tokio::select! {
            biased;
            outcome = &mut udp, if udp_silent.is_none() => (&mut udp_silent, outcome),
            outcome = &mut tcp, if tcp_silent.is_none() => (&mut tcp_silent, outcome),
            () = sleep_until(deadline) => break,
        };
        match silence(outcome) {
            Ok(why) => *silent = Some(why),
            Err(answer) => return answer,
        }
    }
    let none = || format!("no answer in {within:?}");
    let (udp, tcp) = (udp_silent.unwrap_or_else(none), tcp_silent.unwrap_or_else(none));
    let why = format!(
        "neither UDP ({udp}) nor TCP ({tcp}) gets through; is it running there, and does the firewall let the port through?"
    );
    Err(NetError::Unreachable { addr: addr.to_owned(), why })
}

/// Why nothing was reached; an error with what has come, if it is an answer.
fn silence<T>(outcome: Result<T, NetError>) -> Result<String, Result<T, NetError>> {
    match outcome {
        Err(NetError::Unreachable { why, .. }) => Ok(why),
        answer => Err(answer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    const LONG: Duration = Duration::from_secs(60);

    fn silent(why: &str) -> Result<&'static str, NetError> {
        Err(NetError::Unreachable { addr: String::new(), why: why.to_owned() })
    }

    async fn first(
        udp: impl Future<Output = Result<&'static str, NetError>>,
        tcp: impl Future<Output = Result<&'static str, NetError>>,
        within: Duration,
    ) -> Result<&'static str, NetError> {
        either("pc7", udp, tcp, Instant::now(), within).await
    }

    #[tokio::test]
    async fn udp_wins_when_it_answers() {
        assert_eq!(first(ready(Ok("UDP")), ready(Ok("TCP")), LONG).await.unwrap(), "UDP");
    }

    #[tokio::test]
    async fn tcp_is_tried_at_once_when_udp_fails() {
        assert_eq!(first(ready(silent("no route")), ready(Ok("TCP")), LONG).await.unwrap(), "TCP");
    }

    #[tokio::test]
    async fn a_refusal_is_an_answer_that_tcp_is_not_asked_to_repeat() {
        let tcp = async { panic!("TCP was tried") };
        let refused = first(ready(Err(NetError::Refused("pc7".to_owned()))), tcp, LONG).await;
        assert!(matches!(refused, Err(NetError::Refused(_))), "{refused:?}");
    }

    #[tokio::test]
    async fn an_answer_over_tcp_ends_the_wait_for_udp() {
        let tcp = ready(Err(NetError::Incompatible("pc7".to_owned())));
        let answer = first(pending(), tcp, LONG).await;
        assert!(matches!(answer, Err(NetError::Incompatible(_))), "{answer:?}");
    }

    #[tokio::test]
    async fn silence_on_both_says_what_was_tried() {
        let error = first(ready(silent("no route")), ready(silent("refused")), LONG).await.unwrap_err().to_string();
        assert!(error.contains("neither UDP (no route) nor TCP (refused)"), "{error}");
        let error = first(pending(), pending(), Duration::from_millis(20)).await.unwrap_err().to_string();
        assert!(error.contains("neither UDP (no answer in 20ms) nor TCP (no answer in 20ms)"), "{error}");
    }
}
