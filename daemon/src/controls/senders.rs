//! The clocks of senders: which time tags of OSC bundles to obey. Pure: time is an argument.
//!
//! A time tag is a time of day by the sender's clock. How far it lies ahead on arrival is how far that clock is ahead,
//! plus how far ahead the sender schedules. So the least that a sender has lately been ahead is the most by which its
//! clock can be wrong in the direction that delays commands. Programs schedule up to half a second ahead
//! (SuperCollider and TidalCycles 0.2 s, Sonic Pi 0.5 s, by default); what is always further ahead is a wrong clock,
//! and counts from there.

use downbeat_protocol::{Action, HostTime};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// The furthest that a command is scheduled ahead; a tag beyond that takes effect at once.
const FURTHEST: i64 = 1_000 * MS;
/// A sender that is always further ahead than this has a wrong clock.
const SCHEDULED: i64 = 600 * MS;
/// Only a clock that is ahead by at most this may delay a blackout: nobody sees 50 ms.
const AGREES: i64 = 50 * MS;
/// A clock that was set meanwhile is known after one to two of these.
const WINDOW: Duration = Duration::from_secs(15);
/// The least distance between two warnings about any senders.
const WARN_EVERY: Duration = Duration::from_secs(10);
/// A clock of this machine that moves further than this at once was set.
const SET: i64 = 20 * MS;
/// A warned sender is warned again when it is off by that much more or less.
const ANOTHER: i64 = 500 * MS;
/// Maximum of senders; one more replaces the one silent for longest.
const MOST: usize = 64;

const MS: i64 = 1_000_000;

/// What is known of the clocks of all senders.
#[derive(Debug, Default)]
pub struct Senders {
    known: BTreeMap<IpAddr, Sender>,
    warned: Option<HostTime>,
    /// From this machine's monotonic clock to its time of day.
    wall_offset: Option<i64>,
}

#[derive(Debug)]
struct Sender {
    /// Start of the window in progress.
    begun: HostTime,
    heard: HostTime,
    /// The least that a tag was ahead, in this window and the one before.
    least: [Option<i64>; 2],
    /// How far it was ahead when it was last warned about.
    warned: Option<i64>,
}

/// What to do with a command in a bundle with a time tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How long it waits.
    pub wait: Duration,
    /// A warning for the operator, if there is something new to say.
    pub warning: Option<String>,
}

impl Senders {
    /// Takes the offset of this machine's time of day. If somebody has set that, no sender's clock is known any more.
    pub fn tell_time(&mut self, wall_offset: i64) {
        let before = self.wall_offset.replace(wall_offset);
        if before.is_some_and(|before| before.abs_diff(wall_offset) > SET.unsigned_abs()) {
            self.known.clear();
        }
    }

    /// Judges a tag that lies `ahead` nanoseconds after its arrival at `now`. With `at_once`, its command never waits
    /// for a clock that is not known to agree.
    pub fn judge(&mut self, host: IpAddr, ahead: i64, at_once: bool, now: HostTime) -> Verdict {
        if self.known.len() >= MOST && !self.known.contains_key(&host) {
            let oldest = self.known.iter().min_by_key(|(_, sender)| sender.heard).map(|(host, _)| *host);
            oldest.map(|oldest| self.known.remove(&oldest));
        }
        let new = || Sender { begun: now, heard: now, least: [None; 2], warned: None };
        let sender = self.known.entry(host).or_insert_with(new);
        let least = sender.observe(ahead, now);
        let wrong = least > SCHEDULED;
        let scheduled = if wrong { ahead.saturating_sub(least) } else { ahead };
        let too_far = scheduled > FURTHEST;
        let obeyed = scheduled > 0 && !too_far && !(at_once && least > AGREES);
        let wait = Duration::from_nanos(if obeyed { scheduled.unsigned_abs() } else { 0 });
        let warning = (wrong || too_far).then(|| sender.warn(host, ahead, now, &mut self.warned)).flatten();
        if !wrong && !too_far {
            sender.warned = None;
        }
        Verdict { wait, warning }
    }
}

impl Sender {
    /// The least that it has lately been ahead.
    fn observe(&mut self, ahead: i64, now: HostTime) -> i64 {
        self.heard = now;
        if now >= self.begun + WINDOW {
            let [current, _] = self.least;
            let still_counts = now < self.begun + 2 * WINDOW;
            self.least = [None, current.filter(|_| still_counts)];
            self.begun = now;
        }
        let least = self.least[0].map_or(ahead, |least| least.min(ahead));
        self.least[0] = Some(least);
        self.least[1].map_or(least, |before| before.min(least))
    }

    fn warn(&mut self, host: IpAddr, ahead: i64, now: HostTime, last_of_all: &mut Option<HostTime>) -> Option<String> {
        let known = self.warned.is_some_and(|warned| warned.abs_diff(ahead) < ANOTHER.unsigned_abs());
        if known || last_of_all.is_some_and(|last| now < last + WARN_EVERY) {
            return None;
        }
        self.warned = Some(ahead);
        *last_of_all = Some(now);
        let seconds = ahead as f64 * 1e-9;
        Some(format!(
            "{host}: the time tags of its OSC bundles are {seconds:.1} s ahead of this machine's clock, so its commands \
             take effect at once; set the clock of {host} (by NTP), or send without time tags"
        ))
    }
}

