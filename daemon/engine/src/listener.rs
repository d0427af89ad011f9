//! From samples to ticks: one analyser per bus, followed by the engine.
//!
//! Pure, like both: the hop thread drives it with live audio, offline tools with a file, tests with a song.

use crate::notes::{NoteSource, WIDTH};
use crate::{Advice, BusBeat, Engine, Hearing, Tick};
use downbeat_analysis::{Analyzer, Field, Hint, Polarity, Settings, SettingsError, fields};
use downbeat_protocol::{Event, HostTime, ShowTime, Signal, Unit};

/// Seconds of lost samples to fill with silence, so that the beat stays in place; after longer gaps the analysers
/// restart.
const FILLED_GAP_S: f64 = 1.0;

/// Turns samples of all buses into ticks.
pub struct Listener {
    engine: Engine,
    settings: Settings,
    analyzers: Vec<Analyzer>,
    /// The polarity of each bus.
    polarity: Vec<Polarity>,
    /// Exact notes, in the order of the engine's sources.
    notes: Vec<NoteSource>,
    /// The number of the analysers' first sample in the stream.
    base: u64,
    /// Samples so far.
    heard: u64,
    /// Whether their levels are frozen.
    frozen: bool,
}

/// Consecutive samples of all buses.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// Two channels per bus, left and right, all of the same length.
    pub channels: &'a [Vec<f32>],
    /// The number of the first sample in its stream.
    pub first_sample: u64,
    /// When the first sample was captured.
    pub time: ShowTime,
    /// When the samples reached the daemon.
    pub received: HostTime,
}

impl Listener {
    /// A listener for `buses` buses.
    ///
    /// Fails if the settings are out of range, such as an unusual sample rate.
    pub fn new(engine: Engine, buses: usize, settings: Settings) -> Result<Self, SettingsError> {
        let analyzers = analyzers(buses, &settings)?;
        let polarity = vec![Polarity::Normal; buses];
        Ok(Self { engine, settings, analyzers, polarity, notes: Vec::new(), base: 0, heard: 0, frozen: false })
    }

    /// The same with sources of notes, in the order of the engine's sources.
    pub fn with_notes(self, notes: Vec<NoteSource>) -> Self {
        Self { notes, ..self }
    }

    /// Starts a new stream, perhaps at another sample rate: its samples are numbered from 0. The engine continues.
    pub fn restart(&mut self, settings: Settings) -> Result<(), SettingsError> {
        self.analyzers = analyzers(self.analyzers.len(), &settings)?;
        self.settings = settings;
        self.base = 0;
        self.heard = 0;
        self.begin_anew();
        Ok(())
    }

    /// The engine.
    pub fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Whether left and right of a bus cancel, because the polarity of one is reversed.
    pub fn cancels(&self, bus: usize) -> bool {
        self.polarity.get(bus) == Some(&Polarity::Reversed)
    }

    /// The samples per hop and the sample rate.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Takes samples; each finished hop becomes a tick for `each`. Appends events to `out`.
    ///
    /// `now` gives the present when a hop is finished, from the time of its last sample: live, it reads the clock;
    /// offline, it returns that time.
    pub fn push(
        &mut self,
        stretch: Stretch<'_>,
        out: &mut Vec<Event>,
        now: impl Fn(ShowTime) -> ShowTime,
        mut each: impl FnMut(Tick, &mut Vec<Event>),
    ) {
        self.engine.hear(Hearing::Live);
        self.fill_gap(stretch.first_sample);
        let frames = stretch.channels.iter().map(Vec::len).min().unwrap_or(0);
        let start = self.heard;
        let mut at = 0;
        while at < frames {
            let until_full = self.settings.hop - (self.heard % self.settings.hop as u64) as usize;
            let end = frames.min(at + until_full);
            self.teach(stretch.time, start);
            self.observe(&stretch, start, at..end);
            at = end;
            if self.heard.is_multiple_of(self.settings.hop as u64) {
                let time = time_of(stretch.time, at as f64 - 1.0, self.settings.sample_rate);
                self.play_notes(Some((self.base + self.heard) as f64 / self.settings.sample_rate));
                let tick = self.engine.tick(time, now(time), stretch.received, out);
                each(tick, out);
            }
        }
    }

    /// A hop has passed without samples: the beat continues.
    pub fn pass(&mut self, time: ShowTime, now: ShowTime, received: HostTime, out: &mut Vec<Event>) -> Tick {
        self.play_notes(None);
        self.engine.tick(time, now, received, out)
    }

    /// The samples have stopped: every bus comes to rest. `hearing` is whether that is a loss.
    pub fn rest(&mut self, hearing: Hearing) {
        self.engine.hear(hearing);
        for bus in 0..self.analyzers.len() {
            self.engine.observe(bus, &[], None);
        }
    }

