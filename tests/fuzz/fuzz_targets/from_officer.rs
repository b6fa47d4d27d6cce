//! See `beside_tests::oracles::from_officer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::from_officer(bytes);
});
