//! One control of a layout.

/// A colour: red, green, blue, opacity, each `[0, 1]`.
pub type Colour = [f32; 4];

/// Where a control is, in points from the upper left corner of what it lies in.
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
    /// Its name in TouchOSC's editor; unique.
    pub name: String,
    /// Where it is.
    pub frame: Frame,
    /// Its colour. TouchOSC darkens it while the control is at rest.
    pub colour: Colour,
    /// What it is.
    pub kind: Kind,
    /// What it sends or receives, if anything.
    pub message: Option<Message>,
}

/// What a control is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Text, which a message may change.
    Label {
        /// What it says at first.
        text: String,
        /// Height of its letters in points.
        size: f32,
        /// Where in its frame the text stands.
        align: Align,
    },
    /// Text on a ground, hidden until the script shows it.
    Banner {
        /// What it says.
        text: String,
        /// Height of its letters in points.
        size: f32,
    },
    /// Lights up when it is told to; not to be touched.
    Lamp,
    /// On while it is touched.
    Button,
    /// As `Button`, but invisible: it lies over a lamp that shows what came of the touch.
    Pad,
    /// On and off by turns.
    Switch,
    /// Moved by hand and by the show. It lies from left to right when it is wider than high.
    Fader,
    /// As a fader, but not to be touched.
    Meter,
}

impl Kind {
    /// Whether fingers move it.
    pub fn is_touched(&self) -> bool {
        matches!(self, Self::Button | Self::Pad | Self::Switch | Self::Fader)
    }
}

/// Where the text of a label stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Centre,
}

/// What a control sends or receives.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The OSC address.
    pub address: String,
    /// Its argument.
    pub argument: Argument,
    /// Sends it when touched.
    pub send: bool,
    /// Follows it when it comes.
    pub receive: bool,
}

/// The argument of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// The control's own value; its ends become these.
    Value([f32; 2]),
    /// Always this number, when the control is pressed.
    Number(f32),
    /// Always this word, when the control is pressed.
    Word(String),
    /// A label's text.
    Text,
    /// A number between these, which the script smooths.
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
