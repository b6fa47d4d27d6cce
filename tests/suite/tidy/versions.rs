//! The rule on versions: no dependency older than the one that mended a known fault, none that was given up.

use super::source::Finding;
use semver::Version;

/// The first good version of each dependency that had a fault that matters here.
const FLOORS: &[(&str, &str, &str)] = &[
    ("aws-lc-sys", "0.39.0", "RUSTSEC-2026-0044 to -0048"),
    ("bytes", "1.11.1", "RUSTSEC-2026-0007: overflow in reserve"),
    ("lz4_flex", "0.13.1", "RUSTSEC-2026-0041: hostile input reads memory"),
    ("openh264-sys2", "0.8.0", "RUSTSEC-2025-0008: heap overflow"),
    ("quick-xml", "0.41.0", "RUSTSEC-2026-0194 and -0195: unbounded work"),
    ("quinn", "0.11.12", "goes with quinn-proto 0.11.18"),
    (
        "quinn-proto",
        "0.11.18",
        "RUSTSEC-2026-0037, -0185, three memory exhaustions, and `TooManyChunks` on healthy connections",
    ),
    ("rustls", "0.23.46", "RUSTSEC-2026-0285, -0346 to -0349: levels mixed, secrets in Debug, post-quantum downgrade"),
    ("rustls-webpki", "0.103.16", "RUSTSEC-2026-0049, -0098, -0099, -0104, -0382"),
    ("tokio", "1.44.2", "RUSTSEC-2025-0023: unsound broadcast channel"),
];

/// Packages that may not be there at all.
const ABSENT: &[(&str, &str)] = &[
    ("bincode", "RUSTSEC-2025-0141: given up; postcard is the encoding here"),
    ("native-tls", "one TLS only: rustls"),
    ("openssl-sys", "one TLS only: rustls"),
    ("rkyv", "five advisories in 2026 on crafted archives; not for bytes of a peer"),
];

/// Packages in `lock` that are too old or unwanted.
pub(super) fn floors(lock: &toml::Table) -> Vec<Finding> {
    let packages = lock.get("package").and_then(toml::Value::as_array).expect("Cargo.lock lists packages");
    let mut findings = Vec::new();
    for package in packages {
        let text = |key| package.get(key).and_then(toml::Value::as_str).expect("a package has name and version");
        let (name, version) = (text("name"), text("version"));
        let mut find = |what: String| findings.push(Finding { path: "Cargo.lock".into(), line: 1, what });
        if let Some((_, floor, reason)) = FLOORS.iter().find(|(floored, ..)| *floored == name)
            && parse(version) < parse(floor)
        {
            find(format!("{name} {version} has known faults, {floor} has not ({reason})"));
        }
        if let Some((_, reason)) = ABSENT.iter().find(|(absent, _)| *absent == name) {
            find(format!("{name} may not be used: {reason}"));
        }
    }
    findings
}

fn parse(version: &str) -> Version {
    Version::parse(version).unwrap_or_else(|e| panic!("{version}: {e}"))
}

#[test]
fn an_old_and_an_unwanted_package_are_found() {
    let package = |name: &str, version: &str| format!("[[package]]\nname = '{name}'\nversion = '{version}'\n");
    let lock = |text: String| text.parse::<toml::Table>().unwrap();
    assert_eq!(floors(&lock(package("quinn-proto", "0.11.9"))).len(), 1);
    assert_eq!(floors(&lock(package("quinn-proto", "0.11.18-rc.1"))).len(), 1);
    assert_eq!(floors(&lock(package("quinn-proto", "0.11.18") + &package("tokio", "1.54.1"))), []);
    assert_eq!(floors(&lock(package("bincode", "2.0.1"))).len(), 1);
}
