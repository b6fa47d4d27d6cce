//! What a host's worker does with parts: codes them, and makes streams of them.

use beside_protocol::{
    frame::{Coder, Part, PartJob},
    wire::FramePart,
};
use std::sync::Arc;

/// Codes parts.
pub(crate) fn code(jobs: Vec<PartJob>, coder: &mut Coder) -> Vec<Part> {
    jobs.into_iter().map(|job| job.run(coder)).collect()
}

/// The streams of coded parts.
pub(crate) fn streams(epoch: u32, parts: &[Part]) -> Vec<Arc<[u8]>> {
    parts.iter().map(|part| FramePart::encode(epoch, &part.bytes)).collect()
}
