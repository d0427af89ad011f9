//! A scene's memory: its last picture of the whole canvas, at a size that follows from the canvas alone.
//!
//! It advances in ticks of show time, tick n at n / [`TICK_RATE`] seconds, each from the rows of that moment. A scene's
//! memory fades to nothing within [`SPAN`] ticks (the scene's promise), so a node that starts, or has fallen behind,
//! replays the last ones from its stored rows, and shows what all others show.
//!
//! Nothing visible, that is: the last bits of a picture may remain. For bit-identical pictures on all nodes, a memory
//! has two halves that restart in turn, one at each multiple of [`SPAN`], and shows the older one. The picture depends
//! only on the ticks since that one restarted, between one and two spans ago.

use super::format::MEMORY_FORMAT;
use super::{Gpu, Pipelines};
use crate::config::Canvas;
use crate::digest::Fingerprint;
use downbeat_protocol::ShowTime;
use std::ops::Range;

/// Ticks per second.
pub const TICK_RATE: i64 = 60;
/// Ticks after which a picture has faded completely: two seconds.
pub const SPAN: i64 = 2 * TICK_RATE;
/// Maximum pixels of a memory. Its content is soft; each frame redraws what must be sharp.
const MOST_PIXELS: f64 = 960.0 * 540.0;

/// The ticks that bring a memory to a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticks {
    /// Whether to clear it first.
    pub afresh: bool,
    /// The ticks to take, in order; may be empty.
    pub range: Range<i64>,
}

impl Ticks {
    /// From the last tick, if any, to a moment of the show. Never more than twice [`SPAN`].
    pub fn to(last: Option<i64>, time: ShowTime) -> Self {
        let target = (i128::from(time.0) * i128::from(TICK_RATE)).div_euclid(1_000_000_000) as i64;
        match last {
            Some(last) if last <= target && target - last < SPAN => Self { afresh: false, range: last + 1..target + 1 },
            _ => Self { afresh: true, range: (target.div_euclid(SPAN) - 1) * SPAN..target + 1 },
        }
    }

    /// The moment of a tick.
    pub fn time_of(tick: i64) -> ShowTime {
        ShowTime((i128::from(tick) * 1_000_000_000 / i128::from(TICK_RATE)) as i64)
    }

    /// How far back the memory of a moment reaches.
    pub fn begin(time: ShowTime) -> ShowTime {
        Self::time_of(Self::to(None, time).range.start)
    }
}

/// Two halves; the older one is shown.
#[derive(Debug)]
pub struct Memory {
    pixels: [u32; 2],
    halves: [Half; 2],
    last: Option<i64>,
    /// Whether it was drawn only from final input.
    sure: bool,
}

/// Two pictures; each tick draws one from the other.
#[derive(Debug)]
pub struct Half {
    views: [wgpu::TextureView; 2],
    /// The bindings for reading either.
    bindings: [wgpu::BindGroup; 2],
    current: usize,
    /// Whether it has started: before that its ticks are useless.
    begun: bool,
    /// The fingerprint of all its inputs since then.
    made_of: Fingerprint,
}

impl Memory {
    /// An empty memory for a canvas.
    pub fn new(gpu: &Gpu, pipelines: &Pipelines, canvas: Canvas) -> Self {
        let pixels = Self::size(canvas);
        let halves = [0, 1].map(|_| Half::new(gpu, pipelines, pixels));
        Self { pixels, halves, last: None, sure: true }
    }

    /// Half of the canvas in each direction, or less if that exceeds the maximum.
    fn size(canvas: Canvas) -> [u32; 2] {
        let [width, height] = [f64::from(canvas.width), f64::from(canvas.height)];
        let scale = (MOST_PIXELS / (width * height)).sqrt().min(0.5);
        [width, height].map(|length| ((length * scale).round() as u32).max(1))
    }

    /// Its size.
    pub fn pixels(&self) -> [u32; 2] {
        self.pixels
    }

    /// The ticks that bring it to a moment, counted as done: each must be drawn on both [`halves`](Self::halves).
    ///
    /// `sure` tells whether their input is final. A memory drawn from anything else replays everything as soon as it
    /// can be sure.
    pub fn advance(&mut self, time: ShowTime, sure: bool) -> Ticks {
        let ticks = Ticks::to(self.last.filter(|_| self.sure || !sure), time);
        self.sure = sure && (ticks.afresh || self.sure);
        self.last = Some(ticks.range.end - 1);
        if ticks.afresh {
            self.halves.iter_mut().for_each(|half| half.begun = false);
        }
        ticks
    }

