//! TLS 1.3 with both sides authenticated by their keys: no names, no authorities, no resumption, no early data.

use super::endpoint::NetError;
use crate::identity::{Identity, fingerprint};
use beside_protocol::wire::{ALPN, Fingerprint};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, PeerMisbehaved, ServerConfig,
    SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
    server::{
        NoServerSessionStorage, ParsedCertificate,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    version::TLS13,
};
use std::{
    fmt,
    sync::{Arc, OnceLock},
};

/// The only kind of signature that our keys make.
const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// For the side that listens: any key may come; that the peer has it is proven, who it is decides the session.
pub(super) fn server(identity: &Identity) -> Result<QuicServerConfig, NetError> {
    QuicServerConfig::try_from(server_for(identity, ALPN)?).map_err(NetError::setup)
}

/// For the side that dials: the peer must have a key that `pin` accepts.
pub(super) fn client(identity: &Identity, pin: Arc<Pin>) -> Result<QuicClientConfig, NetError> {
    QuicClientConfig::try_from(client_for(identity, pin, ALPN)?).map_err(NetError::setup)
}

/// The same as [`server`], for another protocol than QUIC's.
pub(super) fn server_for(identity: &Identity, alpn: &[u8]) -> Result<ServerConfig, NetError> {
    let (chain, key) = credentials(identity);
    let any = Arc::new(Pin::new(|_| true));
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .and_then(|builder| builder.with_client_cert_verifier(any).with_single_cert(chain, key))
        .map_err(NetError::setup)?;
    config.alpn_protocols = vec![alpn.to_vec()];
    config.max_early_data_size = 0;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(config)
}

/// The same as [`client`], for another protocol than QUIC's.
pub(super) fn client_for(identity: &Identity, pin: Arc<Pin>, alpn: &[u8]) -> Result<ClientConfig, NetError> {
    let (chain, key) = credentials(identity);
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .and_then(|builder| builder.dangerous().with_custom_certificate_verifier(pin).with_client_auth_cert(chain, key))
        .map_err(NetError::setup)?;
    config.alpn_protocols = vec![alpn.to_vec()];
    config.enable_early_data = false;
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// A client that would resume sessions and send early data if it were let.
#[cfg(test)]
pub(super) fn eager_client(identity: &Identity) -> Result<quinn::ClientConfig, NetError> {
    let (chain, key) = credentials(identity);
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(NetError::setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pin::new(|_| true)))
        .with_client_auth_cert(chain, key)
        .map_err(NetError::setup)?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_early_data = true;
    let config = QuicClientConfig::try_from(config).map_err(NetError::setup)?;
    Ok(quinn::ClientConfig::new(Arc::new(config)))
}

/// The fingerprint of a certificate's public key.
pub(super) fn key_of(certificate: &CertificateDer<'_>) -> Result<Fingerprint, Error> {
    let parsed = ParsedCertificate::try_from(certificate)?;
    Ok(fingerprint(&parsed.subject_public_key_info()))
}

/// Verifies that the peer has the key of its certificate, and that the key is one that is accepted.
pub(super) struct Pin {
    accepts: Box<dyn Fn(Fingerprint) -> bool + Send + Sync>,
    rejected: OnceLock<Fingerprint>,
    provider: Arc<CryptoProvider>,
}

impl Pin {
    pub(super) fn new(accepts: impl Fn(Fingerprint) -> bool + Send + Sync + 'static) -> Self {
        Self { accepts: Box::new(accepts), rejected: OnceLock::new(), provider: provider() }
    }

    /// The key that was presented and not accepted, if that is how it went.
    pub(super) fn rejected(&self) -> Option<Fingerprint> {
        self.rejected.get().copied()
    }

    fn check(&self, certificate: &CertificateDer<'_>) -> Result<(), Error> {
        let key = key_of(certificate)?;
        if (self.accepts)(key) {
            return Ok(());
        }
        // Of several attempts with one pin the first is as good an answer as any.
        let _ = self.rejected.set(key);
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn check_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if signed.scheme != SCHEME {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pin").field("rejected", &self.rejected).finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(certificate).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SCHEME]
    }
}

impl ClientCertVerifier for Pin {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(certificate).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.check_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SCHEME]
    }
}

fn no_tls12() -> Error {
    Error::General("TLS 1.2 is not spoken".to_owned())
}

/// The cryptography: post-quantum hybrid key exchange first.
fn provider() -> Arc<CryptoProvider> {
    let groups = vec![aws_lc_rs::kx_group::X25519MLKEM768, aws_lc_rs::kx_group::X25519];
    Arc::new(CryptoProvider { kx_groups: groups, ..aws_lc_rs::default_provider() })
}

fn credentials(identity: &Identity) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let key = PrivatePkcs8KeyDer::from(identity.private_key().to_vec());
    (vec![CertificateDer::from(identity.certificate().to_vec())], key.into())
}
