//! Input devices: which of them are XTEST's, so that a program speaks through them.

use x11rb::{
    errors::ReplyError,
    protocol::{
        xinput::ConnectionExt as _,
        xproto::{AtomEnum, ConnectionExt as _},
    },
    rust_connection::RustConnection,
};

/// The property by which X servers mark the devices that XTEST speaks for (xserver-properties.h).
const XTEST_PROPERTY: &[u8] = b"XTEST Device";

/// Whether a device is XTEST's, or is not there any more so that nobody can tell.
pub(super) fn is_injector(connection: &RustConnection, device: u16) -> Result<bool, ReplyError> {
    let property = connection.intern_atom(false, XTEST_PROPERTY)?.reply()?.atom;
    let value = connection.xinput_xi_get_property(device, false, property, AtomEnum::ANY.into(), 0, 1)?.reply();
    let name = connection.xinput_xi_query_device(device)?.reply();
    let (Ok(value), Ok(name)) = (value, name) else { return Ok(true) };
    let marked = value.items.as_data8().is_some_and(|data| data.iter().any(|&byte| byte != 0));
    let named = name.infos.iter().any(|info| info.name.windows(5).any(|part| part == b"XTEST"));
    Ok(marked || named || name.infos.is_empty())
}
