//! Codes that admit browsers: an operator requests one and types it on the phone.

use crate::server::clients::allowance::Allowance;
use downbeat_peer::identity::secret;
use downbeat_protocol::HostTime;
use downbeat_protocol::message::{Role, check_name};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Maximum of valid codes; more replace the oldest.
const MOST: usize = 16;
/// Attempts at once and per second, of all clients together. Each guess has a chance of 16 in a million, so one in a
/// hundred within an hour and a half, if codes are valid all that time.
const TRIES: (f64, f64) = (5.0, 0.1);

/// The valid codes. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Codes(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    codes: Vec<Code>,
    tries: Option<Allowance>,
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
    pub fn enter(&self, typed: &str, now: HostTime) -> Result<(Role, String), EnterError> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).take(7).collect();
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.tries.get_or_insert_with(|| Allowance::new(TRIES.0, TRIES.1, now)).take(now) {
            return Err(EnterError::Wait);
        }
        inner.codes.retain(|code| code.until > now);
        let place = inner.codes.iter().position(|code| code.digits == digits).ok_or(EnterError::Wrong)?;
        let code = inner.codes.remove(place);
        Ok((code.role, code.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: HostTime = HostTime(1_000_000_000);

    #[test]
    fn a_code_lets_one_browser_in_for_two_minutes() {
        let codes = Codes::default();
        let make = || codes.make(Role::Controller, "phone".into(), NOW).expect("a code");
        let (one, two) = (make(), make());
        let spaced = format!(" {} {}", &one[..3], &one[3..]);
        assert_eq!(codes.enter(&spaced, NOW), Ok((Role::Controller, "phone".into())));
        assert_eq!(codes.enter(&one, NOW), Err(EnterError::Wrong), "once");
        let late = NOW + Duration::from_secs(121);
        assert_eq!(codes.enter(&two, late), Err(EnterError::Wrong), "too late");
        assert_eq!(codes.enter("", late), Err(EnterError::Wrong));
    }

    #[test]
    fn whoever_tries_many_codes_has_to_wait() {
        let codes = Codes::default();
        let tries: Vec<_> = (0..7).map(|number| codes.enter(&format!("{number:06}"), NOW)).collect();
        assert_eq!(tries.iter().filter(|it| **it == Err(EnterError::Wait)).count(), 2);
    }
}
