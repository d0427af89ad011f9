//! The uniforms of shaders, laid out as `struct Frame` in `shaders/common.wgsl`.

use crate::config::{Canvas, Slice};
use crate::moment::Moment;
use crate::scenes::{Card, GLYPHS, Glyph, Scene};

/// The uniforms of shaders.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
pub struct Uniforms {
    canvas: [f32; 2],
    origin: [f32; 2],
    scale: [f32; 2],
    opacity: f32,
    time: f32,
    beats: f32,
    beat: f32,
    bar: f32,
    phrase: f32,
    trust: f32,
    level: f32,
    centroid: f32,
    beats_per_bar: f32,
    onset: [f32; 4],
    onset_count: [f32; 4],
    bands: [f32; 8],
    mel: [f32; 32],
    caps: [f32; 32],
    past: [[f32; 32]; 8],
    past_phase: f32,
    seed: u32,
    number: u32,
    // Padding to a multiple of 16 bytes, as WGSL requires.
    spare: u32,
    parameters: [f32; Scene::PARAMETERS],
    slice: [f32; 4],
    text: [Glyph; GLYPHS],
}

/// The part of the canvas to draw, and its size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// The whole picture.
    pub canvas: Canvas,
    /// Its part.
    pub slice: Slice,
    /// Pixels drawn for it, from left to right and from top to bottom.
    pub pixels: [u32; 2],
}

impl View {
    /// A slice, pixel by pixel.
    pub fn of(canvas: Canvas, slice: Slice) -> Self {
        Self { canvas, slice, pixels: [slice.width, slice.height] }
    }

    /// The whole canvas at another size.
    pub fn whole(canvas: Canvas, pixels: [u32; 2]) -> Self {
        Self { canvas, slice: Slice { x: 0, y: 0, width: canvas.width, height: canvas.height }, pixels }
    }
}

impl Uniforms {
    /// The numbers of a moment, for a part of the canvas. The layer comes with [`on_layer`](Self::on_layer).
    pub fn new(moment: &Moment, view: &View, seed: u32) -> Self {
        let View { canvas, slice, pixels } = *view;
        let (time, line, audio) = (moment.time, &moment.timeline, &moment.audio);
        Self {
            canvas: [canvas.width as f32, canvas.height as f32],
            origin: [slice.x as f32, slice.y as f32],
            scale: [slice.width as f32 / pixels[0] as f32, slice.height as f32 / pixels[1] as f32],
            time: moment.seconds(),
            beats: moment.beats(),
            beat: line.beat_phase(time) as f32,
            bar: line.bar_phase(time) as f32,
            phrase: line.phrase_phase(time) as f32,
            trust: audio.trust,
            level: audio.level,
            centroid: audio.centroid,
            beats_per_bar: f32::from(line.beats_per_bar),
            onset: audio.onset,
            onset_count: audio.onset_count,
            bands: audio.bands,
            mel: audio.mel,
            caps: audio.peaks,
            past: audio.past,
            past_phase: moment.past_phase(),
            seed,
            slice: [slice.x, slice.y, slice.width, slice.height].map(|length| length as f32),
            ..bytemuck::Zeroable::zeroed()
        }
    }

    /// With a layer's opacity and parameters.
    pub fn on_layer(mut self, opacity: f32, parameters: [f32; Scene::PARAMETERS]) -> Self {
        (self.opacity, self.parameters) = (opacity, parameters);
        self
    }

    /// With a test card's text and the frame's number.
    pub fn with_card(mut self, card: &Card, frame: i64) -> Self {
        (self.text, self.number) = (card.glyphs(frame), frame as u32);
        self
    }

    /// Everything that must be equal on all nodes: all except the slice, its drawn size, and the node's own text.
    pub fn alike(&self) -> Self {
        let ([origin, scale], slice, text, number) = ([[0.0; 2]; 2], [0.0; 4], [[0; 2]; GLYPHS], 0);
        Self { origin, scale, slice, text, number, ..*self }
    }

    /// The offset of each part, by its name in the shader.
    #[cfg(test)]
    pub const OFFSETS: &[(&str, usize)] = &[
        ("canvas", std::mem::offset_of!(Self, canvas)),
        ("opacity", std::mem::offset_of!(Self, opacity)),
        ("beats", std::mem::offset_of!(Self, beats)),
        ("trust", std::mem::offset_of!(Self, trust)),
        ("onset", std::mem::offset_of!(Self, onset)),
        ("bands", std::mem::offset_of!(Self, bands)),
        ("mel", std::mem::offset_of!(Self, mel)),
        ("caps", std::mem::offset_of!(Self, caps)),
        ("past", std::mem::offset_of!(Self, past)),
        ("past_phase", std::mem::offset_of!(Self, past_phase)),
        ("seed", std::mem::offset_of!(Self, seed)),
        ("number", std::mem::offset_of!(Self, number)),
        ("parameters", std::mem::offset_of!(Self, parameters)),
        ("slice", std::mem::offset_of!(Self, slice)),
        ("text", std::mem::offset_of!(Self, text)),
    ];
}
