//! The picture of a frame: all layers of the show, blended on this node's slice.

use crate::config::{Canvas, Slice};
use crate::digest::Fingerprint;
use crate::feed::Feed;
use crate::gpu::{Gpu, GpuError, Half, Image, Memory, Pipelines, Readback, Ticks, Uniforms, View};
use crate::moment::{Moment, scalar};
use crate::presence::Presence;
use crate::scenes::{Card, SAFE, Scene, TEST_CARD};
use downbeat_protocol::{Blend, Layer, ShowState, ShowTime};
use std::collections::HashMap;

/// All inputs of a frame. Two painters with the same inputs draw the same canvas.
pub struct Frame<'a> {
    /// The frame's number.
    pub number: i64,
    /// The moment that it shows.
    pub time: ShowTime,
    /// The state of the show.
    pub state: &'a ShowState,
    /// The audio signals.
    pub feed: &'a dyn Feed,
    /// How long before a moment its rows were heard, in nanoseconds.
    pub delay_ns: i64,
    /// Whether all of this is final, so that every node draws the same frame.
    pub sure: bool,
    /// The presence of the daemon.
    pub presence: Presence,
    /// The node's text on test cards.
    pub card: &'a Card,
    /// Show a test card instead of the layers.
    pub only_card: bool,
}

/// Draws the frames of one slice in sequence.
pub struct Painter {
    gpu: Gpu,
    view: View,
    pipelines: Pipelines,
    picture: wgpu::Texture,
    picture_view: wgpu::TextureView,
    readback: Option<Readback>,
    /// Whether the picture being read is that of a blackout.
    reads_black: bool,
    /// By layer, with its scene and seed.
    memories: HashMap<String, ((&'static str, u32), Memory)>,
    /// The frozen moment in the picture.
    frozen: Option<ShowTime>,
    black: bool,
    /// Whether every other node has the same.
    surely_black: bool,
    /// The fingerprint of the picture's inputs, and whether every other node has the same.
    made_of: Fingerprint,
    sure: bool,
}

impl Painter {
    /// For a slice of a canvas.
    pub fn new(gpu: Gpu, canvas: Canvas, slice: Slice) -> Self {
        let size = wgpu::Extent3d { width: slice.width, height: slice.height, depth_or_array_layers: 1 };
        let usage = wgpu::TextureUsages::RENDER_ATTACHMENT
            | wgpu::TextureUsages::COPY_SRC
            | wgpu::TextureUsages::TEXTURE_BINDING;
        let picture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("picture"),
            size,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: crate::gpu::CANVAS_FORMAT,
            usage,
            view_formats: &[],
        });
        let picture_view = picture.create_view(&Default::default());
        Self {
            view: View::of(canvas, slice),
            pipelines: Pipelines::new(&gpu),
            picture,
            picture_view,
            readback: None,
            reads_black: false,
            memories: HashMap::new(),
            frozen: None,
            black: false,
            surely_black: false,
            made_of: Fingerprint::default(),
            sure: false,
            gpu,
        }
    }

    /// Draws a frame. A blackout keeps everything below it ready to return.
    pub fn draw(&mut self, frame: &Frame<'_>) {
        self.black = frame.state.blackout;
        if self.black {
            self.surely_black = frame.sure;
            return;
        }
        // Drawn again only if it can be what the others show.
        if self.stands_still(frame.state) && (self.sure || !frame.sure) {
            return;
        }
        self.frozen = frame.state.frozen;
        (self.made_of, self.sure) = (Fingerprint::default(), frame.sure);
        // Every node stops at the same moment, even one that learns of it late.
        let time = self.frozen.map_or(frame.time, |frozen| frozen.min(frame.time));
        let moment = Moment::read(frame.feed, time, frame.delay_ns, frame.presence.values(), true);
        let uniforms = Uniforms::new(&moment, &self.view, frame.state.seed).with_card(frame.card, frame.number);
        self.made_of.take(bytemuck::bytes_of(&uniforms.alike()));
        self.made_of.take_number(u64::from(frame.presence.safe().to_bits()));
        self.pipelines.clear(&self.gpu, &self.picture_view);
        if frame.only_card {
            let uniforms = uniforms.on_layer(1.0, Default::default());
            self.pipelines.lay(&self.gpu, (&TEST_CARD, Blend::Normal), &uniforms, &self.picture_view, None);
            return;
        }
        let layers = &frame.state.layers;
        self.memories.retain(|name, _| layers.iter().any(|layer| layer.name == *name));
        layers.iter().for_each(|layer| self.draw_layer(frame, layer, &moment, &uniforms));
        let safe = if layers.is_empty() { 1.0 } else { frame.presence.safe() };
        if safe > 0.0 {
            let uniforms = uniforms.on_layer(safe, Default::default());
            self.pipelines.lay(&self.gpu, (&SAFE, Blend::Normal), &uniforms, &self.picture_view, None);
        }
    }

