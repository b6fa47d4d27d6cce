//! A static screen, cold: the encoder's hash pass over one frame against comparing two frames.

use beside_benches::compare::{changed_blocks, equal};
use beside_benches::{Frames, Settings, Workload};
use beside_protocol::frame::{Encoder, Framebuffer, HashKind, InvalidSize};
use criterion::{Criterion, Throughput};

fn main() -> Result<(), InvalidSize> {
    let mut criterion = Criterion::default().configure_from_args();
    static_screen(&mut criterion, &Settings::FULL)?;
    criterion.final_summary();
    Ok(())
}

fn static_screen(criterion: &mut Criterion, settings: &Settings) -> Result<(), InvalidSize> {
    let size = settings.size;
    let mut screen = Framebuffer::new(size);
    Workload::Static.scene(size, settings.seed, settings.look).draw(&mut screen, 0);
    let mut frames = Frames::new(size, settings.rotation);
    (0..frames.count()).for_each(|n| frames.set(n, &screen));

    let mut group = criterion.benchmark_group("static screen, cold");
    group.throughput(Throughput::Elements(size.pixels()));
    let mut turn = (0..frames.count()).cycle();
    for kind in HashKind::available() {
        let mut encoder = Encoder::with_hash(size, [1; 16], kind)?;
        encoder.update(&[frames.patch(0, size.rect())]);
        group.bench_function(format!("hash pass, {kind:?}"), |bencher| {
            bencher.iter(|| turn.next().map(|n| encoder.update(&[frames.patch(n, size.rect())])));
        });
    }
    let mut pairs = (0..frames.count()).step_by(2).map(|n| (frames.frame(n), frames.frame(n + 1))).cycle();
    group.bench_function("memcmp", |bencher| {
        bencher.iter(|| pairs.next().map(|(old, new)| equal(old.bytes(), new.bytes())))
    });
    group.bench_function("64x64 blocks", |bencher| {
        bencher.iter(|| pairs.next().map(|(old, new)| changed_blocks(&old, &new)));
    });
    group.finish();
    Ok(())
}
