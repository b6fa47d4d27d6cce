//! Rules on what of the screen is hidden: places of the desktop, windows by class or title, all but one window.

use std::str::FromStr;

use beside_protocol::{
    frame::{Rect, Region},
    record::{HidingRules, Showing},
    session::host::Focus,
};

/// The class of the window in which the desk asks the user: nobody but the user may see a question.
pub const QUESTION_CLASS: &str = "beside-question";

/// All that is to be hidden of a screen. In the beginning nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hiding {
    /// Whatever is at these places, in pixels of the desktop.
    pub areas: Vec<Rect>,
    /// Windows that match one of these, wherever they are and whatever is in front of them.
    pub windows: Vec<WindowRule>,
    /// Everything but the windows that match this, and what is in front of these.
    pub only: Option<WindowRule>,
}

/// One thing that is to be hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HideRule {
    /// A place of the desktop, in pixels.
    Area(Rect),
    /// Windows.
    Window(WindowRule),
}

/// Which windows are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WindowRule {
    /// All windows of programs that have one of this class: either part of its `WM_CLASS` matches.
    Class(Pattern),
    /// Windows with this title, and the dialogs and menus that belong to them.
    Title(Pattern),
    /// The window with this number, whatever its title becomes, and the dialogs and menus that belong to it.
    Id(u32),
}

/// A text in which `*` stands for any other text; upper and lower case are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

/// What of a picture is hidden at the moment at which it was taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// Its pixels, relative to the area that is captured.
    pub region: Region,
    /// How many windows and places make it, for the log.
    pub count: usize,
    /// Where keys go.
    pub focus: Focus,
}

/// What is wrong with the text of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// It is of no known kind.
    #[error("write class=NAME or title=PATTERN, for what is to be hidden also rect=X,Y,WxH")]
    Kind,
    /// It matches nothing.
    #[error("a window can't be found by an empty text; `*` stands for any text")]
    Empty,
    /// It is no rectangle.
    #[error("write a rectangle as X,Y,WxH: its top left corner on the desktop, its width and its height, in pixels")]
    Rect,
}

impl Hiding {
    /// These rules together, and what alone is shown if anything is.
    pub fn new(rules: Vec<HideRule>, only: Option<WindowRule>) -> Self {
        let mut hiding = Self { only, ..Self::default() };
        for rule in rules {
            match rule {
                HideRule::Area(area) => hiding.areas.push(area),
                HideRule::Window(window) => hiding.windows.push(window),
            }
        }
        hiding
    }

    /// The same, and the desk's question too.
    pub fn with_question(mut self) -> Self {
        self.windows.push(question());
        self
    }

    /// How many rules there are of each kind, for the log; that on the desk's question is nobody's choice.
    pub fn count(&self) -> HidingRules {
        let mut count = HidingRules {
            places: u32::try_from(self.areas.len()).unwrap_or(u32::MAX),
            shown: if self.only.is_some() { Showing::OneWindow } else { Showing::Everything },
            ..HidingRules::default()
        };
        for rule in self.windows.iter().filter(|rule| **rule != question()) {
            match rule {
                WindowRule::Class(_) => count.programs += 1,
                WindowRule::Title(_) | WindowRule::Id(_) => count.windows += 1,
            }
        }
        count
    }

    /// Whether the user wants windows to be found for it.
    #[cfg(feature = "scrap")]
    pub(super) fn names_windows(&self) -> bool {
        self.only.is_some() || self.windows.iter().any(|rule| *rule != question())
    }

    /// Whether windows have to be found for it.
    pub const fn needs_windows(&self) -> bool {
        !self.windows.is_empty() || self.only.is_some()
    }

    /// The places that are hidden of a captured area, relative to it.
    pub(super) fn places(&self, area: &Rect) -> Hidden {
        let mut hidden = Hidden { count: self.areas.len(), ..Hidden::default() };
        self.areas.iter().filter_map(|place| within(place, area)).for_each(|place| hidden.region.add(place));
        hidden
    }

    /// The same for a backend that can't find windows: as long as any are to be hidden everything is.
    #[cfg(any(feature = "scrap", test))]
    pub(super) fn without_windows(&self, area: &Rect) -> Hidden {
        if self.needs_windows() {
            return Hidden { region: area.size().rect().into(), count: 1, focus: Focus::Hidden };
        }
        self.places(area)
    }
}

fn question() -> WindowRule {
    WindowRule::Class(Pattern(QUESTION_CLASS.to_owned()))
}

/// The part of `rect` (of the desktop) that lies within `area`, relative to it.
pub(super) fn within(rect: &Rect, area: &Rect) -> Option<Rect> {
    let part = rect.intersection(area)?;
    Some(Rect { x: part.x - area.x, y: part.y - area.y, ..part })
}

