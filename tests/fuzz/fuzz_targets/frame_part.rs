//! See `beside_tests::oracles::frame_part`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::frame_part(bytes);
});