/// Whether an action must not wait for a clock that may be wrong.
pub fn is_urgent(action: &Action) -> bool {
    matches!(
        action,
        Action::Blackout(_)
            | Action::Freeze(_)
            | Action::PanicBlack(_)
            | Action::PanicFreeze(_)
            | Action::TakeLead
            | Action::GiveLead
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

    fn at(ms: i64) -> HostTime {
        HostTime(ms * MS)
    }

    /// The milliseconds that the commands of a sender wait, with tags so far ahead, one each second.
    fn waits(ahead_ms: &[i64], at_once: bool) -> Vec<u128> {
        let mut senders = Senders::default();
        let wait =
            |(second, ahead): (i64, &i64)| senders.judge(HOST, ahead * MS, at_once, at(second * 1000)).wait.as_millis();
        (0..).zip(ahead_ms).map(wait).collect()
    }

    #[test]
    fn what_a_program_schedules_ahead_waits_and_what_is_past_does_not() {
        assert_eq!(waits(&[200, 210, 500, -3000, 0, 900], false), [200, 210, 500, 0, 0, 900]);
    }

    #[test]
    fn no_clock_that_is_seconds_ahead_delays_anything() {
        for off in [1_500, 3_000, 9_500, 86_400_000, i64::MAX / MS] {
            assert_eq!(waits(&[off, off, off], false), [0, 0, 0], "{off} ms");
            assert_eq!(
                waits(&[0, off, 10, off], false),
                [0, 0, 10, 0],
                "{off} ms, from a sender that was right before"
            );
        }
    }

    #[test]
    fn what_a_sender_with_a_wrong_clock_schedules_waits_from_its_own_present() {
        assert_eq!(waits(&[3_000, 3_200, 3_001, 3_500], false), [0, 200, 1, 500]);
        assert_eq!(waits(&[800, 805, 1_000], false), [0, 5, 200], "a clock that is less than a second ahead");
    }

    #[test]
    fn a_blackout_waits_only_for_a_clock_that_is_known_to_agree() {
        assert_eq!(waits(&[400, 300, 700], true), [0, 0, 0]);
        assert_eq!(waits(&[2, 400, -20, 400], true), [2, 400, 0, 400]);
        assert!(is_urgent(&Action::Blackout(true)) && is_urgent(&Action::PanicBlack(true)));
        assert!(!is_urgent(&Action::Tempo(120.0)));
    }

    #[test]
    fn a_wrong_clock_is_told_once_with_its_sender_and_again_when_it_differs() {
        let mut senders = Senders::default();
        let mut warn = |ahead: i64, second: i64| senders.judge(HOST, ahead * MS, false, at(second * 1000)).warning;
        let told = warn(9_000, 0).expect("a warning");
        assert!(told.contains("192.0.2.7") && told.contains("9.0 s ahead"), "{told}");
        assert_eq!([warn(9_010, 1), warn(8_990, 30), warn(9_000, 31)], [None, None, None]);
        assert!(warn(3_000, 100).is_some_and(|told| told.contains("3.0 s ahead")));
        assert_eq!(warn(10, 101), None);
        assert_eq!(warn(20, 160), None, "it was set");
        assert!(warn(3_000, 300).is_some(), "and is wrong again");
    }

    #[test]
    fn no_blackout_waits_because_this_machine_has_set_its_clock_back() {
        let mut senders = Senders::default();
        senders.tell_time(5_000 * MS);
        (0..20).for_each(|second| drop(senders.judge(HOST, 2 * MS, true, at(second * 1000))));
        senders.tell_time(5_001 * MS);
        assert_eq!(
            senders.judge(HOST, 200 * MS, true, at(20_000)).wait.as_millis(),
            200,
            "scheduled, by a known clock"
        );
        senders.tell_time(4_501 * MS);
        assert_eq!(senders.judge(HOST, 502 * MS, true, at(20_500)).wait, Duration::ZERO);
    }

    #[test]
    fn a_clock_that_was_set_is_trusted_again_soon() {
        let mut senders = Senders::default();
        assert_eq!(senders.judge(HOST, -5_000 * MS, false, at(0)).wait, Duration::ZERO, "it is five seconds behind");
        senders.judge(HOST, 800 * MS, false, at(31_000));
        let wait = senders.judge(HOST, 810 * MS, false, at(32_000)).wait;
        assert_eq!(wait, Duration::from_millis(10), "and now nearly a second ahead");
    }

    #[test]
    fn a_flood_of_senders_takes_a_bounded_place_and_leaves_one_warning() {
        let mut senders = Senders::default();
        let host = |number: u32| IpAddr::from(number.to_be_bytes());
        let warnings = (0..10_000).filter_map(|number| senders.judge(host(number), 5_000 * MS, true, at(1)).warning);
        assert_eq!(warnings.count(), 1);
        assert!(senders.known.len() <= MOST);
    }
}
