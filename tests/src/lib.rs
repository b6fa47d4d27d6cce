//! The test kit: two session machines in virtual time, a seeded link, a synthetic screen; what fuzzing holds true.

pub mod oracles;
