//! The rule on licences: every dependency, for every system, under one that `deny.toml` allows.

use super::source::Finding;
use serde_json::Value;
use spdx::{Expression, ParseMode};

/// Packages (as `cargo metadata` lists them) whose licence is none of `allowed`, or can't be told.
pub(super) fn permitted(packages: &[Value], allowed: &[String]) -> Vec<Finding> {
    packages.iter().filter_map(|package| refusal(package, allowed)).collect()
}

fn refusal(package: &Value, allowed: &[String]) -> Option<Finding> {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    // Old manifests write MIT/Apache-2.0 for a choice.
    let expression = Expression::parse_mode(text("license"), ParseMode::LAX);
    let reason = match expression {
        Ok(expression) if expression.evaluate(|requirement| allowed.contains(&requirement.to_string())) => return None,
        Ok(_) => "its licence is none of those that deny.toml allows",
        Err(_) => "its licence can't be read",
    };
    let what = format!("{} {} ({}): {reason}", text("name"), text("version"), text("license"));
    Some(Finding { path: "Cargo.lock".into(), line: 1, what })
}

#[test]
fn a_licence_that_binds_is_found() {
    let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"].map(String::from);
    let refused = |licence: &str| {
        let package = serde_json::json!({ "name": "a", "version": "1.0.0", "license": licence });
        !permitted(&[package], &allowed).is_empty()
    };
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "ISC AND (MIT OR GPL-2.0-only)",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(!refused(good), "{good}");
    }
    for bad in ["GPL-3.0-only", "MIT AND LGPL-2.1-only", "", "Proprietary"] {
        assert!(refused(bad), "{bad}");
    }
}
