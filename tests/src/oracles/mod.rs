//! What must hold for any bytes a peer may send. The fuzz targets call these, and the suite replays their corpus with them.

mod messages;
mod picture;
mod sessions;
mod statements;
mod steps;

pub use messages::{cursor, frame_part, from_host, from_officer, pointer, stroke};
pub use picture::picture;
pub use sessions::{host, viewer};
pub use statements::{certificate, team_list};
pub use steps::write as write_step;

/// Feeds bytes to one reader and panics when it breaks a promise; tells whether the reader took them for valid.
pub type Oracle = fn(&[u8]) -> bool;

/// Every oracle, under the name of its fuzz target and of its folder in the corpus.
pub const ALL: &[(&str, Oracle)] = &[
    ("certificate", certificate),
    ("cursor", cursor),
    ("frame_part", frame_part),
    ("from_host", from_host),
    ("from_officer", from_officer),
    ("host", host),
    ("picture", picture),
    ("pointer", pointer),
    ("stroke", stroke),
    ("team_list", team_list),
    ("viewer", viewer),
];
