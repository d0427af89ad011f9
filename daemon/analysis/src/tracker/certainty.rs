//! Confidence in the beat.

use crate::rhythm::{BarEvidence, CertaintyNet, RATE, Rhythm, TEMPI, tempo_place};

/// The probability of each statement, given the one before it; each 0 to 1. They are calibrated: of all moments with
/// 0.8, four fifths are right.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Certainty {
    /// There is music with a beat.
    pub pulse: f32,
    /// The tempo is the one that people tap.
    pub level: f32,
    /// The beat is where they tap.
    pub phase: f32,
    /// The downbeat is where reported.
    pub one: f32,
}

/// Gathers evidence for and against the beat, and weighs it with a small net.
pub(super) struct Judge {
    net: CertaintyNet,
    /// The logarithm of the odds that there is music, over a short while and a long one.
    music: [f32; MUSIC_SECONDS.len()],
    /// The recent output of the net of the bars: these are the beats, they lie between, these are twice or half as
    /// many.
    levels: [f32; 4],
    /// Ticks since the beat last moved, and since a beat was last heard.
    settled: f64,
    missed: f64,
    /// Ticks left without any belief, after a reset.
    trial: u32,
    /// The surest mark around this beat, and the usual one of beats; and the drive of the music there.
    surest: f32,
    usual: f32,
    driven: f32,
    usual_drive: f32,
    inputs: [f32; EVIDENCE],
    ticks: u32,
    certainty: Certainty,
}

/// The current evidence, except what the judge follows itself.
pub(super) struct Evidence<'a> {
    /// The likelihood of music.
    pub music: f32,
    /// The net's view of the tempo.
    pub rhythm: &'a Rhythm,
    /// Ticks per beat.
    pub period: f64,
    /// The ratio of activation on the beats to the average, and its amount.
    pub contrast: (f32, f32),
    /// The pointer's probability of the reported tempo and beat.
    pub told: (f32, f32),
    /// Its probability of [`MULTIPLES`] of the tempo.
    pub others: [f32; MULTIPLES.len()],
    /// Probability of the reported bar, of the second most likely, and of its length.
    pub bar: (f32, f32, f32),
    /// Beats in a bar.
    pub beats_per_bar: u8,
}

/// Number of inputs.
pub(crate) const EVIDENCE: usize = 35;
/// Tempi most often mistaken for the reported one.
pub(super) const MULTIPLES: [f64; 6] = [2.0, 0.5, 1.5, 2.0 / 3.0, 3.0, 1.0 / 3.0];
/// Windows of the likelihood of music.
const MUSIC_SECONDS: [f64; 2] = [0.5, 3.0];
/// The weight of one beat's output in the running mean.
const LEVEL_SHARE: f32 = 0.15;
/// A mark this sure, near a beat, means that the beat was heard …
const HEARD_MARK: f32 = 0.12;
/// … if it is nearly as sure as usual: after the music stops, the net still expects beats for a while.
const HEARD_SHARE: f32 = 0.6;
/// … and if something is struck there, with this share of the usual drive. Measured: merely expected beats have 0.04 to
/// 0.2 of it, those of music nearly always more.
const HEARD_DRIVE: f32 = 0.3;
/// The weight of one beat's mark and drive in the usual ones.
const USUAL_SHARE: f32 = 0.12;
/// How near, in beats.
const HEARD_NEAR: f64 = 0.1;
/// Ticks between judgements.
const EVERY: u32 = 5;
/// Time without belief after a reset: 1.5 s.
const TRIAL_TICKS: u32 = 150;
/// The index of the contrast in the evidence, and of the odds of the reported tempo and beat.
const CONTRAST: usize = 4;
const TOLD: usize = 6;
/// A pulse is steady if it has kept its beat for 4 s, was heard within 1.2 s, stands out more than speech does, and
/// leaves hardly any doubt about its tempo and none about its phase; its confidence is then this.
const STEADY_TICKS: f64 = 400.0;
const HEARD_TICKS: f64 = 120.0;
const STEADY_CONTRAST: f32 = 3.0;
const STEADY_ODDS: (f32, f32) = (3.0, 6.0);
const STEADY: f32 = 0.8;
/// Tempi beside one that count as the same.
const BESIDE: usize = 1;

