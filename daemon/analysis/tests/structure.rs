//! The structure of the demo song, and of sounds other than music.

mod signal;

use downbeat_analysis::{Pulse, fields};
use downbeat_song::Truth;
use signal::{Dice, Music, analyzer, place};
use std::sync::OnceLock;

const RATE: f64 = 48_000.0;
const HOP: usize = 256;

/// What is heard of structure in each hop, with its end in seconds.
struct Structure {
    hops: Vec<(f64, Vec<f32>, Pulse)>,
    first: usize,
}

impl Structure {
    fn of(left: &[f32], right: &[f32], rate: f64) -> Self {
        let mut hops = Vec::new();
        let first = place("section-count");
        analyzer(rate, HOP).push(left, right, |hop| {
            hops.push((hop.end as f64 / rate, hop.values[first..].to_vec(), hop.pulse));
        });
        Self { hops, first }
    }

    fn at(&self, name: &str, seconds: f64) -> f32 {
        self.hops.iter().find(|(end, ..)| *end >= seconds).expect("in the music").1[place(name) - self.first]
    }

    /// When a counter stepped.
    fn steps(&self, name: &str) -> Vec<f64> {
        let place = place(name) - self.first;
        let pairs = self.hops.windows(2).filter(|pair| pair[0].1[place] != pair[1].1[place]);
        pairs.map(|pair| pair[1].0).collect()
    }

    /// The mean of a signal from one time to another.
    fn mean(&self, name: &str, from: f64, to: f64) -> f32 {
        let place = place(name) - self.first;
        let (sum, count) = (self.hops.iter())
            .filter(|(end, ..)| (from..to).contains(end))
            .fold((0.0, 0.0), |(sum, count), (_, values, _)| (sum + values[place], count + 1.0));
        sum / f32::max(count, 1.0)
    }
}

fn song() -> &'static (Truth, Structure) {
    static SONG: OnceLock<(Truth, Structure)> = OnceLock::new();
    SONG.get_or_init(|| {
        let song = downbeat_song::render();
        let heard = Structure::of(&song.left, &song.right, f64::from(song.sample_rate));
        (song.truth, heard)
    })
}

fn heard(music: &Music) -> Structure {
    Structure::of(&music.samples, &music.samples, music.rate)
}

/// Clapping hands: short noises with most of their power around 1 to 3 kHz, some thousand a second.
fn applause(music: &mut Music, from: f64, to: f64) {
    let mut dice = Dice(17);
    let mut at = from;
    while at < to {
        let mut grain = Dice(dice.0);
        let (mut smooth, mut smoother, mut slow) = (0.0, 0.0, 0.0);
        music.add(at, 0.02, |t| {
            smooth += 0.2 * (grain.roll() - smooth);
            smoother += 0.2 * (smooth - smoother);
            slow += 0.08 * (smoother - slow);
            0.3 * (-t / 0.004).exp() * (smoother - slow)
        });
        at += 0.001 * (1.0 + 0.9 * dice.roll());
    }
}

#[test]
fn each_drop_of_the_song_is_told_once_with_its_first_kick() {
    let (truth, heard) = song();
    let drops = heard.steps("drop-count");
    assert_eq!(drops.len(), 2, "{drops:?}");
    for (name, told) in ["drop", "second-drop"].into_iter().zip(drops) {
        let late = told - truth.section(name).expect("in the song").start;
        // What the eye takes for together with the ear.
        assert!((0.0..=0.050).contains(&late), "{name} is {:.0} ms late", 1e3 * late);
        assert!(heard.at("drop", told) == 1.0 && heard.at("drop", told + 0.5) < 0.01);
    }
}

#[test]
fn a_drop_is_announced_by_the_build_up_and_its_probability() {
    let (truth, heard) = song();
    for name in ["drop", "second-drop"] {
        let drop = truth.section(name).expect("in the song").start;
        assert!(heard.at("build-up", drop - 0.1) > 0.7, "{name}: {}", heard.at("build-up", drop - 0.1));
        assert!(heard.at("drop-probability", drop - 0.1) > 0.4, "{name}: {}", heard.at("drop-probability", drop - 0.1));
        // Afterwards there is nothing to announce, although it was quiet before the drop.
        for signal in ["build-up", "drop-probability"] {
            let later = heard.mean(signal, drop + 2.0, drop + 12.0);
            assert!(later < 0.2, "{name}: {signal} {later}");
        }
    }
}

#[test]
fn the_breakdown_is_where_the_drums_and_the_bass_are_gone() {
    let (truth, heard) = song();
    let section = |name: &str| truth.section(name).expect("in the song");
    let (drop, breakdown, second) = (section("drop"), section("breakdown"), section("second-drop"));
    // Two bars to be sure, and the build-up at its end is a part of it.
    let gone = heard.mean("breakdown", breakdown.start + 4.0, breakdown.end - 4.0);
    assert!(gone > 0.8, "{gone}");
    for driven in [drop, second] {
        let gone = heard.mean("breakdown", driven.start + 1.0, driven.end - 2.0);
        assert!(gone < 0.1, "{}: {gone}", driven.name);
    }
}

