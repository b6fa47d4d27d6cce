//! See `beside_tests::oracles::from_host`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::from_host(bytes);
});
