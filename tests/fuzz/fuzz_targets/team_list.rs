//! See `beside_tests::oracles::team_list`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    beside_tests::oracles::team_list(bytes);
});
