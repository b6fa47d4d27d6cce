//! The workloads on a small screen: what a viewer shows is what was captured, and each does what its name says.

use beside_benches::{Measured, Settings, Workload, measure, measure_hashes};
use beside_protocol::frame::{Framebuffer, HashKind, Size};

/// Large enough for more than one cell of everything, and not a multiple of anything.
const SMALL: Settings = Settings { size: Size::new(421, 307), seed: 7, rotation: 0, most_updates: 9 };

fn measured(workload: Workload) -> Measured {
    measure(workload, &SMALL).unwrap_or_else(|fault| panic!("{workload:?}: {fault}"))
}

#[test]
fn every_update_decodes_exactly() {
    for workload in Workload::ALL {
        let measured = measured(workload);
        assert!(measured.exact, "{workload:?}");
        assert_eq!(measured.bytes.count(), 9, "{workload:?}");
        for times in [&measured.diff, &measured.coding, &measured.decoding, &measured.whole] {
            assert_eq!(times.count(), 9, "{workload:?}");
        }
        assert!(measured.memcmp.count() >= 4 && measured.blocks.count() >= 4, "{workload:?}");
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
    let total = |workload| measured(workload).bytes.total();
    assert_eq!(total(Workload::Static), 0);
    let typing = total(Workload::Typing);
    assert!((9..9 * 300).contains(&typing), "{typing}");
    let (scroll, page) = (total(Workload::Scroll), total(Workload::ColdPage));
    assert!(typing < scroll && scroll < page, "{typing} {scroll} {page}");
    // Noise can't be coded: the film's pixels are sent as they are, nearly.
    let film = 9 * 211 * 154 * 3;
    assert!((film / 2..film * 11 / 10).contains(&total(Workload::Video)));
    assert!(total(Workload::Drag) > typing);
}

#[test]
fn a_seed_always_draws_the_same() {
    let play = |workload: Workload, seed| {
        let mut picture = Framebuffer::new(SMALL.size);
        let mut scene = workload.scene(SMALL.size, seed);
        (0..4).for_each(|step| scene.draw(&mut picture, step));
        picture
    };
    for workload in Workload::ALL {
        assert_eq!(play(workload, 1), play(workload, 1), "{workload:?}");
        assert_ne!(play(workload, 1), play(workload, 2), "{workload:?}");
    }
}
