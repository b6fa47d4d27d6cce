//! Coding of lines of symbols: which symbol, and where it stands.

use super::dictionary::COLOUR_BITS;
use super::entropy::Bit;
use super::ground::Ground;
use super::models::{Number, Side, Tree, Unfit, bits_of};
use super::symbols::{Glyph, Pixels, Shapes};

/// The most pixels that all symbols of a literal of so many pixels may paint: they may overlap, but text does not.
const fn paintable(pixels: usize) -> usize {
    2 * pixels + (1 << 16)
}

/// The most different symbols of a part: 2^14.
const MAX_DEPTH: u32 = 14;

/// Fewer colours that were told before are not worth it: a part that begins with some waits for those that told them.
const FEW_COLOURS: usize = 16;

/// A symbol in a line: which, as the side names it, and where in its rectangle.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) symbol: usize,
    pub(super) left: i32,
    pub(super) bottom: i32,
}

/// Symbols side by side, standing on about the same row.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) foot: i32,
    pub(super) places: Vec<Place>,
}

/// Width and number of pixels of a symbol.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    width: usize,
    area: usize,
}

/// The symbols of a part as its writer or its reader names them.
pub(super) trait Words {
    /// The number that a symbol got when it first came in this part.
    fn number(&self, symbol: usize) -> Option<usize>;
    /// Its place in the dictionary, if it has one.
    fn place(&self, symbol: usize) -> Option<u32>;
    /// Takes one from the dictionary.
    fn take_known(&mut self, symbol: usize, place: u32) -> Result<Extent, Unfit>;
    /// A new one, as far as it is known.
    fn new_glyph(&self, symbol: usize) -> Glyph;
    /// Takes a new one.
    fn take_new(&mut self, symbol: usize, glyph: Glyph);
}

/// A writer's: it names shapes.
pub(super) struct Writing<'a> {
    shapes: &'a Shapes,
    places: &'a [u32],
    numbers: Vec<Option<u32>>,
    distinct: usize,
    taken: u32,
    new: Vec<usize>,
}

impl<'a> Writing<'a> {
    /// For a part with these lines. The first shapes have `places` in the dictionary.
    pub(super) fn new<'b>(shapes: &'a Shapes, places: &'a [u32], lines: impl Iterator<Item = &'b Line>) -> Self {
        let mut numbers = vec![None; shapes.len()];
        let mut distinct = 0;
        for place in lines.flat_map(|line| &line.places) {
            distinct += usize::from(numbers[place.symbol].replace(0).is_none());
        }
        numbers.fill(None);
        Self { shapes, places, numbers, distinct, taken: 0, new: Vec::new() }
    }

    /// How many different symbols the part has.
    pub(super) const fn distinct(&self) -> usize {
        self.distinct
    }

    /// The new shapes, in the order in which they came.
    pub(super) fn into_new(self) -> Vec<usize> {
        self.new
    }

    fn take(&mut self, shape: usize) {
        self.numbers[shape] = Some(self.taken);
        self.taken += 1;
    }
}

impl Words for Writing<'_> {
    fn number(&self, symbol: usize) -> Option<usize> {
        self.numbers[symbol].map(|number| number as usize)
    }

    fn place(&self, symbol: usize) -> Option<u32> {
        self.places.get(symbol).copied()
    }

    fn take_known(&mut self, symbol: usize, _: u32) -> Result<Extent, Unfit> {
        self.take(symbol);
        let (width, pixels) = self.shapes.get(symbol);
        Ok(Extent { width, area: pixels.len() })
    }

    fn new_glyph(&self, symbol: usize) -> Glyph {
        let (width, pixels) = self.shapes.get(symbol);
        Glyph { width, height: pixels.len() / width, pixels: pixels.to_vec() }
    }

    fn take_new(&mut self, symbol: usize, _: Glyph) {
        self.take(symbol);
        self.new.push(symbol);
    }
}

/// A reader's: it names them by the order in which they came in this part.
pub(super) struct Reading<'a> {
    known: &'a [Glyph],
    sources: Vec<Source>,
    new: Vec<Glyph>,
}

#[derive(Clone, Copy)]
enum Source {
    Known(u32),
    New(usize),
}

impl<'a> Reading<'a> {
    pub(super) const fn new(known: &'a [Glyph]) -> Self {
        Self { known, sources: Vec::new(), new: Vec::new() }
    }

    pub(super) fn glyph(&self, symbol: usize) -> Option<&Glyph> {
        match *self.sources.get(symbol)? {
            Source::Known(place) => self.known.get(place as usize),
            Source::New(number) => self.new.get(number),
        }
    }

    /// The symbols that the part has told.
    pub(super) fn into_new(self) -> Vec<Glyph> {
        self.new
    }
}

impl Words for Reading<'_> {
    fn number(&self, _: usize) -> Option<usize> {
        None
    }

    fn place(&self, _: usize) -> Option<u32> {
        None
    }

    fn take_known(&mut self, _: usize, place: u32) -> Result<Extent, Unfit> {
        let glyph = self.known.get(place as usize).ok_or(Unfit)?;
        self.sources.push(Source::Known(place));
        Ok(Extent { width: glyph.width, area: glyph.pixels.len() })
    }

    fn new_glyph(&self, _: usize) -> Glyph {
        Glyph::default()
    }

    fn take_new(&mut self, _: usize, glyph: Glyph) {
        self.sources.push(Source::New(self.new.len()));
        self.new.push(glyph);
    }
}

