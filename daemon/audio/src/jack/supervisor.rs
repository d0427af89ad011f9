//! The thread `jack`: keeps the client connected, through restarts of the server.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use crate::block_ring::BlockReader;

use super::{
    close::close,
    lease::JackLease,
    link::{Link, Status},
    open::OpenError,
    session::{End, Session},
    settings::JackSettings,
};

/// The first pause between attempts; each is twice the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// How often to check whether all leases are back. Dropping them wakes no one.
const LEASE_PAUSE: Duration = Duration::from_millis(20);

/// What the operator has to know after a panic.
const FAILED: &str = "following the JACK server failed, which is a bug in Downbeat: beginning anew";

/// Follows the server until shutdown.
pub(super) fn run(settings: &JackSettings, link: &Link) {
    persist(settings, link, || follow(settings, link));
    link.ended.store(true, Relaxed);
    link.gauges.reader.notify();
}

/// Begins to follow anew after a panic, which is in the log by then.
fn persist(settings: &JackSettings, link: &Link, follow: impl Fn()) {
    while catch_unwind(AssertUnwindSafe(&follow)).is_err() {
        link.midi.detach();
        set_lost(link, settings, FAILED.to_owned(), true);
        if let Some(lease) = link.lease() {
            link.set_lease(None);
            lease.expire();
            wait_for_others(link, &lease);
        }
        rest(link, LONGEST_PAUSE);
    }
}

/// Opens one session after the other until shutdown.
fn follow(settings: &JackSettings, link: &Link) {
    let mut pause = FIRST_PAUSE;
    // The last reason for having no session: only a new one is worth a line in the log.
    let mut said = None;
    while !link.quit.load(Relaxed) {
        match Session::open(settings, link) {
            Ok((session, blocks)) => {
                said = attend(session, blocks, settings, link);
                pause = FIRST_PAUSE;
            }
            Err(error) => {
                let is_first = said.is_none();
                if said.as_ref() != Some(&error) {
                    tracing::warn!("{error}");
                }
                set_lost(link, settings, error.to_string(), is_first);
                said = Some(error);
                rest(link, pause);
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Runs one session. Returns the reason implied by its end.
fn attend(mut session: Session, blocks: BlockReader, settings: &JackSettings, link: &Link) -> Option<OpenError> {
    tracing::info!("JACK server \"{}\": connected, {} Hz", settings.server_name(), session.sample_rate());
    let lease = JackLease::new();
    link.set_lease(Some(lease.clone()));
    session.refresh();
    link.announce_started(session.sample_rate(), blocks);
    let end = session.follow();
    link.midi.detach();
    link.set_lease(None);
    lease.expire();
    if let End::Lost(why) = end {
        tracing::warn!("{why}");
        set_lost(link, settings, why, true);
    }
    close(session.into_client(), link);
    wait_for_others(link, &lease);
    Some(OpenError::NoServer(settings.server_name()))
}

/// Waits until all other clients of this process have left the server.
fn wait_for_others(link: &Link, lease: &JackLease) {
    let begun = Instant::now();
    let mut has_complained = false;
    while !lease.is_last() && !link.quit.load(Relaxed) {
        if !has_complained && begun.elapsed() > FIRST_PAUSE {
            has_complained = true;
            link.status().text = "waiting for other JACK clients of this program to leave the old server".to_owned();
        }
        rest(link, LEASE_PAUSE);
    }
}

fn set_lost(link: &Link, settings: &JackSettings, why: String, announce: bool) {
    let connected = vec![Vec::new(); settings.buses.len()];
    *link.status() = Status { text: why.clone(), connected, ..Status::default() };
    if announce {
        link.announce_lost(why);
    }
}

/// Waits before another attempt, unless shutting down.
fn rest(link: &Link, pause: Duration) {
    let begun = Instant::now();
    loop {
        let seen = link.supervisor.seen();
        let left = pause.saturating_sub(begun.elapsed());
        if left.is_zero() || link.quit.load(Relaxed) {
            return;
        }
        link.supervisor.wait(seen, left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Got;
    use std::{cell::Cell, panic::resume_unwind};

    #[test]
    fn after_a_panic_the_audio_is_lost_and_the_server_is_followed_anew() {
        let settings = JackSettings { client: "downbeat".into(), server: None, buses: Vec::new() };
        let (link, times) = (Link::default(), Cell::new(0));
        let _schedule = link.midi.attach();
        link.set_lease(Some(JackLease::new()));
        persist(&settings, &link, || {
            times.set(times.get() + 1);
            if times.get() == 1 {
                resume_unwind(Box::new(()));
            }
            assert!(link.lease().is_none() && !link.midi.connected());
        });
        assert_eq!((times.get(), link.status().text.as_str()), (2, FAILED));
        assert!(matches!(link.take_news(), Some((Got::Lost { why }, None)) if why == FAILED));
    }
}
