//! A Rust file as the rules see it: comments and strings told apart from code, tests from what ships.

use std::{fmt, ops::Range};

/// One place that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// The file, from the project's root.
    pub(super) path: String,
    /// Its line, from 1.
    pub(super) line: usize,
    /// What is wrong, and why that matters.
    pub(super) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// A Rust file. The views have the same length as the text, with spaces for what they leave out.
#[derive(Debug)]
pub(super) struct Source {
    /// From the project's root, with `/`.
    pub(super) path: String,
    /// As it is.
    pub(super) text: String,
    /// Without comments and without what stands in strings.
    pub(super) code: String,
    /// Comments alone.
    pub(super) comments: String,
    /// The code without what exists in tests only.
    pub(super) shipped: String,
}

impl Source {
    /// Reads `text` as the file `path`.
    pub(super) fn new(path: &str, text: &str) -> Self {
        let (code, comments) = split(text);
        let shipped = without_tests(&code);
        Self { path: path.into(), text: text.into(), code, comments, shipped }
    }

    /// A finding at byte `at` of the text.
    pub(super) fn finding(&self, at: usize, what: impl Into<String>) -> Finding {
        let line = self.text[..at].matches('\n').count() + 1;
        Finding { path: self.path.clone(), line, what: what.into() }
    }

    /// The files (`a/b.rs`) and folders (`a/b/`) of the modules that it declares for tests only.
    pub(super) fn test_modules(&self) -> Vec<String> {
        let folder = ["/mod.rs", "/lib.rs", "/main.rs"].iter().find_map(|end| self.path.strip_suffix(end));
        let folder = folder.unwrap_or_else(|| self.path.trim_end_matches(".rs"));
        let names = test_items(&self.code).into_iter().filter_map(|item| {
            let (_, name) = self.code[item].strip_suffix(';')?.rsplit_once("mod ")?;
            Some(name.trim().to_owned())
        });
        names.flat_map(|name| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/")]).collect()
    }

    /// The same where all of it exists in tests only.
    pub(super) fn into_test(self) -> Self {
        Self { shipped: into_string(blank(&self.text)), ..self }
    }

    /// Whether it is one of `places`: a file, a folder (`a/b/`), or either at any depth (`**/x11.rs`, `**/x11/`).
    pub(super) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| match place.strip_prefix("**/") {
            Some(folder) if folder.ends_with('/') => format!("/{}", self.path).contains(&format!("/{folder}")),
            Some(file) => format!("/{}", self.path).ends_with(&format!("/{file}")),
            None if place.ends_with('/') => self.path.starts_with(place),
            None => self.path == *place,
        })
    }
}

/// Where `word` stands in `code` as a whole word.
pub(super) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        !code[..at].chars().next_back().is_some_and(part) && !code[at + word.len()..].chars().next().is_some_and(part)
    })
}

/// The bytes from just after the opening bracket at `open` to its closing one.
pub(super) fn inside(code: &str, open: usize) -> &str {
    let mut depth = 0usize;
    for (at, c) in code[open..].char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 1 => return &code[open + 1..open + at],
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    &code[open + 1..]
}

/// Splits `text` into its code and its comments.
fn split(text: &str) -> (String, String) {
    let (mut code, mut comments) = (blank(text), blank(text));
    let mut at = 0;
    while at < text.len() {
        let end = at + token(&text[at..]);
        let rest = &text[at..];
        if rest.starts_with("//") || rest.starts_with("/*") {
            keep(&mut comments, text, at..end);
        } else if !is_quoted(rest) {
            keep(&mut code, text, at..end);
        }
        at = end;
    }
    (into_string(code), into_string(comments))
}

fn blank(text: &str) -> Vec<u8> {
    text.bytes().map(|b| if b == b'\n' { b } else { b' ' }).collect()
}

fn keep(view: &mut [u8], text: &str, range: Range<usize>) {
    view[range.clone()].copy_from_slice(&text.as_bytes()[range]);
}

fn into_string(view: Vec<u8>) -> String {
    String::from_utf8(view).expect("views are cut between characters")
}

/// Whether a string or character literal begins here.
fn is_quoted(rest: &str) -> bool {
    rest.starts_with('"') || raw_hashes(rest).is_some() || character(rest).is_some()
}

