//! The project as the rules see it: its sources, manifests, lock file and packages.

use super::source::{Finding, Source};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A `Cargo.toml`.
#[derive(Debug)]
pub(super) struct Manifest {
    /// From the project's root.
    pub(super) path: String,
    /// What it holds.
    pub(super) table: toml::Table,
}

impl Manifest {
    /// Reads `text` as the file `path`.
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.into(), table: text.parse().unwrap_or_else(|e| panic!("{path}: {e}")) }
    }

    /// A finding about the whole file.
    pub(super) fn finding(&self, what: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line: 1, what: what.into() }
    }
}

/// Everything that the rules look at.
#[derive(Debug)]
pub(super) struct Project {
    root: PathBuf,
    /// All Rust files, those of the fuzz targets too.
    pub(super) sources: Vec<Source>,
    /// The manifests of the workspace's members.
    pub(super) manifests: Vec<Manifest>,
    /// `Cargo.lock`.
    pub(super) lock: toml::Table,
}

impl Project {
    /// Reads the project that this test was built from.
    pub(super) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = root.canonicalize().unwrap_or(root);
        let mut files = Vec::new();
        walk(&root, &mut files);
        files.sort();
        let sources: Vec<_> = files.iter().map(|file| Source::new(&name(&root, file), &read(file))).collect();
        let for_tests: Vec<_> = sources.iter().flat_map(Source::test_modules).collect();
        let for_tests: Vec<_> = for_tests.iter().map(String::as_str).collect();
        let told_apart = |source: Source| if source.is_in(&for_tests) { source.into_test() } else { source };
        let sources = sources.into_iter().map(told_apart).collect();
        let workspace: toml::Table = read(&root.join("Cargo.toml")).parse().expect("Cargo.toml");
        let members = workspace["workspace"]["members"].as_array().expect("workspace.members");
        let manifest = |member: &toml::Value| {
            let path = format!("{}/Cargo.toml", member.as_str().expect("a member is a folder"));
            Manifest::new(&path, &read(&root.join(&path)))
        };
        let manifests = members.iter().map(manifest).collect();
        let lock = read(&root.join("Cargo.lock")).parse().expect("Cargo.lock");
        Self { root, sources, manifests, lock }
    }

    /// Every package that the lock file holds, for all systems: `cargo metadata`'s `packages`.
    pub(super) fn packages(&self) -> Vec<serde_json::Value> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let run = Command::new(cargo)
            .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
            .arg(self.root.join("Cargo.toml"))
            .output()
            .expect("cargo starts");
        assert!(run.status.success(), "cargo metadata failed:\n{}", String::from_utf8_lossy(&run.stderr));
        let mut metadata: serde_json::Value = serde_json::from_slice(&run.stdout).expect("cargo metadata prints JSON");
        match metadata["packages"].take() {
            serde_json::Value::Array(packages) => packages,
            other => panic!("cargo metadata lists no packages: {other}"),
        }
    }

    /// The licences that `deny.toml` allows.
    pub(super) fn permitted_licences(&self) -> Vec<String> {
        let deny: toml::Table = read(&self.root.join("deny.toml")).parse().expect("deny.toml");
        let allow = deny["licenses"]["allow"].as_array().expect("licenses.allow");
        allow.iter().map(|licence| licence.as_str().expect("a licence is a name").to_owned()).collect()
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn name(root: &Path, file: &Path) -> String {
    let path = file.strip_prefix(root).expect("inside the project");
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Collects the Rust files under `folder`, leaving out build output and hidden folders.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let file_name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if file_name != "target" && !file_name.starts_with('.') {
                walk(&path, files);
            }
        } else if file_name.ends_with(".rs") {
            files.push(path);
        }
    }
}
