//! See `beside_tests::oracles::picture`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::picture(bytes);
});
