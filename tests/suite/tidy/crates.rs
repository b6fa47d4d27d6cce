//! Rules on the manifests: who depends on whom, what every crate inherits.

use super::{project::Manifest, source::Finding};

/// Which of the project's own crates each crate may depend on. Above all: never the server on the viewer, nor the reverse.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("beside-protocol", &[]),
    ("beside-shell", &["beside-protocol"]),
    ("beside-server", &["beside-protocol", "beside-shell", "beside-test-displays"]),
    ("beside-viewer", &["beside-protocol", "beside-shell", "beside-test-displays"]),
    ("beside-benches", &["beside-protocol"]),
    ("beside-test-displays", &["beside-protocol"]),
    ("beside-tests", &["beside-protocol", "beside-shell", "beside-server", "beside-viewer", "beside-test-displays"]),
];

/// What only tests may depend on.
const FOR_TESTS: &str = "beside-test-displays";

/// All that the protocol may build on: encodings, errors, the entropy coder of the picture, the codecs of photos and films,
/// the hash that proves a resumption, what first contact takes (the exchange and a list of words), and how the log and its times are written.
const PROTOCOL: &[&str] = &[
    "bip39",
    "data-encoding",
    "hmac",
    "jpeg-encoder",
    "openh264",
    "postcard",
    "rand_core",
    "rusty_h264-decoder",
    "serde",
    "serde_json",
    "sha2",
    "spake2",
    "thiserror",
    "time",
    "zeroize",
    "zstd",
    "zune-jpeg",
];

/// The direction of dependencies between the project's crates, tests and build scripts included.
pub(super) fn directions(manifests: &[Manifest]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests {
        let name = package(manifest);
        let Some((_, allowed)) = DIRECTIONS.iter().find(|(crate_name, _)| *crate_name == name) else {
            findings.push(manifest.finding(format!("crate {name} is new: say in DIRECTIONS what it may depend on")));
            continue;
        };
        for dependency in dependencies(manifest, &["dependencies", "dev-dependencies", "build-dependencies"]) {
            if dependency.starts_with("beside-") && !allowed.contains(&dependency.as_str()) {
                findings.push(manifest.finding(format!(
                    "{name} depends on {dependency}: the protocol knows nobody, and the two programs know each other through it only"
                )));
            }
        }
        if dependencies(manifest, &["dependencies", "build-dependencies"]).iter().any(|name| name == FOR_TESTS) {
            findings.push(manifest.finding(format!("{FOR_TESTS} is for tests: it belongs under dev-dependencies")));
        }
    }
    findings
}

/// The few dependencies of the pure core.
pub(super) fn protocol_dependencies(manifests: &[Manifest]) -> Vec<Finding> {
    let core = manifests.iter().filter(|manifest| package(manifest) == "beside-protocol");
    core.flat_map(|manifest| {
        let extra = dependencies(manifest, &["dependencies", "build-dependencies"]).into_iter();
        extra.filter(|name| !PROTOCOL.contains(&name.as_str())).map(|name| {
            manifest
                .finding(format!("{name}: the protocol is pure and small; it builds on {} alone", PROTOCOL.join(", ")))
        })
    })
    .collect()
}

/// What every crate takes over from the workspace.
pub(super) fn inheritance(manifests: &[Manifest]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests {
        let inherits = |section: &toml::Value| section.get("workspace").and_then(toml::Value::as_bool) == Some(true);
        for key in ["license", "edition", "rust-version", "version"] {
            if !manifest.table["package"].get(key).is_some_and(inherits) {
                findings.push(manifest.finding(format!("{key}.workspace = true is missing: all crates go together")));
            }
        }
        if !manifest.table.get("lints").is_some_and(inherits) {
            findings.push(manifest.finding("[lints] workspace = true is missing: the same lints hold for every crate"));
        }
    }
    findings
}

fn package(manifest: &Manifest) -> &str {
    manifest.table["package"]["name"].as_str().expect("package.name")
}

/// The packages named in these sections, those for single systems too.
fn dependencies(manifest: &Manifest, sections: &[&str]) -> Vec<String> {
    let systems = manifest.table.get("target").and_then(toml::Value::as_table);
    let systems = systems.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let tables = std::iter::once(&manifest.table).chain(systems);
    let entries = tables.flat_map(|table| sections.iter().filter_map(|section| table.get(*section)?.as_table()));
    let package = |(key, value): (&String, &toml::Value)| {
        value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
    };
    entries.flat_map(|entries| entries.iter().map(package)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_knows_the_viewer_is_found() {
        let bad = "[package]\nname = 'beside-server'\n[target.'cfg(unix)'.dev-dependencies]\nfriend = { package = 'beside-viewer' }";
        let findings = directions(&[Manifest::new("server/Cargo.toml", bad)]);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].what.contains("beside-viewer"));
        assert_eq!(directions(&[Manifest::new("x/Cargo.toml", "[package]\nname = 'beside-new'")]).len(), 1);
    }

    #[test]
    fn a_program_that_ships_what_is_for_tests_is_found() {
        let manifest = |section| {
            let text = format!("[package]\nname = 'beside-viewer'\n[{section}]\n{FOR_TESTS}.workspace = true");
            directions(&[Manifest::new("viewer/Cargo.toml", &text)]).len()
        };
        assert_eq!((manifest("dependencies"), manifest("dev-dependencies")), (1, 0));
    }

    #[test]
    fn a_protocol_with_a_runtime_is_found() {
        let bad = "[package]\nname = 'beside-protocol'\n[dependencies]\nserde = '1'\ntokio = '1'";
        assert_eq!(protocol_dependencies(&[Manifest::new("protocol/Cargo.toml", bad)]).len(), 1);
    }

    #[test]
    fn a_crate_without_lints_is_found() {
        let all = "[package]\nname = 'a'\nversion.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\n";
        assert_eq!(inheritance(&[Manifest::new("a/Cargo.toml", all)]).len(), 1);
        let good = format!("{all}[lints]\nworkspace = true");
        assert_eq!(inheritance(&[Manifest::new("a/Cargo.toml", &good)]), []);
    }
}