    /// The halves for a tick, and whether the first restarts with it.
    pub fn halves(&mut self, tick: i64) -> impl Iterator<Item = (&mut Half, bool)> {
        let begins = (tick.rem_euclid(SPAN) == 0).then(|| usize::from(tick.div_euclid(SPAN).rem_euclid(2) == 1));
        let halves = self.halves.iter_mut().enumerate().map(move |(place, half)| (half, begins == Some(place)));
        halves.filter_map(|(half, anew)| {
            if anew {
                (half.begun, half.made_of) = (true, Fingerprint::default());
            }
            half.begun.then_some((half, anew))
        })
    }

    /// The result of the last tick.
    pub fn shown(&self) -> &Half {
        let older = self.last.unwrap_or(0).div_euclid(SPAN).rem_euclid(2) == 0;
        &self.halves[usize::from(older)]
    }
}

impl Half {
    fn new(gpu: &Gpu, pipelines: &Pipelines, pixels: [u32; 2]) -> Self {
        let size = wgpu::Extent3d { width: pixels[0], height: pixels[1], depth_or_array_layers: 1 };
        let views = [0, 1].map(|_| {
            let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::RENDER_ATTACHMENT;
            let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
                label: Some("memory"),
                size,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: MEMORY_FORMAT,
                usage,
                view_formats: &[],
            });
            texture.create_view(&wgpu::TextureViewDescriptor::default())
        });
        let bindings = [&views[0], &views[1]].map(|view| pipelines.bind_memory(gpu, view));
        Self { views, bindings, current: 0, begun: false, made_of: Fingerprint::default() }
    }

    /// The target and the source of the next tick; afterwards, the new picture is the current one.
    pub fn turn(&mut self) -> (&wgpu::TextureView, &wgpu::BindGroup) {
        let from = self.current;
        self.current = 1 - from;
        (&self.views[self.current], &self.bindings[from])
    }

    /// Records the input of a tick.
    pub fn take(&mut self, ingredients: &[u8]) {
        self.made_of.take(ingredients);
    }

    /// The inputs of all ticks since the start.
    pub fn made_of(&self) -> u64 {
        self.made_of.value()
    }

    /// The binding for reading the current picture.
    pub fn current(&self) -> &wgpu::BindGroup {
        &self.bindings[self.current]
    }

    /// The current picture, to clear it.
    pub fn current_view(&self) -> &wgpu::TextureView {
        &self.views[self.current]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_follow_each_other_whatever_the_frame_rate() {
        let at = |ms: i64| ShowTime(10_000_000_000 + ms * 1_000_000);
        assert_eq!(Ticks::to(Some(600), at(0)), Ticks { afresh: false, range: 601..601 });
        assert_eq!(Ticks::to(Some(600), at(33)), Ticks { afresh: false, range: 601..602 });
        assert_eq!(Ticks::to(Some(601), at(67)), Ticks { afresh: false, range: 602..605 });
        assert!(Ticks::time_of(604) <= at(67) && Ticks::time_of(605) > at(67));
    }

    #[test]
    fn a_beginner_and_one_far_behind_replay_from_where_the_older_half_began() {
        let now = ShowTime::from_secs_f64(100.4);
        let replay = Ticks { afresh: true, range: 5880..6025 };
        assert_eq!(Ticks::to(None, now), replay);
        assert_eq!(Ticks::to(Some(5904), now), replay);
        assert_eq!(Ticks::to(Some(9000), now), replay);
        assert_eq!(Ticks::to(Some(5905), now), Ticks { afresh: false, range: 5906..6025 });
        assert_eq!(Ticks::begin(now), ShowTime::from_secs_f64(98.0));
        assert_eq!(Ticks::begin(ShowTime::from_secs_f64(99.99)), ShowTime::from_secs_f64(96.0));
    }

    #[test]
    fn its_size_follows_from_the_canvas_alone_and_is_bounded() {
        assert_eq!(Memory::size(Canvas { width: 1280, height: 360 }), [640, 180]);
        let [width, height] = Memory::size(Canvas { width: 15360, height: 2160 });
        assert!(f64::from(width * height) < 1.01 * MOST_PIXELS);
    }
}
