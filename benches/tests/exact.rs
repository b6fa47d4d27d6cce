//! The workloads on a small screen: what a viewer shows is what was captured, and each does what its name says.

use beside_benches::compare::Rival;
use beside_benches::{
    Capture, Case, Look, Measured, Recorder, Scene, Settings, Workload, in_step, measure, measure_hashes,
};
use beside_protocol::frame::{Framebuffer, HashKind, Size};

/// Large enough for more than one cell of everything, and not a multiple of anything.
const SMALL: Settings = Settings { size: Size::new(421, 307), seed: 7, rotation: 0, most_updates: 9, ..Settings::FULL };

fn measured(workload: Workload) -> Measured {
    let measured = measure(Case::drawn(workload, &SMALL), &SMALL);
    measured.unwrap_or_else(|fault| panic!("{workload:?}: {fault}"))
}

#[test]
fn every_update_decodes_exactly() {
    for &workload in Workload::ALL {
        let measured = measured(workload);
        assert!(measured.exactness.is_exact(), "{workload:?}");
        assert_eq!((measured.ours.bytes.count(), measured.ours.time.count()), (9, 9), "{workload:?}");
        assert_eq!((measured.diff.count(), measured.decoding.count()), (9, 9), "{workload:?}");
        assert!(measured.memcmp.count() >= 4 && measured.blocks.count() >= 4, "{workload:?}");
        for &rival in Rival::ALL {
            let costs = measured.rival(rival);
            let expected = if rival == Rival::QoizLive { workload.is_cold() } else { true };
            assert_eq!(costs.bytes.count() > 0, expected, "{workload:?} {rival:?}");
            assert_eq!(costs.bytes.count(), costs.time.count(), "{workload:?} {rival:?}");
        }
    }
}

#[test]
fn every_kind_of_hashing_is_measured() {
    let hashes = measure_hashes(&SMALL).unwrap_or_else(|fault| panic!("{fault}"));
    let kinds: Vec<HashKind> = hashes.diffs.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, HashKind::available());
    assert!(hashes.diffs.iter().all(|(_, times)| times.count() == 18));
    assert_eq!((hashes.memcmp.count(), hashes.blocks.count()), (9, 9));
}

#[test]
fn sizes_tell_the_workloads_apart() {
    let all = |workload| measured(workload).ours.bytes.total();
    assert_eq!(all(Workload::Static), 0);
    let (blink, typing) = (all(Workload::Blink), all(Workload::TypingMono));
    assert!((9..9 * 300).contains(&typing) && 0 < blink && blink <= typing, "{blink} {typing}");
    let (scroll, page) = (all(Workload::Scroll), all(Workload::ColdPage));
    assert!(typing < scroll && scroll < page, "{typing} {scroll} {page}");
    // Noise can't be coded: no more than the film's pixels as they are, nearly.
    let film = 9 * 211 * 154 * 3;
    assert!((1..film * 11 / 10).contains(&all(Workload::Video)));
}

#[test]
fn hints_change_nothing_but_the_time() {
    for workload in [Workload::TypingMono, Workload::TypingProportional, Workload::Blink] {
        let measured = measured(workload);
        assert_eq!(measured.hinted.bytes.count(), 9, "{workload:?}");
        assert_eq!(measured.hinted.bytes.total(), measured.ours.bytes.total(), "{workload:?}");
    }
    assert_eq!(measured(Workload::Scroll).hinted.bytes.count(), 0);
}

#[test]
fn a_seed_always_draws_the_same() {
    let play = |workload: Workload, seed, look| {
        let mut picture = Framebuffer::new(SMALL.size);
        let mut scene = workload.scene(SMALL.size, seed, look);
        (0..4).for_each(|step| scene.draw(&mut picture, step));
        picture
    };
    for &workload in Workload::ALL {
        for look in Look::ALL {
            assert_eq!(play(workload, 1, look), play(workload, 1, look), "{workload:?} {look:?}");
        }
        assert_ne!(play(workload, 1, Look::ALL[0]), play(workload, 2, Look::ALL[0]), "{workload:?}");
    }
}

#[test]
fn looks_differ_where_there_is_text() {
    for &workload in Workload::TEXT {
        let first = |look| {
            let mut picture = Framebuffer::new(SMALL.size);
            workload.scene(SMALL.size, 1, look).draw(&mut picture, 0);
            picture
        };
        let pictures = Look::ALL.map(first);
        assert!((1..4).all(|n| !pictures[..n].contains(&pictures[n])), "{workload:?}");
    }
}

#[test]
fn all_viewers_in_step_are_exact() {
    for viewers in [1, 8] {
        let work = in_step(Case::drawn(Workload::Scroll, &SMALL), viewers).unwrap();
        assert_eq!(work.exact, 9, "{viewers}");
    }
}

#[test]
fn a_capture_plays_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small typing.capture");
    let mut scene = Workload::TypingMono.scene(SMALL.size, 1, SMALL.look);
    let mut recorder = Recorder::create(&path, SMALL.size).unwrap();
    let mut pictures = vec![Framebuffer::new(SMALL.size)];
    for step in 0..4 {
        let mut picture = pictures[pictures.len() - 1].clone();
        scene.draw(&mut picture, step);
        // The unused byte may be anything.
        let bytes: Vec<u8> = picture.pixels().iter().flat_map(|pixel| (pixel | step << 24).to_le_bytes()).collect();
        assert!(recorder.frame(&bytes).unwrap());
        assert!(!recorder.frame(&bytes).unwrap());
        pictures.push(picture);
    }
    assert!(recorder.frame(&[0; 8]).is_err());
    recorder.finish().unwrap();
    assert_eq!(Capture::paths(folder.path()).unwrap(), std::slice::from_ref(&path));
    let mut capture = Capture::open(&path).unwrap();
    assert_eq!((capture.name(), capture.size(), capture.updates()), ("small typing", SMALL.size, 3));
    let mut shown = Framebuffer::new(SMALL.size);
    for picture in &pictures[1..] {
        capture.draw(&mut shown, 0);
        assert_eq!(&shown, picture);
    }
    let measured = measure(Case::captured(&path, &SMALL).unwrap(), &SMALL).unwrap();
    assert!(measured.exactness.is_exact() && measured.ours.bytes.count() == 3);
    std::fs::write(&path, b"something else").unwrap();
    assert!(Capture::open(&path).is_err());
}