/// The length of the comment, literal, word or single character that `rest` begins with.
fn token(rest: &str) -> usize {
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment(rest)
    } else if let Some(hashes) = raw_hashes(rest) {
        let open = rest.find('"').map_or(rest.len(), |quote| quote + 1);
        let close = format!("\"{}", "#".repeat(hashes));
        rest[open..].find(&close).map_or(rest.len(), |at| open + at + close.len())
    } else if rest.starts_with('"') {
        string(rest)
    } else if let Some(length) = character(rest) {
        length
    } else if word > 0 {
        // `b"…"` and `c"…"`: the prefix is code, the string follows as its own token.
        word
    } else {
        rest.chars().next().map_or(1, char::len_utf8)
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// How many `#` a raw string that begins here has.
fn raw_hashes(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix("cr")).or_else(|| rest.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a character literal that begins here; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let first = body.chars().next()?;
    if first == '\\' {
        return body[2..].find('\'').map(|at| at + 4);
    }
    body[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

/// `code` without its test items.
fn without_tests(code: &str) -> String {
    let mut shipped = code.as_bytes().to_vec();
    for range in test_items(code) {
        let space = blank(&code[range.clone()]);
        shipped[range].copy_from_slice(&space);
    }
    into_string(shipped)
}

/// The items that exist in tests only, each from its `#[cfg(…)]` to its end.
fn test_items(code: &str) -> Vec<Range<usize>> {
    let marks = code.match_indices("#[cfg(").map(|(at, mark)| (at, inside(code, at + mark.len() - 1)));
    let marks = marks.filter(|(_, condition)| is_test(condition));
    let end = |at: usize, condition: &str| {
        let item = at + "#[cfg(".len() + condition.len() + ")]".len();
        let Some(stop) = code[item..].find(['{', ';']).map(|stop| item + stop) else { return code.len() };
        let body = if code[stop..].starts_with('{') { inside(code, stop).len() + 2 } else { 1 };
        code.len().min(stop + body)
    };
    marks.map(|(at, condition)| at..end(at, condition)).collect()
}

/// Whether a condition holds in tests only: `test`, or `all(test, …)`.
fn is_test(condition: &str) -> bool {
    let all = condition.strip_prefix("all(").and_then(|members| members.strip_suffix(')'));
    all.unwrap_or(condition).split(',').any(|member| member.trim() == "test")
}

#[test]
fn comments_strings_and_tests_are_told_apart() {
    let text = "use a::b; // note one\nlet s = \"code \\\" no\"; let r = r#\"raw \" no\"#; let c = '\\''; fn f<'a>(x: &'a u8) {}\n/* two /* deep */ still */ let t = b\"no\";\n#[cfg(all(test, unix))]\nmod tests { fn g() { quoted('}'); } }\nlet end = 1;";
    let source = Source::new("a.rs", text);
    for view in [&source.code, &source.comments, &source.shipped] {
        assert_eq!((view.len(), view.lines().count()), (text.len(), text.lines().count()));
    }
    assert!(!source.code.contains("no") && source.code.contains("fn f<'a>(x: &'a u8) {}"));
    assert!(source.comments.contains("note one") && source.comments.contains("still */"));
    assert!(source.code.contains("quoted") && !source.shipped.contains("quoted"));
    assert!(source.shipped.contains("let end = 1;"));
    assert_eq!(source.finding(text.find("let end").unwrap(), "").line, 6);
}

#[test]
fn modules_for_tests_are_known_by_their_declaration() {
    let modules = |path| Source::new(path, "#[cfg(test)]\nmod tests;\n#[cfg(not(test))]\nmod real;").test_modules();
    assert_eq!(modules("a/x11.rs"), ["a/x11/tests.rs", "a/x11/tests/"]);
    assert_eq!(modules("a/mod.rs"), ["a/tests.rs", "a/tests/"]);
    assert_eq!(Source::new("a/x11/tests.rs", "Instant::now()").into_test().shipped.trim(), "");
}

#[test]
fn places_are_files_and_folders_at_a_depth_or_at_any() {
    let source = Source::new("server/src/capture/x11/shm.rs", "");
    assert!(source.is_in(&["**/x11/"]) && source.is_in(&["server/src/capture/"]) && source.is_in(&["**/shm.rs"]));
    assert!(!source.is_in(&["**/m.rs", "server/src/capture", "x11/", "viewer/src/"]));
}
