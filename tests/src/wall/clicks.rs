//! Clicks into JACK, and when they become visible.

use super::Shown;
use crate::bench::Distribution;
use crate::{JackServer, host_now_ns};
use jack::{AsyncClient, AudioOut, Client, ClientOptions, Control, Port, ProcessHandler, ProcessScope};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// A click: half a millisecond of full scale.
const CLICK_FRAMES: usize = 24;
/// Seconds between clicks: long enough to be dark again, and anywhere between two frames.
const APART: (f64, f64) = (1.2, 1.7);
/// A click is seen when this share of its light is there.
const SEEN: f64 = 0.1;
/// The time after a click in which its brightest frame is looked for, in nanoseconds.
const LOOK_NS: i64 = 400_000_000;
/// Less light than this, of 255, is none.
const DARK: f64 = 2.0;

struct Finger {
    port: Port<AudioOut>,
    rest: f64,
    clicked: SyncSender<i64>,
}

impl ProcessHandler for Finger {
    fn process(&mut self, client: &Client, scope: &ProcessScope) -> Control {
        let entered = host_now_ns();
        let frames = self.port.as_mut_slice(scope);
        frames.fill(0.0);
        self.rest -= frames.len() as f64 / client.sample_rate() as f64;
        if self.rest <= 0.0 {
            self.rest = APART.0 + (APART.1 - APART.0) * fastrand::f64();
            frames.iter_mut().take(CLICK_FRAMES).enumerate().for_each(|(at, frame)| {
                *frame = if at % 4 < 2 { 0.9 } else { -0.9 };
            });
            // A queue for hours of clicks.
            let _ = self.clicked.try_send(entered);
        }
        Control::Continue
    }
}

/// A running client `finger` with the port `finger:out`.
pub struct Clicker {
    _client: AsyncClient<(), Finger>,
    clicks: Receiver<i64>,
}

impl Clicker {
    /// The port that it clicks to.
    pub const PORT: &str = "finger:out";

    /// Joins a server.
    pub fn join(server: &JackServer) -> Self {
        server.select();
        let (client, _) = Client::new("finger", ClientOptions::NO_START_SERVER).expect("the benchmark's jackd runs");
        let port = client.register_port("out", AudioOut::default()).expect("a fresh client has no ports");
        let (clicked, clicks) = sync_channel(10_000);
        let finger = Finger { port, rest: APART.0, clicked };
        let client = client.activate_async((), finger).expect("the benchmark's jackd runs");
        Self { _client: client, clicks }
    }

    /// When the clicks since the last call entered JACK, in nanoseconds of `CLOCK_MONOTONIC`.
    pub fn clicks(&self) -> Vec<i64> {
        self.clicks.try_iter().collect()
    }
}

/// From each click to the first frame handed over that shows it. A click that is never seen counts as a minute.
pub fn shown_after(clicks: &[i64], log: &[Shown]) -> Distribution {
    let mut distribution = Distribution::default();
    let (Some(first), Some(last)) = (log.first(), log.last()) else { return distribution };
    for click in clicks.iter().filter(|click| **click > first.host_ns && **click + LOOK_NS < last.host_ns) {
        let begin = log.partition_point(|shown| shown.host_ns < *click);
        let after: Vec<&Shown> = log[begin..].iter().take_while(|shown| shown.host_ns < click + LOOK_NS).collect();
        let before = log[begin.saturating_sub(1)].brightness;
        let brightest = after.iter().map(|shown| shown.brightness).fold(before, f64::max);
        let seen = after.iter().find(|shown| shown.brightness >= before + SEEN * (brightest - before));
        let seen = seen.filter(|_| brightest - before > DARK);
        distribution.add(seen.map_or(60_000_000_000, |shown| shown.host_ns - click));
    }
    distribution
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_is_seen_with_its_first_light_and_a_dark_one_never() {
        let frame = |number: i64, brightness: f64| Shown {
            frame: number,
            moment_ns: 0,
            host_ns: number * 10_000_000,
            made_of: String::new(),
            luma: String::new(),
            brightness,
        };
        let light = |number: i64| if (5..20).contains(&number) { 100.0 - number as f64 } else { 10.0 };
        let log: Vec<Shown> = (0..200).map(|number| frame(number, light(number))).collect();
        let seen = shown_after(&[31_000_000, 1_000_000_000, 1_999_000_000], &log);
        assert_eq!(seen.count(), 2);
        assert!((seen.percentile_ms(50.0) - 19.0).abs() < 0.1 && seen.max_ms() > 50_000.0);
    }
}
