//! Rules on where something may be named: libraries, the operating system, the clock, unsafe code.

use super::source::{Finding, Source, inside, words};

/// Libraries that only a few files may name, so that they can be replaced and checked.
const LIBRARIES: &[(&[&str], &[&str], &str)] = &[
    (
        &["quinn", "quinn_proto", "rustls", "tokio_rustls"],
        &["protocol/shell/src/net/"],
        "the transport can be checked and replaced only while one folder knows it",
    ),
    (
        &["secret_service", "keyring_core", "apple_native_keyring_store", "windows_native_keyring_store"],
        &["protocol/shell/src/keyring/"],
        "keyrings of all systems are one thing to the rest",
    ),
    (&["rcgen"], &["protocol/shell/src/net/", "protocol/shell/src/identity.rs"], "keys are made in one place"),
    (
        &["x11rb"],
        &["**/x11.rs", "**/x11/", "server/src/capture/scrap/guarded.rs"],
        "X11 is one backend among others: only files named for it know it",
    ),
    (
        &["scrap"],
        &["server/src/capture/scrap.rs", "server/src/capture/scrap/"],
        "scrap has known faults and is a replaceable leaf",
    ),
    (&["enigo"], &["server/src/inject/enigo.rs"], "enigo is one way of input among others"),
    (
        &["zbus"],
        &["server/src/desk/presence/dbus.rs", "tests/suite/e2e/logind.rs"],
        "who else asks the system for the user's presence may get another answer",
    ),
];

/// Where code may depend on the operating system.
const SYSTEMS: &[&str] = &[
    "server/src/capture/",
    "server/src/inject/",
    "server/src/desk/",
    "viewer/src/window/",
    "protocol/shell/src/",
    "tests/",
    "server/tests/",
    "viewer/tests/",
];

/// What drives the pure parts with the real clock.
const DRIVERS: &[&str] = &[
    "server/src/officers.rs",
    "server/src/visitors.rs",
    "server/src/capture/x11/hider.rs",
    "server/src/worker.rs",
    "server/src/share/driver/contact.rs",
    "server/src/share/driver/audit.rs",
    "server/src/share/driver/desk.rs",
    "server/src/share/driver/mod.rs",
    "server/src/share/driver/records.rs",
    "server/src/share/driver/returns.rs",
    "server/src/share/mod.rs",
    "server/src/desk/app.rs",
    "server/src/desk/app/during.rs",
    "server/src/desk/child.rs",
    "server/src/desk/injector.rs",
    "server/src/desk/pane.rs",
    "server/src/desk/parent.rs",
    "server/src/desk/x11.rs",
    "viewer/src/window/app.rs",
    "viewer/src/connect.rs",
];

/// Where `unsafe` is allowed, each block with its reason: memory shared with the X server, questions to Windows,
/// instructions that not every processor has, and a network device for tests.
const UNSAFE: &[&str] = &[
    "server/src/capture/x11/image.rs",
    "server/src/capture/scrap/sysv.rs",
    "server/src/desk/presence/windows.rs",
    "server/src/desk/windows.rs",
    "protocol/src/frame/hash/x86.rs",
    "protocol/src/frame/hash/aarch64.rs",
    "tests/suite/e2e/line/tun.rs",
];

/// Libraries outside their place.
pub(super) fn libraries(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (names, places, reason) in LIBRARIES {
        if source.is_in(places) || source.is_in(&["**/examples/"]) {
            continue;
        }
        for name in *names {
            let found = crate_uses(&source.code, name).into_iter();
            let what = format!("{name} may be named in {} only: {reason}", places.join(", "));
            findings.extend(found.map(|at| source.finding(at, &what)));
        }
    }
    findings
}

/// `cfg`s on the operating system outside the backends.
pub(super) fn systems(source: &Source) -> Vec<Finding> {
    if source.is_in(SYSTEMS) {
        return Vec::new();
    }
    let conditions = ["cfg(", "cfg_attr(", "cfg!("].into_iter().flat_map(|open| {
        source.code.match_indices(open).map(move |(at, _)| (at, inside(&source.code, at + open.len() - 1)))
    });
    let of_system = |condition: &str| {
        ["target_os", "target_family", "windows", "unix"].iter().any(|word| words(condition, word).next().is_some())
    };
    let what = format!("depends on the operating system; only {} may", SYSTEMS.join(", "));
    conditions.filter(|(_, condition)| of_system(condition)).map(|(at, _)| source.finding(at, &what)).collect()
}

