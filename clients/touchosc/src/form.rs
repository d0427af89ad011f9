//! Formats of a layout: a tablet in landscape, a phone in portrait.

use crate::control::Frame;

/// Rows of a page.
pub const ROWS: usize = 22;
/// Gap between controls, in points.
pub const GAP: f32 = 8.0;
/// Margin around everything, in points.
const EDGE: f32 = 8.0;
/// Height of the page tabs, in points.
pub const TABS: f32 = 46.0;

/// The format of a layout. TouchOSC scales it to the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A tablet in landscape.
    Tablet,
    /// A phone in portrait.
    Phone,
}

impl Form {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tablet, Self::Phone];

    /// Its name: `tablet`, `phone`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tablet => "tablet",
            Self::Phone => "phone",
        }
    }

    /// The whole screen.
    pub fn frame(self) -> Frame {
        let [w, h] = match self {
            Self::Tablet => [1024.0, 768.0],
            Self::Phone => [390.0, 844.0],
        };
        Frame { x: 0.0, y: 0.0, w, h }
    }

    /// Columns of a page, each as wide as a thumb.
    pub fn columns(self) -> usize {
        match self {
            Self::Tablet => 12,
            Self::Phone => 6,
        }
    }

    /// The header above the pages.
    pub fn header(self) -> Frame {
        let h = match self {
            Self::Tablet => 92.0,
            Self::Phone => 124.0,
        };
        Frame { x: EDGE, y: EDGE, w: self.frame().w - 2.0 * EDGE, h }
    }

    /// The tabs and the page below them.
    pub fn pager(self) -> Frame {
        let y = self.header().h + 2.0 * EDGE;
        Frame { y, h: self.frame().h - y, ..self.frame() }
    }

    /// A page, inside the pager.
    pub fn page(self) -> Frame {
        Frame { y: TABS, h: self.pager().h - TABS, ..self.frame() }
    }

    /// The frame of some cells, inside the page.
    pub fn cells(self, column: usize, row: usize, wide: usize, high: usize) -> Frame {
        let page = self.page();
        let step = [(page.w - 2.0 * EDGE + GAP) / self.columns() as f32, (page.h - 2.0 * EDGE + GAP) / ROWS as f32];
        let edge = |cell: usize, step: f32| (EDGE + cell as f32 * step).round();
        let [x, y] = [edge(column, step[0]), edge(row, step[1])];
        Frame { x, y, w: edge(column + wide, step[0]) - GAP - x, h: edge(row + high, step[1]) - GAP - y }
    }
}
