//! One control of a layout.

/// A colour: red, green, blue, opacity, each `[0, 1]`.
pub type Colour = [f32; 4];

/// Where a control is, in points from the upper left corner.
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
    /// What the picture on the page shows: 0 at rest, 1 lit or full.
    pub example: f32,
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
    },
    /// Lights up when it is told to; not to be touched.
    Lamp,
    /// On while it is touched.
    Button,
    /// As `Button`, but not to be seen: it lies over a lamp that shows what came of the touch.
    Pad,
    /// On and off by turns.
    Switch,
    /// Moved by hand and by the show. It lies from left to right when it is wider than high.
    Fader,
    /// As a fader, but not to be touched.
    Meter,
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Argument {
    /// The control's own value; its ends become these.
    Value([f32; 2]),
    /// Always this, when the control is pressed.
    Constant(f32),
    /// A label's text.
    Text,
}