impl Judge {
    pub fn new() -> Self {
        Self {
            net: CertaintyNet::new(),
            music: [-4.0; MUSIC_SECONDS.len()],
            levels: [UNKNOWN; 4],
            settled: 0.0,
            missed: 0.0,
            trial: 0,
            surest: 0.0,
            usual: 0.0,
            driven: 0.0,
            usual_drive: 0.0,
            inputs: [0.0; EVIDENCE],
            ticks: 0,
            certainty: Certainty::default(),
        }
    }

    /// The beat has moved.
    pub fn reset(&mut self) {
        self.settled = 0.0;
        self.levels = [UNKNOWN; 4];
    }

    /// Takes the likelihood of a beat and the drive of the music, at a phase of a beat of this many ticks.
    pub fn process(&mut self, beat: f32, drive: f32, phase: f64, period: f64) {
        self.settled += 1.0;
        self.missed += 1.0;
        self.trial = self.trial.saturating_sub(1);
        if !(HEARD_NEAR..=1.0 - HEARD_NEAR).contains(&phase) {
            self.surest = self.surest.max(beat);
            self.driven = self.driven.max(drive);
        } else if self.surest > 0.0 {
            let is_struck = self.driven >= HEARD_DRIVE * self.usual_drive;
            if is_struck && self.surest >= HEARD_MARK.max(HEARD_SHARE * self.usual) {
                self.missed = phase * period;
            }
            self.usual += (self.surest - self.usual) * USUAL_SHARE;
            self.usual_drive += (self.driven - self.usual_drive) * USUAL_SHARE;
            (self.surest, self.driven) = (0.0, 0.0);
        }
    }

    /// Takes the net's output for a beat that is over.
    pub fn judge(&mut self, heard: &BarEvidence) {
        let now = [heard.right, heard.between, heard.double, heard.half];
        self.levels.iter_mut().zip(now).for_each(|(level, now)| *level += (now - *level) * LEVEL_SHARE);
    }

    /// The likelihood of music, now and over the last half second.
    pub fn music(&self) -> (f32, f32) {
        let share = |odds: f32| 1.0 / (1.0 + (-odds).exp());
        (share(self.inputs[0]), share(self.music[0]))
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.reset();
        self.trial = TRIAL_TICKS;
    }

    /// Whether something beats evenly enough to be a pulse whatever it sounds like: a metronome, or a drum being tried
    /// out.
    pub fn is_steady(&self) -> bool {
        let heard = self.settled > STEADY_TICKS && self.missed < HEARD_TICKS;
        let [tempo, beat] = [self.inputs[TOLD], self.inputs[TOLD + 1]];
        heard && self.inputs[CONTRAST] > STEADY_CONTRAST && tempo > STEADY_ODDS.0 && beat > STEADY_ODDS.1
    }

    /// Seconds since a beat was last heard.
    pub fn missed_seconds(&self) -> f64 {
        self.missed / RATE
    }

    /// Whether to weigh the evidence now.
    pub fn is_due(&mut self) -> bool {
        self.ticks = (self.ticks + 1) % EVERY;
        self.ticks == 0
    }

