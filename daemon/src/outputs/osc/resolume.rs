//! The needs of Resolume Arena and Avenue 7: tempo as 0..1, and a click on Resync on the one.
//!
//! While Ableton Link is on, Resolume ignores Resync (<https://resolume.com/support/en/ableton-link>): use Link or
//! this, never both. Whether it takes bundles and time tags is unknown, so its format is plain messages.

use super::settings::{Kind, Resync, Send, Settings, Value, When};

/// The tempo controller's fader (bitfocus/companion-module-resolume-arena, `src/arena-api/osc.ts`).
const TEMPO: &str = "/composition/tempocontroller/tempo";
/// The tempo controller's Resync button (same source).
const RESYNC: &str = "/composition/tempocontroller/resync";
/// The tempi at the ends of that fader, in beats per minute: 0 is 20 and 1 is 500. Four independent programs agree,
/// among them takt4 (`rule_presets.cpp`); others send beats per minute, so there is `raw-bpm`.
const TEMPO_RANGE: [f64; 2] = [20.0, 500.0];
/// Minimum change of tempo to send, in beats per minute: less is invisible and would flood the network.
const TEMPO_STEP: f64 = 0.01;

/// The profile's rules.
pub fn rules(settings: &Settings) -> Vec<Send> {
    let raw = settings.raw_bpm;
    let to = if raw { TEMPO_RANGE } else { [0.0, 1.0] };
    let tempo = Send {
        value: Value::Name("tempo.bpm".into()),
        from: Some(TEMPO_RANGE),
        to: Some(to),
        when: When::Change,
        step: TEMPO_STEP * (to[1] - to[0]) / (TEMPO_RANGE[1] - TEMPO_RANGE[0]),
        ..blank(TEMPO)
    };
    let resync = |when| Send { when, kind: Kind::Trigger, ..blank(RESYNC) };
    match settings.resync {
        Resync::Bar => vec![tempo, resync(When::Bar)],
        Resync::Phrase => vec![tempo, resync(When::Phrase)],
        Resync::Never => vec![tempo],
    }
}

fn blank(address: &str) -> Send {
    Send {
        address: address.into(),
        value: Value::default(),
        from: None,
        to: None,
        when: When::default(),
        kind: Kind::default(),
        step: 0.0,
        text: "{}".into(),
        decimals: 0,
        release_ms: 50,
    }
}