/// What has been learned of a part so far.
pub(super) struct Page<'a> {
    ground: Ground,
    /// The colours that were told before, if the part may use them.
    colours: Option<&'a [u32]>,
    /// What has been learned of symbols' pixels, once one has come.
    pixels: Option<Pixels>,
    /// How many pixels further symbols may paint.
    room: usize,
    /// The symbols that have come, and how far above the foot of its line each stood when it last came.
    come: Vec<(Extent, i32)>,
    which: Tree,
    /// The bits of a place in the dictionary.
    place_bits: u32,
    more_lines: Bit,
    more_places: Bit,
    is_first: [Bit; 2],
    is_known: Bit,
    foot: Number,
    /// For symbols that come first and for others.
    gap: [Number; 2],
    lift: [Number; 2],
}

impl<'a> Page<'a> {
    /// The start of a part with so many different symbols (which a reader learns here) and pixels, where a place in the
    /// dictionary has `place_bits`, and `colours` were told before.
    pub(super) fn new<S: Side>(
        side: &mut S,
        symbols: usize,
        place_bits: u32,
        colours: Option<&'a [u32]>,
        pixels: usize,
    ) -> Result<Self, Unfit> {
        let depth = side.plain(bits_of(symbols).min(MAX_DEPTH + 1), 4);
        if depth > MAX_DEPTH {
            return Err(Unfit);
        }
        Ok(Self {
            ground: Ground::new(),
            colours,
            pixels: None,
            room: paintable(pixels),
            come: Vec::new(),
            which: Tree::new(depth),
            place_bits,
            more_lines: Bit::new(),
            more_places: Bit::new(),
            is_first: [Bit::new(); 2],
            is_known: Bit::new(),
            foot: Number::new(),
            gap: [const { Number::new() }; 2],
            lift: [const { Number::new() }; 2],
        })
    }

    /// The colours that the part has told.
    pub(super) fn into_told(self) -> Vec<u32> {
        self.pixels.map_or_else(Vec::new, Pixels::into_told)
    }

    /// What has been learned of grounds.
    pub(super) const fn ground(&mut self) -> &mut Ground {
        &mut self.ground
    }

    /// Writes the lines of a rectangle, or reads them after none.
    pub(super) fn code_lines<S: Side>(
        &mut self,
        side: &mut S,
        lines: &mut Vec<Line>,
        words: &mut impl Words,
    ) -> Result<(), Unfit> {
        let (mut at, mut foot) = (0, 0);
        while side.bit(&mut self.more_lines, at < lines.len()) {
            if !S::WRITES {
                lines.push(Line::default());
            }
            let line = &mut lines[at];
            line.foot = self.foot.code_near(side, foot, line.foot);
            self.code_line(side, line, words)?;
            foot = line.foot;
            at += 1;
        }
        side.check(0)
    }

    /// A line has at least one symbol.
    fn code_line<S: Side>(&mut self, side: &mut S, line: &mut Line, words: &mut impl Words) -> Result<(), Unfit> {
        let (mut at, mut pen, mut was_first) = (0, 0, false);
        loop {
            if !S::WRITES {
                line.places.push(Place::default());
            }
            let place = &mut line.places[at];
            let number = words.number(place.symbol);
            let is_first = side.bit(&mut self.is_first[usize::from(was_first)], S::WRITES && number.is_none());
            let number = if is_first {
                self.code_first(side, place.symbol, words)?
            } else {
                self.which.code(side, number.unwrap_or_default() as u32) as usize
            };
            if !S::WRITES {
                place.symbol = number;
            }
            let (extent, lift) = self.come.get_mut(number).ok_or(Unfit)?;
            self.room = self.room.checked_sub(extent.area).ok_or(Unfit)?;
            let kind = usize::from(is_first);
            *lift = self.lift[kind].code_near(side, *lift, line.foot.wrapping_sub(place.bottom));
            place.bottom = line.foot.wrapping_sub(*lift);
            place.left = self.gap[kind].code_near(side, pen, place.left);
            pen = place.left.wrapping_add(extent.width as i32);
            (at, was_first) = (at + 1, is_first);
            if !side.bit(&mut self.more_places, at < line.places.len()) {
                return Ok(());
            }
        }
    }

    /// A symbol that has not come yet in this part; its number.
    fn code_first<S: Side>(&mut self, side: &mut S, symbol: usize, words: &mut impl Words) -> Result<usize, Unfit> {
        let place = words.place(symbol);
        let extent = if side.bit(&mut self.is_known, S::WRITES && place.is_some()) {
            let place = side.plain(place.unwrap_or_default(), self.place_bits);
            words.take_known(symbol, place)?
        } else {
            let mut glyph = words.new_glyph(symbol);
            self.code_glyph(side, &mut glyph)?;
            let extent = Extent { width: glyph.width, area: glyph.pixels.len() };
            words.take_new(symbol, glyph);
            extent
        };
        self.come.push((extent, 0));
        Ok(self.come.len() - 1)
    }
    /// A new symbol. The first one says with how many colours the part begins: a reader may have been told more since.
    fn code_glyph<S: Side>(&mut self, side: &mut S, glyph: &mut Glyph) -> Result<(), Unfit> {
        let pixels = match &mut self.pixels {
            Some(pixels) => pixels,
            None => {
                let known = match self.colours {
                    Some(known) => {
                        let worth = if known.len() < FEW_COLOURS { 0 } else { known.len() };
                        let count = side.plain(worth as u32, COLOUR_BITS) as usize;
                        known.get(..count).ok_or(Unfit)?
                    }
                    None => &[],
                };
                self.pixels.insert(Pixels::new(known))
            }
        };
        pixels.code(side, glyph)
    }
}