    /// Weighs the current evidence. Realtime-safe: yes.
    pub fn weigh(&mut self, evidence: &Evidence<'_>) {
        let odds = |share: f32| (share.clamp(LEAST, 1.0 - LEAST) / (1.0 - share.clamp(LEAST, 1.0 - LEAST))).ln();
        let music = odds(evidence.music);
        for (mean, seconds) in self.music.iter_mut().zip(MUSIC_SECONDS) {
            *mean += (music - *mean) * (1.0 - (-f64::from(EVERY) / (RATE * seconds)).exp() as f32);
        }
        let felt = |bpm: f64| {
            let place = tempo_place(bpm).round();
            let near = (place - BESIDE as f64).max(0.0) as usize..((place + BESIDE as f64).max(-1.0) + 1.0) as usize;
            let near = near.start.min(TEMPI)..near.end.min(TEMPI);
            evidence.rhythm.tempi[near].iter().sum::<f32>().max(LEAST).ln()
        };
        let bpm = 60.0 * RATE / evidence.period;
        let octaves = (bpm / USUAL_BPM).log2() as f32;
        let beats = |ticks: f64| (ticks / evidence.period).min(MOST_BEATS).ln_1p() as f32;
        let mut inputs = self.inputs.iter_mut();
        let mut put = |value: f32| {
            if let Some(input) = inputs.next() {
                *input = value;
            }
        };
        put(music);
        self.music.iter().for_each(|mean| put(*mean));
        put(odds(evidence.rhythm.none));
        put(evidence.contrast.0);
        put((evidence.contrast.1 + 1e-3).ln());
        put(odds(evidence.told.0));
        put(odds(evidence.told.1));
        evidence.others.iter().for_each(|share| put(share.max(LEAST).ln()));
        put(felt(bpm));
        MULTIPLES.iter().for_each(|times| put(felt(bpm * times)));
        put(octaves);
        put(octaves * octaves);
        self.levels.iter().for_each(|level| put(odds(*level)));
        put(beats(self.settled));
        put(beats(self.missed));
        put(odds(evidence.bar.0));
        put(odds(evidence.bar.1));
        put(odds(evidence.bar.2));
        [3, 2].iter().for_each(|beats| put(f32::from(u8::from(evidence.beats_per_bar == *beats))));
        put(f32::from(u8::from(evidence.beats_per_bar > 4)));
        let [pulse, level, phase, one] = self.net.process(&self.inputs);
        self.certainty = Certainty { pulse, level, phase, one };
    }

    /// The last result.
    pub fn certainty(&self) -> Certainty {
        match self.certainty {
            _ if self.trial > 0 => Certainty::default(),
            told if self.is_steady() => Certainty { pulse: told.pulse.max(STEADY), ..told },
            told => told,
        }
    }

    /// Its inputs, for training.
    pub fn inputs(&self) -> &[f32; EVIDENCE] {
        &self.inputs
    }
}

/// Minimum probability.
const LEAST: f32 = 1e-4;
/// Value of a level without evidence.
const UNKNOWN: f32 = 0.25;
/// The tempo that people prefer, in BPM: between two equally likely ones, the nearer counts.
const USUAL_BPM: f64 = 118.0;
/// Beats beyond this do not raise the confidence.
const MOST_BEATS: f64 = 64.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks per beat.
    const PERIOD: f64 = 50.0;

    /// Feeds a number of beats with this mark and drive.
    fn process(judge: &mut Judge, beats: u32, mark: f32, drive: f32) {
        for tick in 0..beats * PERIOD as u32 {
            let on_beat = tick % PERIOD as u32 == 0;
            let (mark, drive) = if on_beat { (mark, drive) } else { (0.01, 0.02 * drive) };
            judge.process(mark, drive, f64::from(tick % PERIOD as u32) / PERIOD, PERIOD);
        }
    }

    #[test]
    fn a_beat_that_is_expected_but_not_struck_is_not_heard() {
        let mut judge = Judge::new();
        process(&mut judge, 32, 0.8, 1.2);
        assert!(judge.missed_seconds() < 0.5);
        process(&mut judge, 4, 0.6, 0.1);
        assert!((judge.missed_seconds() - 2.5).abs() < 0.1, "{}", judge.missed_seconds());
        process(&mut judge, 1, 0.8, 1.2);
        assert!(judge.missed_seconds() < 0.5);
    }

    #[test]
    fn a_verse_that_is_softer_than_the_chorus_is_heard() {
        let mut judge = Judge::new();
        process(&mut judge, 32, 0.8, 1.2);
        for _ in 0..16 {
            process(&mut judge, 1, 0.7, 0.4);
            assert!(judge.missed_seconds() < 0.5);
        }
    }
}
