//! Random numbers from the operating system, by way of the cryptographic library.

/// `N` random bytes.
///
/// # Errors
/// When the system has no randomness to give; nothing secret can be made then.
pub fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    Ok(bytes)
}