impl WindowRule {
    /// All windows of programs with this class.
    pub fn of_program(class: &str) -> Self {
        Self::Class(Pattern(class.to_lowercase()))
    }

    /// Whether a window with this number, these classes and titles is meant.
    pub(super) fn matches(&self, id: u32, classes: &[String], titles: &[String]) -> bool {
        match self {
            Self::Id(number) => *number == id,
            Self::Class(pattern) => classes.iter().any(|class| pattern.matches(class)),
            Self::Title(pattern) => titles.iter().any(|title| pattern.matches(title)),
        }
    }
}

impl Pattern {
    /// Whether all of a text is so.
    fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut pieces = self.0.split('*');
        let (first, last) = (pieces.next().unwrap_or_default(), pieces.next_back());
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let Some(last) = last else { return rest.is_empty() };
        for piece in pieces {
            match rest.split_once(piece) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

impl FromStr for Pattern {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        if text.is_empty() { Err(RuleError::Empty) } else { Ok(Self(text.to_lowercase())) }
    }
}

impl FromStr for WindowRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text.split_once('=') {
            Some(("class", class)) => Ok(Self::Class(class.parse()?)),
            Some(("title", title)) => Ok(Self::Title(title.parse()?)),
            _ => Err(RuleError::Kind),
        }
    }
}

impl FromStr for HideRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        match text.split_once('=') {
            Some(("rect", place)) => rect(place).map(Self::Area).ok_or(RuleError::Rect),
            _ => text.parse().map(Self::Window),
        }
    }
}

/// A rectangle that holds something, from `X,Y,WxH`.
fn rect(text: &str) -> Option<Rect> {
    let (x, rest) = text.split_once(',')?;
    let (y, size) = rest.split_once(',')?;
    let (width, height) = size.split_once('x')?;
    let rect = Rect::new(x.parse().ok()?, y.parse().ok()?, width.parse().ok()?, height.parse().ok()?);
    (!rect.is_empty()).then_some(rect)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(text)
    }

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text) in [
            ("keepass", "KeePass"),
            ("*", ""),
            ("*bank*", "My Bank – Browser"),
            ("a*b*c", "a-b-b-c"),
            ("a*a", "aa"),
            ("*ÄRZTE", "die ärzte"),
            ("**x", "x"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("keepass", "KeePassXC"), ("a*a", "a"), ("a*b*c", "acb"), ("*.", "a.b"), ("ab*ba", "aba")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn rules_are_read() {
        let class: HideRule = "class=KeePassXC".parse().unwrap();
        assert_eq!(class, HideRule::Window(WindowRule::Class(Pattern("keepassxc".into()))));
        let title: WindowRule = "title=a=b, *c".parse().unwrap();
        assert_eq!(title, WindowRule::Title(Pattern("a=b, *c".into())));
        assert_eq!("rect=10,20,300x40".parse(), Ok(HideRule::Area(Rect::new(10, 20, 300, 40))));
        for (text, error) in [
            ("keepassxc", RuleError::Kind),
            ("name=x", RuleError::Kind),
            ("class=", RuleError::Empty),
            ("rect=1,2,3", RuleError::Rect),
            ("rect=1,2,0x4", RuleError::Rect),
            ("rect=-1,2,3x4", RuleError::Rect),
        ] {
            assert_eq!(text.parse::<HideRule>(), Err(error), "{text}");
        }
        assert_eq!("rect=1,2,3x4".parse::<WindowRule>(), Err(RuleError::Kind));
    }

    #[test]
    fn rules_are_counted_by_their_kind() {
        let rules = ["class=a", "title=b", "class=c", "rect=1,2,3x4"].map(|text| text.parse::<HideRule>().unwrap());
        let counted = Hiding::new(rules.to_vec(), Some("title=d".parse().unwrap())).with_question().count();
        assert_eq!(counted, HidingRules { programs: 2, windows: 1, places: 1, shown: Showing::OneWindow });
        assert_eq!(Hiding::default().with_question().count(), HidingRules::default());
    }

    #[test]
    fn places_are_relative_to_what_is_captured() {
        let hiding = Hiding { areas: vec![Rect::new(90, 0, 20, 10), Rect::new(0, 0, 5, 5)], ..Hiding::default() };
        let area = Rect::new(100, 0, 50, 50);
        assert_eq!(hiding.places(&area).region, Rect::new(0, 0, 10, 10).into());
        assert_eq!(hiding.clone().with_question().without_windows(&area).region, area.size().rect().into());
    }
}
