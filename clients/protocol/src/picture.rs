//! What a node's picture comes down to: enough to tell whether two nodes show the same at the same moment.

use serde::{Deserialize, Serialize};

/// Parts of each border.
pub const PARTS: usize = 16;

/// The picture that a node showed at a whole second of the show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Picture {
    /// The moment that it shows, in nanoseconds of show time: a whole second, so that nodes of any frame rate have it.
    pub moment: i64,
    /// How late after that moment it was handed over to the display, in milliseconds; the display's own latency, which
    /// the node makes up for, taken off.
    pub late_ms: f64,
    /// The fingerprint of all that went into it but the slice, as 16 hexadecimal digits: equal on every node. Empty when
    /// the node had to draw from less than all.
    pub made_of: String,
    /// The fingerprint of its luma, pixel by pixel: equal on nodes with the same slice and the same adapter. Empty when
    /// nothing could be read back.
    pub luma: String,
    /// The canvas, width and height in pixels.
    pub canvas: [u32; 2],
    /// The part of it: x, y, width, height.
    pub slice: [u32; 4],
    /// The graphics adapter.
    pub adapter: String,
    /// How bright its borders are.
    pub edges: Edges,
}

/// The mean luma of [`PARTS`] equal parts of each border, `[0, 255]`. Empty when nothing could be read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Edges {
    /// The leftmost column, from the top.
    pub left: Vec<u8>,
    /// The rightmost column, from the top.
    pub right: Vec<u8>,
    /// The uppermost row, from the left.
    pub upper: Vec<u8>,
    /// The lowest row, from the left.
    pub lower: Vec<u8>,
}
