//! How programs look: dark or light, with grey or coloured edges of letters.

/// The look of every program on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its colours.
    pub theme: Theme,
    /// The edges of its letters.
    pub edges: Edges,
}

/// Light on dark or dark on light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Light letters on a dark ground.
    Dark,
    /// Dark letters on a light ground.
    Light,
}

/// How letters are anti-aliased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// All channels alike.
    Grey,
    /// Each channel where its stripe of a flat panel is, red first.
    Subpixel,
}

impl Look {
    /// All looks, the tables' own first.
    pub const ALL: [Self; 4] = [
        Self { theme: Theme::Dark, edges: Edges::Grey },
        Self { theme: Theme::Light, edges: Edges::Grey },
        Self { theme: Theme::Dark, edges: Edges::Subpixel },
        Self { theme: Theme::Light, edges: Edges::Subpixel },
    ];

    /// What the tables call it.
    pub const fn name(self) -> &'static str {
        match (self.theme, self.edges) {
            (Theme::Dark, Edges::Grey) => "dark",
            (Theme::Light, Edges::Grey) => "light",
            (Theme::Dark, Edges::Subpixel) => "dark, subpixel",
            (Theme::Light, Edges::Subpixel) => "light, subpixel",
        }
    }

    /// Its colours.
    pub(crate) const fn colours(self) -> &'static Colours {
        match self.theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }
}

/// What a piece of text is, in a language that an editor knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Nothing of the others.
    Plain,
    /// A word of the language.
    Keyword,
    /// The name of a type.
    Type,
    /// A number.
    Number,
    /// Text in quotes.
    Text,
    /// A comment.
    Comment,
}

/// The colours of a theme, `0x00RRGGBB`.
#[derive(Debug)]
pub(crate) struct Colours {
    pub(crate) paper: u32,
    pub(crate) panel: u32,
    pub(crate) bar: u32,
    pub(crate) accent: u32,
    /// Text on the accent.
    pub(crate) on_accent: u32,
    pub(crate) line: u32,
    pub(crate) thumb: u32,
    pub(crate) caret: u32,
    pub(crate) faint: u32,
    pub(crate) plain: u32,
    /// For the kinds of [`Word`] but the first, in their order.
    words: [u32; 5],
}

impl Colours {
    /// The colour of a piece of text.
    pub(crate) const fn of(&self, word: Word) -> u32 {
        match word {
            Word::Plain => self.plain,
            Word::Keyword => self.words[0],
            Word::Type => self.words[1],
            Word::Number => self.words[2],
            Word::Text => self.words[3],
            Word::Comment => self.words[4],
        }
    }
}

const DARK: Colours = Colours {
    paper: 0x1e_1e1e,
    panel: 0x25_2526,
    bar: 0x3c_3c3c,
    accent: 0x00_7acc,
    on_accent: 0xff_ffff,
    line: 0x40_4040,
    thumb: 0x4f_4f4f,
    caret: 0xae_afad,
    faint: 0x85_8585,
    plain: 0xd4_d4d4,
    words: [0x56_9cd6, 0x4e_c9b0, 0xb5_cea8, 0xce_9178, 0x6a_9955],
};

const LIGHT: Colours = Colours {
    paper: 0xff_ffff,
    panel: 0xf3_f3f3,
    bar: 0xdd_dddd,
    accent: 0x00_66b8,
    on_accent: 0xff_ffff,
    line: 0xd8_d8d8,
    thumb: 0xc1_c1c1,
    caret: 0x00_0000,
    faint: 0x80_8080,
    plain: 0x1f_1f1f,
    words: [0x00_00ff, 0x26_7f99, 0x09_8658, 0xa3_1515, 0x00_8000],
};
