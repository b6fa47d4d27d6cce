//! The rule that keeps the protocol pure: nothing of the outside world is named in it.

use super::source::{Finding, Source, inside, words};

/// Modules of the standard library that reach outside.
const OUTSIDE: &[&str] = &["env", "fs", "net", "os", "process", "thread"];

/// Sockets, files, threads, processes and the environment in the protocol, its tests included.
pub(super) fn outside_world(source: &Source) -> Vec<Finding> {
    if !source.is_in(&["protocol/src/"]) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for at in words(&source.code, "std") {
        let Some(path) = source.code[at + "std".len()..].trim_start().strip_prefix("::") else { continue };
        let path = path.trim_start();
        let named = if path.starts_with('{') { branches(inside(path, 0)) } else { vec![first_word(path)] };
        let outside = named.into_iter().filter(|name| OUTSIDE.contains(name));
        findings.extend(outside.map(|name| {
            source.finding(
                at,
                format!("std::{name}: the protocol does no I/O and starts nothing; what it needs is handed in"),
            )
        }));
    }
    findings
}

/// The first words of a group's members: `fs` and `net` for `fs::{self, File}, net`.
fn branches(group: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let members = group.split(move |c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    members.map(|member| first_word(member.trim_start())).collect()
}

fn first_word(path: &str) -> &str {
    path.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

#[test]
fn io_in_the_protocol_is_found() {
    let text = "use std::{fmt, fs::{self, File}, time::Duration,\n    thread};\nfn f() { std::net::lookup(); std::fmt::Debug; }";
    let named = |path| outside_world(&Source::new(path, text)).into_iter().map(|f| f.what[..10].to_owned());
    assert_eq!(named("protocol/src/wire/a.rs").collect::<Vec<_>>(), ["std::fs: t", "std::threa", "std::net: "]);
    assert_eq!(named("protocol/shell/src/a.rs").count(), 0);
}
