//! See `beside_tests::oracles::host`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::host(bytes);
});
