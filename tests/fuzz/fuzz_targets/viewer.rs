//! See `beside_tests::oracles::viewer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::viewer(bytes);
});
