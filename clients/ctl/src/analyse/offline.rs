//! The daemon's own beat tracker and arbiter on a file, in virtual time: what it would report live, at full speed.

use super::announce::Announcer;
use super::belief::Beliefs;
use super::counted::Counters;
use super::findings::{Beat, HopFindings};
use super::said::{Kind, Said, Worth};
use crate::exit::Failure;
use downbeat_analysis::Settings;
use downbeat_engine::listener::{Listener, Stretch, bus_fields};
use downbeat_engine::{Engine, EngineConfig, MusicState, Tick};
use downbeat_protocol::{Event, HostTime, Row, Schema, ShowTime};
use std::sync::Arc;

/// The bus of the file.
const BUS: &str = "main";
/// Minimum relative change of tempo to report.
const TEMPO_CHANGE: f64 = 0.005;

/// Analyses one file.
pub struct Offline {
    listener: Listener,
    channels: [Vec<f32>; 2],
    events: Vec<Event>,
    heard: u64,
    hop: usize,
    rate: f64,
    scribe: Scribe,
}

/// The results of one hop.
pub struct Hop<'a> {
    /// Seconds of audio at its end.
    pub time: f64,
    /// All signals.
    pub row: &'a Row,
    /// For the picture.
    pub findings: HopFindings,
    /// The lines to print.
    pub said: &'a [Said],
    /// The beats among them.
    pub beats: &'a [Beat],
    /// The time of an onset, if one was picked.
    pub onset: Option<f64>,
}

impl Offline {
    /// For a file of `rate` samples per second.
    ///
    /// # Errors
    /// If the rate is out of range.
    pub fn new(rate: f64) -> Result<Self, Failure> {
        let settings = Settings { sample_rate: rate, ..Settings::default() };
        let config = EngineConfig { buses: vec![BUS.into()], fields: bus_fields(), ..EngineConfig::default() };
        let engine = Engine::new(&config, None).map_err(|error| Failure::Config(error.to_string()))?;
        let schema = engine.schema();
        let listener = Listener::new(engine, 1, settings).map_err(|error| Failure::Input(error.to_string()))?;
        let scribe = Scribe::new(schema);
        Ok(Self { listener, channels: [vec![], vec![]], events: vec![], heard: 0, hop: settings.hop, rate, scribe })
    }

    /// The layout of the rows.
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.scribe.schema)
    }

    /// Samples per hop: the amount that [`hear`](Self::hear) takes.
    pub fn hop(&self) -> usize {
        self.hop
    }

    /// Takes the next samples, at most a hop, so that reports depend only on past audio.
    pub fn process(&mut self, left: &[f32], right: &[f32], mut each: impl FnMut(&Hop<'_>)) {
        let time = ShowTime::from_secs_f64(self.heard as f64 / self.rate);
        for (channel, samples) in self.channels.iter_mut().zip([left, right]) {
            channel.clear();
            channel.extend_from_slice(samples);
        }
        let stretch = Stretch { channels: &self.channels, first_sample: self.heard, time, received: HostTime(time.0) };
        self.heard += left.len() as u64;
        let (scribe, emitted) = (&mut self.scribe, self.heard as f64 / self.rate);
        self.events.clear();
        self.listener.push(
            stretch,
            &mut self.events,
            |captured| captured,
            |tick, _| {
                scribe.note(&tick, emitted);
                each(&scribe.hop(&tick, emitted));
            },
        );
    }
}

/// Turns ticks into lines.
struct Scribe {
    schema: Arc<Schema>,
    places: Places,
    announcer: Announcer,
    counters: Counters,
    beliefs: Beliefs,
    tempo: f64,
    state: Option<MusicState>,
    said: Vec<Said>,
    beats: Vec<Beat>,
    onset: Option<f64>,
}

/// The columns of the reported signals.
struct Places {
    strength: usize,
    tempo: usize,
    confidence: usize,
    state: usize,
}

impl Scribe {
    fn new(schema: Arc<Schema>) -> Self {
        let place = |name: &str| schema.find(name).map_or(0, |(place, _)| place);
        let places = Places {
            strength: place("main.onset-strength.full"),
            tempo: place("tempo.bpm"),
            confidence: place("tempo.confidence"),
            state: place("music.state"),
        };
        Self {
            places,
            counters: Counters::of(&schema, BUS),
            beliefs: Beliefs::of(&schema),
            schema,
            announcer: Announcer::new(),
            tempo: 0.0,
            state: None,
            said: vec![],
            beats: vec![],
            onset: None,
        }
    }

    /// Collects the lines of a tick.
    fn note(&mut self, tick: &Tick, emitted: f64) {
        self.said.clear();
        self.note_state(tick, emitted);
        self.note_tempo(tick, emitted);
        self.note_counted(tick, emitted);
        self.note_beats(tick, emitted);
        self.said.extend(self.beliefs.due(tick, self.state.unwrap_or_default(), emitted));
    }

    fn note_state(&mut self, tick: &Tick, emitted: f64) {
        let state = music_state(tick.row.values[self.places.state]);
        if self.state != Some(state) {
            self.state = Some(state);
            self.said.push(Said::new(emitted, emitted, Kind::State, Worth::Name(state.name())));
        }
    }

    fn note_tempo(&mut self, tick: &Tick, emitted: f64) {
        // The row has the tempo of the music; the timeline's own deviates from it while a small error is slewed away.
        let tempo = f64::from(tick.row.values[self.places.tempo]);
        if tick.beating && (tempo - self.tempo).abs() > self.tempo * TEMPO_CHANGE {
            self.tempo = tempo;
            self.said.push(Said::new(emitted, emitted, Kind::Tempo, Worth::Number(tempo)));
        }
    }

    fn note_counted(&mut self, tick: &Tick, emitted: f64) {
        let before = self.said.len();
        self.said.extend(self.counters.stepped(&tick.row.values, emitted));
        self.onset = self.said[before..].iter().find(|said| said.kind == Kind::Onset).map(|said| said.t);
    }

    fn note_beats(&mut self, tick: &Tick, emitted: f64) {
        self.beats.clear();
        for beat in self.announcer.due(&tick.timeline, tick.row.time, tick.beating) {
            let t = beat.due.as_secs_f64();
            let place = Worth::Count(i64::from(beat.beat_in_bar) + 1);
            self.said.push(Said::new(t, emitted, Kind::Beat, place));
            if beat.is_bar() {
                self.said.push(Said::new(t, emitted, Kind::Downbeat, Worth::Count(beat.bar)));
            }
            self.beats.push(Beat { time: t, downbeat: beat.is_bar() });
        }
    }

    fn hop<'a>(&'a self, tick: &'a Tick, emitted: f64) -> Hop<'a> {
        let values = &tick.row.values;
        let findings = HopFindings {
            time: emitted,
            strength: values[self.places.strength],
            tempo: values[self.places.tempo],
            confidence: values[self.places.confidence],
            beating: tick.beating,
            state: self.state.unwrap_or_default(),
        };
        Hop { time: emitted, row: &tick.row, findings, said: &self.said, beats: &self.beats, onset: self.onset }
    }
}

/// The state with a number in the row.
fn music_state(number: f32) -> MusicState {
    MusicState::ALL.get(number.round() as usize).copied().unwrap_or_default()
}
