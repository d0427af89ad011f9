//! Codes that admit browsers: an operator requests one and types it on the phone.

use crate::edges::allowance::Allowance;
use downbeat_peer::identity::secret;
use downbeat_protocol::HostTime;
use downbeat_protocol::message::{Role, check_name};
use downbeat_protocol::network::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Maximum of valid codes; more replace the oldest.
const MOST: usize = 16;
/// Attempts of a host at once and per second.
const TRIES: (f64, f64) = (5.0, 0.1);
/// Attempts of all hosts together. Each guess has a chance of one in a million for each valid code, so ten hosts need
/// more than two hours for one in a hundred, if there is a valid code all that time.
const ALL_TRIES: (f64, f64) = (50.0, 1.0);
/// Maximum of hosts that are remembered; one more takes the place of the one that tried first.
const HOSTS: usize = 1_024;

/// The valid codes. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Codes(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    codes: Vec<Code>,
    tries: Option<Allowance>,
    /// Those of each host, and when it last tried.
    hosts: HashMap<IpAddr, (Allowance, HostTime)>,
}

#[derive(Debug)]
struct Code {
    digits: String,
    role: Role,
    name: String,
    until: HostTime,
}

/// Why a code is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnterError {
    /// It is unknown, used or expired.
    #[error("wrong or expired code: get a new one")]
    Wrong,
    /// Too many attempts.
    #[error("too many attempts: wait ten seconds")]
    Wait,
}

impl Codes {
    /// Validity of a code.
    pub const SECONDS: u32 = 120;

    /// Makes a code that admits one browser. None if the system has no random numbers.
    pub fn make(&self, role: Role, name: String, now: HostTime) -> Option<String> {
        // The bias of 2^64 over a million is negligible.
        let digits = format!("{:06}", u64::from_ne_bytes(secret()?) % 1_000_000);
        let name = check_name(&name).map_or_else(|_| "browser".into(), |()| name);
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.codes.retain(|code| code.until > now && code.digits != digits);
        if inner.codes.len() == MOST {
            inner.codes.remove(0);
        }
        let until = now + Duration::from_secs(Self::SECONDS.into());
        inner.codes.push(Code { digits: digits.clone(), role, name, until });
        Some(digits)
    }

    /// Uses up a code; returns its role and name.
    ///
    /// # Errors
    /// If it is invalid, or there were too many attempts.
    pub fn enter(&self, typed: &str, host: IpAddr, now: HostTime) -> Result<(Role, String), EnterError> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).take(7).collect();
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.may_try(network(host), now) {
            return Err(EnterError::Wait);
        }
        inner.codes.retain(|code| code.until > now);
        let place = inner.codes.iter().position(|code| code.digits == digits).ok_or(EnterError::Wrong)?;
        let code = inner.codes.remove(place);
        Ok((code.role, code.name))
    }
}

impl Inner {
    /// Whether a host may try once more. One that tries too often costs the others nothing.
    fn may_try(&mut self, host: IpAddr, now: HostTime) -> bool {
        if self.hosts.len() >= HOSTS && !self.hosts.contains_key(&host) {
            let oldest = self.hosts.iter().min_by_key(|(_, (_, tried))| *tried).map(|(host, _)| *host);
            oldest.and_then(|oldest| self.hosts.remove(&oldest));
        }
        let (tries, tried) = self.hosts.entry(host).or_insert_with(|| (Allowance::new(TRIES.0, TRIES.1, now), now));
        *tried = now;
        tries.take(now) && self.tries.get_or_insert_with(|| Allowance::new(ALL_TRIES.0, ALL_TRIES.1, now)).take(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: HostTime = HostTime(1_000_000_000);

    fn host(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_code_lets_one_browser_in_for_two_minutes() {
        let (codes, phone) = (Codes::default(), host("192.0.2.7"));
        let make = || codes.make(Role::Controller, "phone".into(), NOW).expect("a code");
        let (one, two) = (make(), make());
        let spaced = format!(" {} {}", &one[..3], &one[3..]);
        assert_eq!(codes.enter(&spaced, phone, NOW), Ok((Role::Controller, "phone".into())));
        assert_eq!(codes.enter(&one, phone, NOW), Err(EnterError::Wrong), "once");
        let late = NOW + Duration::from_secs(121);
        assert_eq!(codes.enter(&two, phone, late), Err(EnterError::Wrong), "too late");
        assert_eq!(codes.enter("", phone, late), Err(EnterError::Wrong));
    }

    #[test]
    fn whoever_tries_many_codes_has_to_wait_and_nobody_else() {
        let codes = Codes::default();
        let waits = |from: &str, now| codes.enter("none", host(from), now) == Err(EnterError::Wait);
        assert_eq!((0..7).filter(|_| waits("192.0.2.66", NOW)).count(), 2);
        // It goes on for a quarter of an hour; a phone is paired meanwhile.
        for second in 0..900 {
            waits("192.0.2.66", NOW + Duration::from_secs(second));
        }
        let later = NOW + Duration::from_secs(900);
        let code = codes.make(Role::Controller, "phone".into(), later).expect("a code");
        assert!(codes.enter(&code, host("192.0.2.7"), later).is_ok());
        // All addresses of a network are one host, since a machine has as many as it likes.
        assert_eq!((0..20).filter(|it| waits(&format!("2001:db8::{it}"), NOW)).count(), 15);
        assert!(!waits("2001:db8:0:1::1", NOW));
    }

    #[test]
    fn many_hosts_together_guess_once_a_second() {
        let codes = Codes::default();
        let tries = |now| {
            let hosts = (0..5_000_u32).map(|it| IpAddr::from((0xC633_0000 + it).to_be_bytes()));
            hosts.filter(|host| codes.enter("none", *host, now) != Err(EnterError::Wait)).count()
        };
        assert_eq!([tries(NOW), tries(NOW + Duration::from_secs(3))], [50, 3]);
        let codes = codes.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(codes.hosts.len() <= HOSTS);
    }
}
