//! Pictures of screens, and where things are in them.

use beside_protocol::frame::Point;

/// What to look for: the largest connected area of a colour, as a button is.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// `0x00RRGGBB`.
    pub colour: u32,
    /// The least number of its pixels.
    pub least: usize,
}

/// A picture of a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    pixels: Vec<u32>,
}

impl Picture {
    /// A picture of `0x00RRGGBB`, row after row of `width` pixels.
    pub(super) fn new(width: u32, pixels: Vec<u32>) -> Self {
        Self { width: width as usize, pixels }
    }

    /// The pixel at a place.
    pub fn at(&self, x: u32, y: u32) -> u32 {
        self.pixels[y as usize * self.width + x as usize]
    }

    /// How many pixels have a colour, as those of words do.
    pub fn count(&self, colour: u32) -> usize {
        self.pixels.iter().filter(|&&pixel| pixel == colour).count()
    }

    /// How many pixels differ from another picture of the same size.
    pub fn difference(&self, other: &Self) -> usize {
        assert_eq!((self.width, self.pixels.len()), (other.width, other.pixels.len()), "pictures of one size");
        self.pixels.iter().zip(&other.pixels).filter(|(a, b)| a != b).count()
    }

    /// The middle of the box around an area, if it is there.
    pub fn find(&self, area: Area) -> Option<Point> {
        let mut left: Vec<bool> = self.pixels.iter().map(|&pixel| pixel == area.colour).collect();
        let mut best = (0, Point::default());
        for start in 0..left.len() {
            if left[start] {
                let found = self.take_area(&mut left, start);
                if found.0 > best.0 {
                    best = found;
                }
            }
        }
        (best.0 >= area.least.max(1)).then_some(best.1)
    }

    /// Removes the connected area around `start` from `left`; gives its pixels' number and the middle of the box around it.
    fn take_area(&self, left: &mut [bool], start: usize) -> (usize, Point) {
        let (mut count, mut open) = (0, vec![start]);
        let (mut low, mut high) = ((usize::MAX, usize::MAX), (0, 0));
        while let Some(at) = open.pop() {
            if !std::mem::take(&mut left[at]) {
                continue;
            }
            count += 1;
            let (x, y) = (at % self.width, at / self.width);
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
            let sides = [(x > 0).then(|| at - 1), (x + 1 < self.width).then_some(at + 1)];
            let ends = [at.checked_sub(self.width), Some(at + self.width)];
            open.extend(sides.into_iter().chain(ends).flatten().filter(|&next| left.get(next) == Some(&true)));
        }
        let middle = |low: usize, high: usize| u32::try_from(low.midpoint(high + 1)).unwrap();
        (count, Point { x: middle(low.0, high.0), y: middle(low.1, high.1) })
    }
}

#[test]
fn the_largest_area_is_found() {
    let picture = Picture::new(4, [7, 0, 0, 0, 0, 7, 7, 0, 0, 7, 7, 0].to_vec());
    assert_eq!(picture.find(Area { colour: 7, least: 4 }), Some(Point { x: 2, y: 2 }));
    assert_eq!(picture.find(Area { colour: 7, least: 5 }), None);
}
