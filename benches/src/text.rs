//! What the workloads write: lines that look like source code, file names, sentences, and a fixed English text.

use crate::look::Word;
use crate::random::below;

/// What is typed, over and over.
pub(crate) const PROSE: &str = "The printer on the second floor has been offline since this morning. I restarted it \
    twice, and the queue still shows eleven jobs that nobody sent. When you have a minute, could you look at it with \
    me? My number is on the card, and I am at my desk until five. It may be the same fault as in March: back then the \
    driver had been replaced by an update, and printing to a file worked while everything else stood still. Thank you, \
    and please don't change the default tray; accounting prints its forms from it. ";

const KEYWORDS: &[&str] = &["else", "fn", "for", "if", "in", "let", "match", "mut", "pub", "return", "self", "while"];

const WORDS: &[&str] = &[
    "account", "answer", "batch", "border", "buffer", "caller", "channel", "check", "client", "column", "count",
    "cursor", "deadline", "draft", "entry", "event", "field", "filter", "folder", "frame", "handle", "header", "index",
    "item", "key", "label", "length", "limit", "line", "list", "loader", "message", "name", "node", "offset", "order",
    "owner", "packet", "page", "parser", "path", "queue", "range", "reader", "record", "region", "reply", "report",
    "row", "score", "session", "signal", "size", "slot", "source", "span", "state", "table", "ticket", "timer",
    "token", "total", "value", "window", "writer", "zone",
];

/// A word; `place` picks it.
pub(crate) fn word(seed: u64, place: u64) -> &'static str {
    WORDS[below(WORDS.len() as u32, seed, place) as usize]
}

/// A name as a file list shows it.
pub(crate) fn file_name(seed: u64, number: u32) -> String {
    let place = u64::from(number) << 8;
    let indent = "   ".repeat(below(3, seed, place) as usize);
    let ending = [".rs", ".toml", ".md", "", "_test.rs"][below(5, seed, place + 1) as usize];
    format!("{indent}{}_{}{ending}", word(seed, place + 2), word(seed, place + 3))
}

/// Line `number` of an endless source file.
pub(crate) fn code_line(seed: u64, number: u32) -> String {
    let place = u64::from(number) << 8;
    let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|n| word(seed, place + n));
    let value = below(5_000, seed, place + 5);
    let indent = "    ".repeat(1 + below(4, seed, u64::from(number / 3) << 8 | 6) as usize);
    let statement = match below(12, seed, place + 7) {
        0 => return String::new(),
        1 => format!("// The {a} of a {b} is known once its {c} has a {d}; see {e}."),
        2 => format!("pub fn {a}_{b}(&self, {c}: &[u8], {d}: usize) -> Result<Vec<{}>, Fault> {{", capital(e)),
        3 => "}".into(),
        4 => format!("let {a} = self.{b}.{c}({d}, {value});"),
        5 => format!("let mut {a}_{b} = {}::new({c}, \"{d} {e}\");", capital(d)),
        6 => format!("if {a}.{b}() > {value} && !{c}.is_empty() {{"),
        7 => format!("self.{a}_{b}.push(({c}, {d}.len() as u64 * {value}));"),
        8 => format!("for {a} in {b}.iter().filter(|{a}| {a}.{c} != {value}) {{"),
        9 => format!("return Err(Fault::{}{}(\"no {c} in this {d}\"));", capital(a), capital(b)),
        10 => format!("{a}.{b}({c})?;"),
        _ => format!("{} => {a}.{b}_{c}(&mut self.{d}, {value}),", capital(e)),
    };
    indent + &statement
}

/// A sentence of `count` words.
pub(crate) fn sentence(seed: u64, place: u64, count: u32) -> String {
    let words: Vec<&str> = (0..u64::from(count)).map(|n| word(seed, place << 8 | n)).collect();
    capital(&words.join(" ")) + "."
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// Cuts a line of code into pieces of one kind.
pub(crate) fn coloured(line: &str) -> Vec<(&str, Word)> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let of_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match first {
            '"' => rest[1..].find('"').map_or(rest.len(), |quote| quote + 2),
            _ if rest.starts_with("//") => rest.len(),
            _ if of_word(first) => rest.find(|c| !of_word(c)).unwrap_or(rest.len()),
            _ => rest.find(|c| of_word(c) || c == '"' || c == '/').unwrap_or(rest.len()).max(1),
        };
        let (piece, after) = rest.split_at(end);
        let kind = match first {
            '"' => Word::Text,
            '0'..='9' => Word::Number,
            'A'..='Z' => Word::Type,
            _ if piece.starts_with("//") => Word::Comment,
            _ if KEYWORDS.contains(&piece) => Word::Keyword,
            _ => Word::Plain,
        };
        pieces.push((piece, kind));
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_nothing_away() {
        for line in (0..500).map(|number| code_line(3, number)) {
            let pieces = coloured(&line);
            assert_eq!(pieces.iter().map(|(piece, _)| *piece).collect::<String>(), line);
            assert!(line.is_ascii() && pieces.iter().all(|(piece, _)| !piece.is_empty()));
        }
        let found = coloured("let a = \"b c\"; // d");
        let wanted = [
            ("let", Word::Keyword),
            (" ", Word::Plain),
            ("a", Word::Plain),
            (" = ", Word::Plain),
            ("\"b c\"", Word::Text),
        ];
        assert_eq!(found[..5], wanted);
        assert_eq!(found.last(), Some(&("// d", Word::Comment)));
    }

    #[test]
    fn there_are_five_hundred_keys() {
        assert!(PROSE.len() >= 500 && PROSE.is_ascii(), "{}", PROSE.len());
    }
}
