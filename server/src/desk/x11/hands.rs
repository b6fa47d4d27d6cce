//! What a person does at the machine itself, told from what programs do by XTEST.

use super::{
    ALL_MASTERS,
    devices::is_injector,
    listener::{ListenError, Listener},
};
use crate::desk::hands::Touch;
use std::collections::BTreeMap;
use x11rb::{
    connection::Connection,
    protocol::{
        Event,
        xinput::{self, ConnectionExt as _, DeviceClassData, Fp3232, RawButtonPressEvent, ValuatorMode, XIEventMask},
    },
    rust_connection::RustConnection,
};

/// XInput's "device" for everything, with which alone changes of devices can be asked for.
const ALL_DEVICES: u16 = 0;

/// Listens while it lives.
#[derive(Debug)]
pub(in crate::desk) struct HandsWatch {
    _listener: Listener,
}

impl HandsWatch {
    /// Starts to listen; `on_touch` is called from another thread. An error says why this display can't tell.
    pub(in crate::desk) fn open(mut on_touch: impl FnMut(Touch) + Send + 'static) -> Result<Self, String> {
        let listener = Listener::open("hands", |connection, root| {
            connection.xinput_xi_query_version(2, 2)?.reply()?;
            let presses = XIEventMask::RAW_KEY_PRESS | XIEventMask::RAW_KEY_RELEASE | XIEventMask::RAW_BUTTON_PRESS;
            let raw = presses | XIEventMask::RAW_BUTTON_RELEASE | XIEventMask::RAW_MOTION;
            let masks = [
                xinput::EventMask { deviceid: ALL_MASTERS, mask: vec![raw] },
                xinput::EventMask { deviceid: ALL_DEVICES, mask: vec![XIEventMask::HIERARCHY] },
            ];
            connection.xinput_xi_select_events(root, &masks)?.check()?;
            let screen = connection.setup().roots.iter().find(|screen| screen.root == root);
            let size = screen.map_or([1, 1], |screen| [screen.width_in_pixels, screen.height_in_pixels]);
            let mut devices = Devices { size: size.map(f32::from), known: BTreeMap::new() };
            Ok(move |connection: &RustConnection, event: Event| {
                if let Some(touch) = devices.touch(connection, &event)? {
                    on_touch(touch);
                }
                Ok(())
            })
        });
        listener.map(|listener| Self { _listener: listener }).map_err(|error| error.to_string())
    }
}

/// The devices that have been heard of.
struct Devices {
    /// The screen's, in pixels.
    size: [f32; 2],
    known: BTreeMap<u16, Device>,
}

#[derive(Clone, Copy)]
enum Device {
    /// XTEST's.
    Program,
    /// A person's: how far, in pixels, a step goes on each axis, and where it was last if it tells places.
    Person { scale: [f32; 2], last: [Option<f32>; 2], tells: Tells },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tells {
    Steps,
    Places,
}

impl Devices {
    /// What a person has done, if an event tells of that.
    fn touch(&mut self, connection: &RustConnection, event: &Event) -> Result<Option<Touch>, ListenError> {
        Ok(match event {
            Event::XinputRawKeyPress(press) => self.press(connection, press.sourceid)?,
            Event::XinputRawKeyRelease(press) => self.press(connection, press.sourceid)?,
            Event::XinputRawButtonPress(press) => self.press(connection, press.sourceid)?,
            Event::XinputRawButtonRelease(press) => self.press(connection, press.sourceid)?,
            Event::XinputRawMotion(motion) => self.motion(connection, motion)?,
            // Numbers of devices that are gone are used again.
            Event::XinputHierarchy(_) => {
                self.known.clear();
                None
            }
            _ => None,
        })
    }

    fn press(&mut self, connection: &RustConnection, source: u16) -> Result<Option<Touch>, ListenError> {
        Ok(match self.device(connection, source)? {
            Device::Person { .. } => Some(Touch::Press),
            Device::Program => None,
        })
    }

    fn motion(
        &mut self,
        connection: &RustConnection,
        motion: &RawButtonPressEvent,
    ) -> Result<Option<Touch>, ListenError> {
        let Device::Person { scale, last, tells } = self.device(connection, motion.sourceid)? else { return Ok(None) };
        let mut squares = 0.0;
        for axis in 0..2 {
            let Some(value) = value(motion, axis) else { continue };
            let step = match (*tells, last[axis].replace(value)) {
                (Tells::Steps, _) => value,
                (Tells::Places, Some(before)) => value - before,
                (Tells::Places, None) => 0.0,
            };
            squares += (step * scale[axis]).powi(2);
        }
        Ok((squares > 0.0).then(|| Touch::Move(squares.sqrt())))
    }

    fn device(&mut self, connection: &RustConnection, source: u16) -> Result<&mut Device, ListenError> {
        if !self.known.contains_key(&source) {
            let device = self.ask(connection, source)?;
            self.known.insert(source, device);
        }
        self.known.get_mut(&source).ok_or_else(|| "a device is gone".into())
    }

    fn ask(&self, connection: &RustConnection, source: u16) -> Result<Device, ListenError> {
        if is_injector(connection, source)? {
            return Ok(Device::Program);
        }
        let (mut scale, mut tells) = ([1.0; 2], Tells::Steps);
        let infos = connection.xinput_xi_query_device(source)?.reply().map(|reply| reply.infos).unwrap_or_default();
        for class in infos.iter().flat_map(|info| &info.classes) {
            let DeviceClassData::Valuator(valuator) = &class.data else { continue };
            let axis = usize::from(valuator.number);
            let (Some(scale), true) = (scale.get_mut(axis), valuator.mode == ValuatorMode::ABSOLUTE) else { continue };
            tells = Tells::Places;
            let range = number(valuator.max) - number(valuator.min);
            if range > 0.0 {
                *scale = self.size[axis] / range;
            }
        }
        Ok(Device::Person { scale, last: [None; 2], tells })
    }
}

/// What an event says of an axis. Only axes that have changed are in it.
fn value(motion: &RawButtonPressEvent, axis: usize) -> Option<f32> {
    let bits = *motion.valuator_mask.first()?;
    let place = (bits & ((1 << axis) - 1)).count_ones() as usize;
    (bits & (1 << axis) != 0).then(|| motion.axisvalues.get(place).copied().map(number)).flatten()
}

fn number(value: Fp3232) -> f32 {
    value.integral as f32 + value.frac as f32 / 4_294_967_296.0
}
