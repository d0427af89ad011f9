//! What a node's picture comes down to: enough to tell whether two nodes show the same at the same moment.

use serde::{Deserialize, Serialize};

/// Parts of each border.
pub const PARTS: usize = 16;
/// The longest name of an adapter, in bytes. Vulkan's have 256 at most (`VK_MAX_PHYSICAL_DEVICE_NAME_SIZE`).
const LONGEST_ADAPTER: usize = 256;

/// The picture that a node showed at a whole second of the show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Picture {
    /// The moment that it shows, in nanoseconds of show time: a whole second, so that nodes of any frame rate have it.
    pub moment: i64,
    /// How late after that moment it was handed over to the display, in milliseconds; the display's own latency, which
    /// the node makes up for, taken off.
    pub late_ms: f64,
    /// The fingerprint of all that went into it but the slice, as 16 hexadecimal digits: equal on every node. Empty
    /// when the node had to draw from less than all.
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

impl Picture {
    /// Whether it is what a node would say: short texts of letters, and no more parts than there are.
    pub fn is_sound(&self) -> bool {
        let short = |text: &str, most: usize| text.len() <= most && !text.chars().any(char::is_control);
        let Edges { left, right, upper, lower } = &self.edges;
        let texts = short(&self.made_of, 16) && short(&self.luma, 16) && short(&self.adapter, LONGEST_ADAPTER);
        texts && self.late_ms.is_finite() && [left, right, upper, lower].iter().all(|edge| edge.len() <= PARTS)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_node_would_say_is_not_sound() {
        let picture = || Picture { adapter: "card".into(), made_of: "00ff".into(), ..Picture::default() };
        assert!(picture().is_sound());
        let long = Picture { adapter: "x".repeat(257), ..picture() };
        let torn = Picture { adapter: "card\n".into(), ..picture() };
        let wide = Picture { edges: Edges { left: vec![0; 17], ..Edges::default() }, ..picture() };
        let print = Picture { luma: "0".repeat(17), ..picture() };
        let never = Picture { late_ms: f64::NAN, ..picture() };
        assert!([long, torn, wide, print, never].iter().all(|picture| !picture.is_sound()));
    }
}
