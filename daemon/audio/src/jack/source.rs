//! A JACK client as a source of blocks.

use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{leases::JackLeases, link::Link, settings::JackSettings, supervisor};
use crate::{Block, Got, MidiOut, Report, Source, block_ring::BlockReader};

/// How long to wait for libjack when the source is dropped. It may hang if its server does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Samples from a JACK server: one client with an input pair per bus, and a MIDI output.
///
/// A block's [`time_host_ns`](Block::time_host_ns) is the start of its cycle less the capture latency that the graph
/// reports for our first connected bus. For an interface's inputs that is at least one period, as the driver captured
/// the samples in the period before. For a player in the graph it is zero: its samples are made in the cycle in which
/// we get them. The cycle times go through a delay-locked loop and are converted to `CLOCK_MONOTONIC`.
///
/// Only one server per process: libjack (jackd2) attaches to one at a time. Other users of JACK in this process take a
/// lease from [`leases`](Self::leases).
#[derive(Debug)]
pub struct JackSource {
    link: Arc<Link>,
    blocks: Option<BlockReader>,
    supervisor: Option<JoinHandle<()>>,
}

impl JackSource {
    /// Starts to follow a JACK server; never starts one. While the server is absent, the source reports that once
    /// ([`Got::Lost`]) and keeps trying.
    pub fn open(settings: JackSettings) -> Self {
        let link = Arc::new(Link::default());
        link.status().connected = vec![Vec::new(); settings.buses.len()];
        let theirs = Arc::clone(&link);
        let supervisor =
            thread::Builder::new().name("jack".to_owned()).spawn(move || supervisor::run(&settings, &theirs));
        if let Err(error) = &supervisor {
            let why = format!("cannot start the thread that follows JACK: {error}; free some memory or threads");
            link.status().text.clone_from(&why);
            link.announce_lost(why);
        }
        Self { link, blocks: None, supervisor: supervisor.ok() }
    }

    /// The sender to the port `midi_out`.
    pub fn midi(&self) -> MidiOut {
        self.link.midi.clone()
    }

    /// Leases for other clients of the same server in this process.
    pub fn leases(&self) -> JackLeases {
        JackLeases(Arc::clone(&self.link))
    }
}

impl Source for JackSource {
    fn next(&mut self, block: &mut Block, timeout: Duration) -> Got {
        let begun = Instant::now();
        loop {
            let seen = self.link.gauges.reader.seen();
            if self.blocks.as_mut().is_some_and(|blocks| blocks.read(block)) {
                return Got::Block;
            }
            // News follows all blocks of the stream before.
            if let Some((news, blocks)) = self.link.take_news() {
                if !matches!(news, Got::Suspended { .. }) {
                    self.blocks = blocks;
                }
                return news;
            }
            let left = timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Got::Nothing;
            }
            self.link.gauges.reader.wait(seen, left);
        }
    }

    fn report(&self) -> Report {
        let status = self.link.status().clone();
        Report {
            status: status.text,
            dropped: self.link.gauges.dropped.load(Relaxed),
            xruns: self.link.xruns.load(Relaxed),
            midi_dropped: self.link.midi.dropped(),
            connected: status.connected,
            sample_rate: status.sample_rate,
            block: status.block,
        }
    }
}

impl Drop for JackSource {
    fn drop(&mut self) {
        self.link.quit.store(true, Relaxed);
        self.link.supervisor.notify();
        let begun = Instant::now();
        while !self.link.ended.load(Relaxed) && begun.elapsed() < PATIENCE {
            let seen = self.link.gauges.reader.seen();
            if !self.link.ended.load(Relaxed) {
                self.link.gauges.reader.wait(seen, PATIENCE.saturating_sub(begun.elapsed()));
            }
        }
        match self.supervisor.take() {
            Some(thread) if self.link.ended.load(Relaxed) || thread.is_finished() => {
                let _panicked = thread.join();
            }
            Some(_) => tracing::warn!("libjack does not leave its server; abandoning it"),
            None => {}
        }
    }
}
