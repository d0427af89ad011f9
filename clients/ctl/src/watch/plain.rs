//! The show in one line, for logs and pipes.

use super::sight::{Sight, clock, micros, span};
use downbeat_log::one_line;
use downbeat_protocol::Status;

/// One line: the alarms first, then tempo, beat and state, then inputs and peers.
pub fn line(sight: &Sight) -> String {
    one_line(&parts(sight), usize::MAX)
}

fn parts(sight: &Sight) -> String {
    let mut parts = Vec::new();
    if !sight.view.connected {
        let told = if sight.ever_connected() { "gone for" } else { "not found for" };
        let why = if sight.view.why.is_empty() { "connecting" } else { &sight.view.why };
        return format!("daemon {} {told} {}: {why}", sight.server, span(sight.silent_for()));
    }
    let state = &sight.view.state;
    let alarms = [
        ("BLACKOUT", state.blackout),
        ("FROZEN", state.frozen.is_some()),
        ("HELD", state.hold),
        ("RANGE LOCKED", state.tempo_range.locked),
        ("LEVELS FROZEN", state.levels_frozen),
    ];
    parts.extend(alarms.iter().filter(|(_, on)| *on).map(|(word, _)| (*word).to_owned()));
    let line = sight.timeline();
    let beat = if sight.beating() { (line.beat_in_bar(sight.beats().floor()) + 1).to_string() } else { "–".into() };
    parts.push(format!("{:.2} BPM  beat {beat}/{}", line.tempo, line.beats_per_bar));
    parts.push(sight.music().map_or("–", |state| state.name()).into());
    parts.push(format!("confidence {:.0} %", sight.number("tempo.confidence").unwrap_or(0.0) * 100.0));
    parts.push(clock_line(sight));
    if let Some(status) = &sight.view.status {
        parts.insert(0, clock(status.uptime));
        parts.extend(peers(sight, status));
    }
    parts.join("  ")
}

/// The clock quality of this machine.
fn clock_line(sight: &Sight) -> String {
    let clock = &sight.view.clock;
    if !clock.synced {
        return "clock not synced yet".into();
    }
    let (error, trip) = (micros(clock.error_us), micros(clock.round_trip_us));
    let (drift, stamps, jumps) = (clock.drift_ppm, clock.stamps.name(), clock.jumps);
    format!("clock ±{error} drift {drift:+.1} ppm trip {trip} stamps {stamps} jumps {jumps}")
}

fn peers(sight: &Sight, status: &Status) -> Vec<String> {
    let mut parts = vec![format!("led by {}", status.tempo_source)];
    for bus in &status.buses {
        let peak = sight.number(&format!("{}.peak", bus.name)).unwrap_or(0.0);
        parts.push(format!("{} {:.1} dB", bus.name, (20.0 * peak.max(1e-6).log10()).max(-99.9)));
    }
    let troubled: Vec<&str> =
        status.outputs.iter().filter(|output| !output.error.is_empty()).map(|output| output.name.as_str()).collect();
    let late: u64 = status.outputs.iter().map(|output| output.late).sum();
    let dropped: u64 = status.outputs.iter().map(|output| output.dropped).sum();
    parts.push(format!("outputs {}  late {late}  dropped {dropped}", status.outputs.len()));
    if !troubled.is_empty() {
        parts.push(format!("TROUBLE {}", troubled.join(", ")));
    }
    parts.push(format!("clients {}", status.clients.len()));
    parts
}