#[test]
fn most_sections_of_the_song_are_told_within_a_bar() {
    let (truth, heard) = song();
    let told = heard.steps("section-count");
    // Nothing begins where the song rings out.
    let parts = truth.sections.iter().filter(|section| section.name != "end");
    let starts: Vec<f64> = parts.map(|section| section.start).collect();
    // Bass, claps and hats enter within the intro, and in the drop the melody is doubled: whoever tells these is not
    // wrong.
    let entries = [4, 20].map(|bar| truth.downbeats[bar]);
    let bar = |start: f64| if start < 62.0 { 240.0 / 124.0 } else { 240.0 / 140.0 };
    let near = |start: f64, told: &f64| (told - start).abs() <= bar(start);
    let found = starts.iter().filter(|start| told.iter().any(|told| near(**start, told))).count();
    let right = told.iter().filter(|told| starts.iter().chain(&entries).any(|start| near(*start, told))).count();
    // The build-up grows out of the intro, so that there is no place where it begins.
    assert!(found >= starts.len() - 1, "{found} of {starts:?}: {told:?}");
    assert!(right + 1 >= told.len(), "{told:?}");
}

#[test]
fn a_phrase_begins_with_the_drop() {
    let (truth, heard) = song();
    let drop = truth.section("drop").expect("in the song").start;
    let pulse = |bars: f64| {
        let at = drop + (bars + 0.5) * 240.0 / 124.0;
        heard.hops.iter().find(|(end, ..)| *end >= at).expect("in the music").2
    };
    for bars in 1..8 {
        let pulse = pulse(f64::from(bars));
        assert_eq!(pulse.bar_in_phrase, bars as u8 % pulse.phrase_bars, "bar {bars}: {pulse:?}");
    }
}

#[test]
fn speech_is_told_from_music_and_noise() {
    let mut music = Music::silence(90.0, RATE);
    music.speech(0.0, 30.0);
    music.noise(30.0, 60.0, 0.2);
    music.four_on_the_floor(60.0, 90.0, 124.0);
    let heard = heard(&music);
    // After three seconds of window it knows.
    let [speech, noise, beat] = [5.0, 35.0, 65.0].map(|from| heard.mean("speech", from, from + 24.0));
    assert!(speech > 0.6 && noise < 0.02 && beat < 0.02, "{speech} {noise} {beat}");
    assert!(heard.mean("applause", 0.0, 30.0) < 0.02);
}

#[test]
fn clapping_hands_are_applause() {
    let mut music = Music::silence(20.0, RATE);
    applause(&mut music, 0.0, 20.0);
    let clapped = heard(&music).mean("applause", 4.0, 19.0);
    assert!(clapped > 0.7, "{clapped}");
}

#[test]
fn neither_hiss_nor_music_is_applause() {
    let mut music = Music::silence(40.0, RATE);
    music.noise(0.0, 20.0, 0.2);
    music.four_on_the_floor(20.0, 40.0, 124.0);
    let heard = heard(&music);
    let [noise, beat] = [4.0, 24.0].map(|from| heard.mean("applause", from, from + 15.0));
    assert!(noise < 0.05 && beat < 0.02, "{noise} {beat}");
}

#[test]
fn silence_rises_within_two_seconds_and_falls_at_once() {
    let mut music = Music::silence(30.0, RATE);
    music.four_on_the_floor(5.0, 15.0, 124.0);
    music.four_on_the_floor(20.0, 30.0, 124.0);
    let heard = heard(&music);
    assert!(heard.at("silence", 4.0) > 0.95 && heard.at("silence", 19.0) > 0.9);
    assert!(heard.at("silence", 20.2) < 0.1, "{}", heard.at("silence", 20.2));
    let sounding = heard.mean("silence", 6.0, 15.0);
    assert!(sounding < 0.1, "{sounding}");
}

#[test]
fn there_is_no_drop_in_speech_noise_applause_and_a_steady_beat() {
    let mut music = Music::silence(200.0, RATE);
    music.speech(0.0, 60.0);
    music.noise(60.0, 90.0, 0.2);
    applause(&mut music, 92.0, 120.0);
    music.four_on_the_floor(122.0, 200.0, 126.0);
    let drops = heard(&music).steps("drop-count");
    assert!(drops.is_empty(), "{drops:?}");
}

#[test]
fn gain_makes_no_difference_to_the_drops() {
    let song = downbeat_song::render();
    // The first forty seconds have the first of them.
    let end = 40 * 48_000;
    let drops = [0.1f32, 3.0].map(|gain| {
        let side = |side: &[f32]| side[..end].iter().map(|x| gain * x).collect::<Vec<f32>>();
        Structure::of(&side(&song.left), &side(&song.right), RATE).steps("drop-count")
    });
    assert!(drops.iter().all(|drops| drops.len() == 1), "{drops:?}");
    assert!((drops[0][0] - drops[1][0]).abs() < 0.02, "{drops:?}");
}

#[test]
fn the_names_of_the_structure_are_kept() {
    let names: Vec<&str> = fields().iter().map(|field| field.name).collect();
    for name in [
        "section-count",
        "section-novelty",
        "build-up",
        "drop",
        "drop-count",
        "drop-probability",
        "breakdown",
        "silence",
        "applause",
        "speech",
    ] {
        assert!(names.contains(&name), "{name}");
    }
}
