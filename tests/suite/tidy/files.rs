//! Rules on single files: short, introduced, finished.

use super::source::{Finding, Source, words};

/// A reader keeps a file of this many lines in mind, and no longer one.
const LINES: usize = 600;

/// Marks of unfinished work in comments.
const MARKS: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];

/// The same in code.
const STUBS: &[&str] = &["todo!", "unimplemented!", "#[ignore"];

/// Files that are too long.
pub(super) fn length(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    let found = (lines > LINES).then(|| Finding {
        path: source.path.clone(),
        line: lines,
        what: format!("{lines} lines: split it by subject, at most {LINES} a file"),
    });
    found.into_iter().collect()
}

/// Files that do not say what they are for.
pub(super) fn header(source: &Source) -> Vec<Finding> {
    let found = !source.text.starts_with("//! ");
    found
        .then(|| source.finding(0, "begins without `//!`: one or two lines on what the file is for"))
        .into_iter()
        .collect()
}

/// Work that was left for later.
pub(super) fn unfinished(source: &Source) -> Vec<Finding> {
    let marks = MARKS.iter().flat_map(|mark| words(&source.comments, mark));
    let stubs = STUBS.iter().flat_map(|stub| source.code.match_indices(stub).map(|(at, _)| at));
    marks.chain(stubs).map(|at| source.finding(at, "unfinished work: finish it, or open an issue")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(length(&Source::new("a.rs", &"\n".repeat(LINES))).len(), 0);
        assert_eq!(length(&Source::new("a.rs", &"\n".repeat(LINES + 1)))[0].line, LINES + 1);
    }

    #[test]
    fn a_file_without_introduction_is_found() {
        assert_eq!(header(&Source::new("a.rs", "// A note.\n//! Too late.")).len(), 1);
        assert_eq!(header(&Source::new("a.rs", "//! What it is.")).len(), 0);
    }

    #[test]
    fn unfinished_work_is_found() {
        let text = "// TODO: later\nfn f() { todo!() }\n#[ignore = \"slow\"]\nlet fine = \"TODO\"; // a todo list";
        let lines: Vec<_> = unfinished(&Source::new("a.rs", text)).iter().map(|f| f.line).collect();
        assert_eq!(lines, [1, 2, 3]);
    }
}
