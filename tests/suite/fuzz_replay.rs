//! Replays the committed corpus of every fuzz target on any compiler, then the same with each seed broken in every way.

use beside_tests::oracles;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let stem = |path: PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    entries.map(|entry| stem(entry.expect("a readable entry").path())).collect()
}

#[test]
fn each_oracle_has_a_target_and_seeds() {
    let oracles: BTreeSet<_> = oracles::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(&fuzz().join("fuzz_targets")), oracles);
    assert_eq!(names(&fuzz().join("corpus")), oracles);
}

#[test]
fn the_corpus_holds() {
    for (target, oracle) in oracles::ALL {
        for seed in names(&fuzz().join("corpus").join(target)) {
            let bytes = fs::read(fuzz().join("corpus").join(target).join(&seed)).unwrap();
            let accepted = oracle(&bytes);
            assert!(accepted || !seed.starts_with("valid-"), "{target}/{seed} is refused: write the seeds anew");
            assert!(!accepted || !seed.starts_with("hostile-"), "{target}/{seed} is accepted");
        }
    }
}

#[test]
fn seeds_cut_short_or_with_a_bit_flipped_do_no_harm() {
    for (target, oracle) in oracles::ALL {
        for seed in names(&fuzz().join("corpus").join(target)) {
            let bytes = fs::read(fuzz().join("corpus").join(target).join(&seed)).unwrap();
            for end in 0..bytes.len() {
                oracle(&bytes[..end]);
            }
            for bit in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                oracle(&flipped);
            }
        }
    }
}