    /// Whether the picture already shows a frozen moment, as on every other node.
    pub fn stands_still_surely(&self, state: &ShowState) -> bool {
        self.sure && self.stands_still(state)
    }

    fn stands_still(&self, state: &ShowState) -> bool {
        self.frozen.is_some() && self.frozen == state.frozen
    }

    /// The fingerprint of the picture's inputs: everything except the slice. None if another node may have drawn it
    /// from other inputs, because not all were final.
    pub fn made_of(&self) -> Option<u64> {
        if self.black { self.surely_black.then_some(0) } else { self.sure.then(|| self.made_of.value()) }
    }

    /// Starts reading the picture back; [`take`](Self::take) returns it when ready. Does not wait.
    pub fn begin_read(&mut self) {
        self.reads_black = self.black;
        if !self.black {
            let readback = self.readback.get_or_insert_with(|| Readback::new(&self.gpu, self.picture.size()));
            readback.begin(&self.gpu, &self.picture);
        }
    }

    /// The picture being read back, once ready.
    pub fn take(&mut self) -> Option<Image> {
        if self.reads_black {
            return Some(Image::black(self.picture.width(), self.picture.height()));
        }
        self.readback.as_mut()?.take(&self.gpu)
    }

    /// The picture as bytes.
    ///
    /// # Errors
    /// [`GpuError::Lost`]: everything must be recreated.
    pub fn read(&mut self) -> Result<Image, GpuError> {
        if self.black {
            return Ok(Image::black(self.picture.width(), self.picture.height()));
        }
        let readback = self.readback.get_or_insert_with(|| Readback::new(&self.gpu, self.picture.size()));
        readback.read(&self.gpu, &self.picture)
    }

    /// The picture as a texture, to show it; none in a blackout.
    pub fn picture(&self) -> Option<&wgpu::TextureView> {
        (!self.black).then_some(&self.picture_view)
    }

    /// The picture's size.
    pub fn pixels(&self) -> [u32; 2] {
        self.view.pixels
    }

    /// Its adapter.
    pub fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    fn draw_layer(&mut self, frame: &Frame<'_>, layer: &Layer, moment: &Moment, uniforms: &Uniforms) {
        // The daemon refuses unknown scenes; one from a newer daemon shows the safe look.
        let scene = Scene::find(&layer.scene).unwrap_or(&SAFE);
        let schema = frame.feed.schema();
        let mapped = scalar(schema, &moment.row, &format!("param.{}.opacity", layer.name)).unwrap_or(1.0);
        // A fade runs in row time, like the parameters.
        let set = frame.state.opacity(layer, moment.time.offset(-frame.delay_ns));
        let opacity = (set * mapped).clamp(0.0, 1.0);
        if opacity <= 0.0 {
            // An invisible memory is not updated: it is replayed when the layer returns.
            self.memories.remove(&layer.name);
            return;
        }
        if scene.remembers {
            self.remember(frame, layer, scene, moment.time);
        } else {
            self.memories.remove(&layer.name);
        }
        let uniforms = uniforms.on_layer(opacity, scene.values(&layer.name, schema, &moment.row));
        let memory = self.memories.get(&layer.name).map(|(_, memory)| memory.shown());
        self.made_of.take(layer.name.as_bytes());
        self.made_of.take(scene.name.as_bytes());
        self.made_of.take(layer.blend.name().as_bytes());
        self.made_of.take(bytemuck::bytes_of(&uniforms.alike()));
        self.made_of.take_number(memory.map_or(0, Half::made_of));
        let memory = memory.map(Half::current);
        self.pipelines.lay(&self.gpu, (scene, layer.blend), &uniforms, &self.picture_view, memory);
    }

    /// Brings a layer's memory to a moment.
    fn remember(&mut self, frame: &Frame<'_>, layer: &Layer, scene: &'static Scene, time: ShowTime) {
        let by = (scene.name, frame.state.seed);
        let kept = self.memories.remove(&layer.name).filter(|(of, _)| *of == by);
        let (_, mut memory) = kept.unwrap_or_else(|| (by, Memory::new(&self.gpu, &self.pipelines, self.view.canvas)));
        let ticks = memory.advance(time, frame.sure);
        let view = View::whole(self.view.canvas, memory.pixels());
        for tick in ticks.range {
            let time = Ticks::time_of(tick);
            let moment = Moment::read(frame.feed, time, frame.delay_ns, frame.presence.values(), false);
            let values = scene.values(&layer.name, frame.feed.schema(), &moment.row);
            let uniforms = Uniforms::new(&moment, &view, frame.state.seed).on_layer(1.0, values);
            for (half, anew) in memory.halves(tick) {
                if anew {
                    self.pipelines.clear(&self.gpu, half.current_view());
                }
                half.take(bytemuck::bytes_of(&uniforms.alike()));
                self.pipelines.remember(&self.gpu, scene, &uniforms, half.turn());
            }
        }
        self.memories.insert(layer.name.clone(), (by, memory));
    }
}
