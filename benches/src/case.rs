//! What is measured: a scene and how it is to be taken.

use std::io;
use std::path::Path;

use beside_protocol::frame::Size;

use crate::capture::Capture;
use crate::measure::Settings;
use crate::workload::{Scene, Workload};

/// A scene, and how many of its steps count.
pub struct Case {
    pub(crate) scene: Box<dyn Scene>,
    pub(crate) size: Size,
    /// How many steps everybody has seen before.
    pub(crate) seen: u32,
    pub(crate) updates: u32,
    /// Whether each update is for somebody who has seen nothing before it.
    pub(crate) is_cold: bool,
    name: String,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Case({}, {:?})", self.name, self.size)
    }
}

impl Case {
    /// A workload drawn as the settings say.
    pub fn drawn(workload: Workload, settings: &Settings) -> Self {
        Self {
            scene: workload.scene(settings.size, settings.seed, settings.look),
            size: settings.size,
            seen: workload.seen(),
            updates: workload.updates().min(settings.most_updates),
            is_cold: workload.is_cold(),
            name: workload.name().into(),
        }
    }

    /// A capture, all of it at most.
    ///
    /// # Errors
    /// When the file can't be read or is no capture.
    pub fn captured(path: &Path, settings: &Settings) -> io::Result<Self> {
        let capture = Capture::open(path)?;
        Ok(Self {
            size: capture.size(),
            seen: 1,
            updates: capture.updates().min(settings.most_updates),
            is_cold: false,
            name: format!("{} (captured)", capture.name()),
            scene: Box::new(capture),
        })
    }

    /// What the tables call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The size of its screen.
    pub const fn size(&self) -> Size {
        self.size
    }
}
