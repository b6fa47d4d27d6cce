//! The project's rules about itself: which crate may depend on which, where a library, the clock or the operating system
//! may be named, how a file looks, which versions and licences are allowed. A broken rule fails with file, line and reason.

mod crates;
mod files;
mod licences;
mod places;
mod project;
mod purity;
mod source;
mod versions;

use project::Project;
use source::{Finding, Source};

/// Fails with everything that breaks one rule.
fn hold(findings: &[Finding]) {
    let list: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} place(s) break this rule:\n{}", list.len(), list.join("\n"));
}

/// What `rule` finds in the sources of the project.
fn everywhere(rule: fn(&Source) -> Vec<Finding>) -> Vec<Finding> {
    Project::read().sources.iter().flat_map(rule).collect()
}

#[test]
fn the_rules_see_the_project() {
    let project = Project::read();
    for path in ["protocol/src/lib.rs", "protocol/shell/src/lib.rs", "server/src/main.rs", "viewer/src/lib.rs", file!()]
    {
        assert!(project.sources.iter().any(|source| path.replace('\\', "/").ends_with(&source.path)), "{path}");
    }
    assert!(project.manifests.len() >= 6 && project.packages().len() > 100);
}

#[test]
fn crates_depend_in_one_direction() {
    hold(&crates::directions(&Project::read().manifests));
}

#[test]
fn the_protocol_has_few_dependencies() {
    hold(&crates::protocol_dependencies(&Project::read().manifests));
}

#[test]
fn every_crate_has_licence_and_lints() {
    hold(&crates::inheritance(&Project::read().manifests));
}

#[test]
fn libraries_are_named_in_their_place_only() {
    hold(&everywhere(places::libraries));
}

#[test]
fn the_operating_system_is_named_in_backends_only() {
    hold(&everywhere(places::systems));
}

#[test]
fn the_clock_is_read_in_drivers_only() {
    hold(&everywhere(places::clock));
}

#[test]
fn unsafe_code_is_in_backends_only() {
    hold(&everywhere(places::unsafe_code));
}

#[test]
fn the_protocol_does_no_io() {
    hold(&everywhere(purity::outside_world));
}

#[test]
fn files_are_short() {
    hold(&everywhere(files::length));
}

#[test]
fn files_say_what_they_are() {
    hold(&everywhere(files::header));
}

#[test]
fn nothing_is_left_unfinished() {
    hold(&everywhere(files::unfinished));
}

#[test]
fn no_dependency_has_a_known_fault() {
    hold(&versions::floors(&Project::read().lock));
}

#[test]
fn every_dependency_may_be_used_and_passed_on() {
    let project = Project::read();
    hold(&licences::permitted(&project.packages(), &project.permitted_licences()));
}
