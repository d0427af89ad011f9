//! The first row: the show, the daemon, and clock quality. The second: alarms, or a thin line.

use super::ink::{cells, paint, put, put_right};
use super::page::Page;
use super::sight::{clock, micros, span};
use super::theme::Ink;
use downbeat_client::Stamps;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the first row.
pub fn draw(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let (sight, theme) = (page.sight, page.theme);
    let x = put(buffer, area, 0, 0, "DOWNBEAT", theme.bold(Ink::Beat));
    let show = put(buffer, area, x + 2, 0, &sight.view.show, theme.bold(Ink::Text));
    // The clock in full, if there is room.
    let (mut facts, mut lesser) = (vec![], vec![]);
    if sight.view.connected {
        let exchange = &sight.view.clock;
        if exchange.synced {
            facts.push(format!("clock ±{}", micros(exchange.error_us)));
            lesser.push(format!("offset {:+.3} s", exchange.offset as f64 * 1e-9));
            lesser.push(format!("drift {:+.1} ppm", exchange.drift_ppm));
            lesser.push(format!("round trip {}", micros(exchange.round_trip_us)));
            lesser.push(match exchange.stamps {
                Stamps::Kernel => "stamped by the kernel".into(),
                Stamps::Reading => "stamped when read".into(),
                Stamps::Quic | Stamps::None => "without a clock port".into(),
            });
            lesser.push(format!("{} jumps", exchange.jumps));
        } else {
            facts.push("clock not synced yet".into());
        }
    }
    if let Some(status) = &sight.view.status {
        facts.push(format!("up {}", clock(status.uptime)));
        // The leader is only news after a change.
        if sight.view.term > 0 && sight.view.connected {
            lesser.push(status.standing.clone());
        }
    }
    let (sign, ink) = if sight.view.connected { ("●", Ink::Good) } else { ("○", Ink::Bad) };
    let address = format!("{sign} {}", sight.server);
    let free = area.width.saturating_sub(show + 2 + cells(&address));
    let told = |facts: &[String]| facts.iter().map(|fact| format!("   {fact}")).collect::<String>();
    let mut full = facts.clone();
    full.splice(facts.len().min(1)..facts.len().min(1), lesser);
    let facts = [told(&full), told(&facts)].into_iter().find(|facts| cells(facts) <= free).unwrap_or_default();
    let at = put_right(buffer, area, 0, &format!("{address}{facts}"), theme.style(Ink::Dim));
    put(buffer, area, at, 0, sign, theme.style(ink));
}

/// The alarms, most serious first.
pub fn alarms(page: &Page<'_>) -> Vec<(String, Ink)> {
    let sight = page.sight;
    let mut alarms = Vec::new();
    if !sight.view.connected {
        let since = span(sight.silent_for());
        let told = if sight.ever_connected() { "gone for" } else { "not found for" };
        alarms.push((format!("DAEMON {told} {since}, reconnecting"), Ink::Bad));
    }
    // With several daemons, or paths to one, a missing one makes the next takeover fail.
    let missing = sight.view.paths.iter().filter(|path| sight.view.connected && path.daemon.is_none());
    alarms.extend(missing.map(|path| (format!("{} IS AWAY", path.server.to_uppercase()), Ink::Warn)));
    if sight.view.state.blackout {
        alarms.push(("BLACKOUT".into(), Ink::Bad));
    }
    if let Some(since) = sight.view.state.frozen {
        alarms.push((format!("FROZEN for {}", span(sight.show.since(since) as f64 * 1e-9)), Ink::Beat));
    }
    if sight.view.state.hold {
        alarms.push(("TEMPO HELD".into(), Ink::Warn));
    }
    if let Some([low, high]) = sight.view.state.tempo_range.ends() {
        alarms.push((format!("TEMPO {low:.0} TO {high:.0}"), Ink::Warn));
    }
    if sight.view.state.levels_frozen {
        alarms.push(("LEVELS FROZEN".into(), Ink::Warn));
    }
    alarms
}

/// Draws the alarms across the page, or a thin line without any.
pub fn draw_strip(page: &Page<'_>, area: Rect, buffer: &mut Buffer) {
    let alarms = alarms(page);
    if alarms.is_empty() {
        put(buffer, area, 0, 0, &"─".repeat(usize::from(area.width)), page.theme.style(Ink::Faint));
        return;
    }
    let mut x = 0;
    for (index, (text, ink)) in alarms.iter().enumerate() {
        let last = index + 1 == alarms.len();
        let width = if last { area.width.saturating_sub(x) } else { cells(text) + 4 };
        let place = Rect { x: area.x + x, width, ..area }.intersection(area);
        let style = page.theme.field(*ink, 1.0);
        paint(buffer, place, style);
        put(buffer, place, 2, 0, text, style);
        x += width;
    }
}