/// Readings of the clock outside the drivers and the tests.
pub(super) fn clock(source: &Source) -> Vec<Finding> {
    if !source.is_in(&["protocol/src/", "server/src/", "viewer/src/"]) || source.is_in(DRIVERS) {
        return Vec::new();
    }
    let readings = ["Instant::now", "SystemTime::now"].into_iter().flat_map(|call| words(&source.shipped, call));
    let what = "reads the clock: time is handed in as `now`, so that tests can set it; only drivers read it";
    readings.map(|at| source.finding(at, what)).collect()
}

/// Unsafe code outside the listed backends.
pub(super) fn unsafe_code(source: &Source) -> Vec<Finding> {
    if source.is_in(UNSAFE) {
        return Vec::new();
    }
    let what = format!("unsafe code is allowed in {} only", UNSAFE.join(", "));
    words(&source.code, "unsafe").map(|at| source.finding(at, &what)).collect()
}

/// Where the crate `name` is used; a module of the same name (`super::name`, `mod name;`) is not meant.
fn crate_uses(code: &str, name: &str) -> Vec<usize> {
    let has_module = words(code, "mod").any(|at| words(&code[at..], name).next() == Some("mod ".len()));
    let is_use = |&at: &usize| {
        let (before, after) = (code[..at].trim_end(), code[at + name.len()..].trim_start());
        let imported = before.ends_with("use") || before.ends_with("extern crate");
        let leads = !before.ends_with("::") || !before.trim_end_matches("::").ends_with(|c: char| c.is_alphanumeric());
        leads && (after.starts_with("::") && !has_module || imported && !after.starts_with("::"))
    };
    words(code, name).filter(is_use).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [usize; 0] = [];

    fn lines(rule: fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
        rule(&Source::new(path, text)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_library_outside_its_place_is_found() {
        let text = "//! quinn:: in words.\nuse quinn::Endpoint;\nfn f(c: &::rustls::Config) {}\nuse scrap as s;";
        assert_eq!(lines(libraries, "server/src/host.rs", text), [2, 3, 4]);
        assert_eq!(lines(libraries, "server/src/desk/paint.rs", "use {x11rb::NONE};"), [1]);
        assert_eq!(lines(libraries, "server/src/desk/x11.rs", "use x11rb::NONE;"), NONE);
    }

    #[test]
    fn a_module_with_a_library_s_name_is_no_library() {
        let module = "mod scrap;\nfn open() { scrap::open() }";
        assert_eq!(lines(libraries, "server/src/capture/mod.rs", module), NONE);
        assert_eq!(lines(libraries, "server/src/host.rs", "use crate::capture::scrap::Scrap;"), NONE);
        assert_eq!(lines(libraries, "server/src/host.rs", "let scrap = backend.scrap;"), NONE);
    }

    #[test]
    fn a_system_outside_the_backends_is_found() {
        let text = "#[cfg(feature = \"scrap\")]\nfn a() {}\n#[cfg(all(test, not(windows)))]\nfn b() { if cfg!(target_os = \"linux\") {} }";
        assert_eq!(lines(systems, "server/src/host.rs", text), [3, 4]);
        assert_eq!(lines(systems, "server/src/inject/mod.rs", text), NONE);
        assert_eq!(lines(systems, "protocol/src/frame/simd.rs", "#[cfg(target_arch = \"x86_64\")]"), NONE);
    }

    #[test]
    fn a_clock_outside_the_drivers_is_found() {
        let text = "fn f() { Instant::now(); }\n#[cfg(test)]\nmod tests { fn g() { Instant::now(); } }\nfn h() { SystemTime::now(); }";
        assert_eq!(lines(clock, "protocol/src/session/host.rs", text), [1, 4]);
        assert_eq!(lines(clock, DRIVERS[0], text), NONE);
    }

    #[test]
    fn unsafe_code_outside_the_list_is_found() {
        let text = "#![forbid(unsafe_code)]\nfn f() { unsafe { g() } }";
        assert_eq!(lines(unsafe_code, "viewer/src/lib.rs", text), [2]);
        assert_eq!(lines(unsafe_code, UNSAFE[0], text), NONE);
    }
}
