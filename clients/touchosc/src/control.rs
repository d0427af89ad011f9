//! One control of a layout.

/// A colour: red, green, blue, opacity, each `[0, 1]`.
pub type Colour = [f32; 4];

/// The place of a control, in points from the upper left corner of its parent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Frame {
    /// The frame split into equal columns with gaps.
    pub fn columns(self, count: usize, gap: f32) -> impl Iterator<Item = Self> {
        let w = (self.w - gap * (count as f32 - 1.0)) / count.max(1) as f32;
        (0..count).map(move |column| Self { x: (self.x + (w + gap) * column as f32).round(), w: w.floor(), ..self })
    }

    /// The frame split into equal rows with gaps.
    pub fn rows(self, count: usize, gap: f32) -> impl Iterator<Item = Self> {
        let h = (self.h - gap * (count as f32 - 1.0)) / count.max(1) as f32;
        (0..count).map(move |row| Self { y: (self.y + (h + gap) * row as f32).round(), h: h.floor(), ..self })
    }
}

/// One control.
#[derive(Clone, Debug)]
pub struct Control {
    /// Its unique name in TouchOSC's editor.
    pub name: String,
    /// Its place.
    pub frame: Frame,
    /// Its colour. TouchOSC darkens it while the control is at rest.
    pub colour: Colour,
    /// Its kind.
    pub kind: Kind,
    /// The message that it sends or receives, if any.
    pub message: Option<Message>,
}

/// Kinds of control.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Text, possibly set by a message.
    Label {
        /// Its initial text.
        text: String,
        /// Height of its letters in points.
        size: f32,
        /// Its alignment.
        align: Align,
    },
    /// Text on a background, hidden until the script shows it.
    Banner {
        /// Its text.
        text: String,
        /// Height of its letters in points.
        size: f32,
    },
    /// A lamp, not interactive.
    Lamp,
    /// On while it is touched.
    Button,
    /// Like `Button`, but invisible: it lies over a lamp that shows the result.
    Pad,
    /// A toggle.
    Switch,
    /// Moved by hand and by the show. Horizontal if it is wider than high.
    Fader,
    /// Like a fader, but not interactive.
    Meter,
}

impl Kind {
    /// Whether it is interactive.
    pub fn is_touched(&self) -> bool {
        matches!(self, Self::Button | Self::Pad | Self::Switch | Self::Fader)
    }
}

/// The alignment of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left.
    Left,
    /// Centre.
    Centre,
}

/// A message that a control sends or receives.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The OSC address.
    pub address: String,
    /// Its argument.
    pub argument: Argument,
    /// Whether it is sent on touch.
    pub send: bool,
    /// Whether the control follows it.
    pub receive: bool,
}

/// The argument of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// The control's own value, mapped to this range.
    Value([f32; 2]),
    /// A constant number, on press.
    Number(f32),
    /// A constant word, on press.
    Word(String),
    /// A label's text.
    Text,
    /// A number in this range, smoothed by the script.
    Smoothed([f32; 2]),
    /// A text; the script lights the control while it is this word.
    Is(String),
}

impl Argument {
    /// Whether the script follows it, rather than TouchOSC itself.
    pub fn is_scripted(&self) -> bool {
        matches!(self, Self::Smoothed(_) | Self::Is(_))
    }
}

impl Message {
    /// Sent only.
    pub fn send(address: &str, argument: Argument) -> Self {
        Self { address: address.into(), argument, send: true, receive: false }
    }

    /// Received only.
    pub fn receive(address: &str, argument: Argument) -> Self {
        Self { address: address.into(), argument, send: false, receive: true }
    }
}
