//! See `beside_tests::oracles::cursor`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::cursor(bytes);
});
