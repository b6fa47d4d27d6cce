//! See `beside_tests::oracles::certificate`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::certificate(bytes);
});