    /// Tells the engine the notes of the hop that ends at this position of the audio, in seconds.
    fn play_notes(&mut self, position: Option<f64>) {
        let seconds = self.settings.hop as f64 / self.settings.sample_rate;
        let mut values = [0.0; WIDTH];
        for (place, source) in self.notes.iter_mut().enumerate() {
            source.hop(seconds, position, &mut values);
            self.engine.play(place, &values);
        }
    }

    /// Passes the part of the stretch up to the end of a hop to every analyser. `start` is the analysers' number of the
    /// stretch's first sample.
    fn observe(&mut self, stretch: &Stretch<'_>, start: u64, part: std::ops::Range<usize>) {
        let rate = self.settings.sample_rate;
        for (bus, (analyzer, polarity)) in self.analyzers.iter_mut().zip(&mut self.polarity).enumerate() {
            let [left, right] = [2 * bus, 2 * bus + 1].map(|channel| &stretch.channels[channel][part.clone()]);
            analyzer.push(left, right, |hop| {
                let at = |position: f64| time_of(stretch.time, position - start as f64, rate);
                let heard = BusBeat::new(&hop.pulse, at(hop.end as f64 - 1.0), at);
                *polarity = hop.polarity;
                self.engine.observe(bus, hop.values, Some(heard));
            });
        }
        self.heard += part.len() as u64;
    }

    /// Passes the operator's advice, which is about the next samples, to the analysers. `time` is the capture time of
    /// sample `start`.
    fn teach(&mut self, time: ShowTime, start: u64) {
        let position = |at: ShowTime| start as f64 + at.since(time) as f64 * 1e-9 * self.settings.sample_rate;
        for (bus, advice) in self.engine.advice() {
            let Some(analyzer) = self.analyzers.get_mut(bus) else { continue };
            analyzer.hint(match advice {
                Advice::Tempo(tempo) => Hint::Tempo(tempo),
                Advice::Octave(factor) => Hint::Octave(factor),
                Advice::Range(ends) => ends.map_or(Hint::Range(0.0, 0.0), |[low, high]| Hint::Range(low, high)),
                Advice::Beat(at) => Hint::Beat(position(at)),
                Advice::Downbeat(at) => Hint::Downbeat(position(at)),
                Advice::Forget => Hint::Forget,
            });
        }
        let frozen = self.engine.state().levels_frozen;
        if self.frozen != frozen {
            self.frozen = frozen;
            self.analyzers.iter_mut().for_each(|analyzer| analyzer.freeze_levels(frozen));
        }
    }

    /// New analysers do not know the operator's advice yet.
    fn begin_anew(&mut self) {
        self.engine.teach_again();
        self.frozen = false;
    }

    fn fill_gap(&mut self, first_sample: u64) {
        let expected = self.base + self.heard;
        let gap = first_sample.saturating_sub(expected);
        if gap == 0 && first_sample >= expected {
            return;
        }
        if first_sample < expected || gap as f64 > FILLED_GAP_S * self.settings.sample_rate {
            // Settings accepted once are accepted again.
            if let Ok(fresh) = analyzers(self.analyzers.len(), &self.settings) {
                self.analyzers = fresh;
                self.begin_anew();
            }
            self.base = first_sample;
            self.heard = 0;
            return;
        }
        let silence = vec![0.0; gap as usize];
        for analyzer in &mut self.analyzers {
            analyzer.push(&silence, &silence, |_| {});
        }
        self.heard += gap;
    }
}

/// The signals of one bus, named relative to it, as [`EngineConfig`](crate::EngineConfig) takes them.
pub fn bus_fields() -> Vec<Signal> {
    fields().iter().map(signal).collect()
}

fn signal(field: &Field) -> Signal {
    use downbeat_analysis::Unit as BusBeat;
    let unit = match field.unit {
        BusBeat::Ratio => Unit::Ratio,
        BusBeat::Decibel => Unit::Decibel,
        BusBeat::Lufs => Unit::Lufs,
        BusBeat::Hertz => Unit::Hertz,
        BusBeat::Bpm => Unit::Bpm,
        BusBeat::Phase => Unit::Phase,
        BusBeat::Count => Unit::Count,
        BusBeat::State => Unit::State,
    };
    let (low, high) = field.range;
    Signal { name: field.name.into(), len: u16::try_from(field.len).unwrap_or(u16::MAX), unit, range: [low, high] }
}

fn analyzers(buses: usize, settings: &Settings) -> Result<Vec<Analyzer>, SettingsError> {
    (0..buses).map(|_| Analyzer::new(settings)).collect()
}

/// The time of a position in samples from the one captured at `first`.
fn time_of(first: ShowTime, samples: f64, rate: f64) -> ShowTime {
    first.offset((samples * 1e9 / rate).round() as i64)
}
