//! When a command takes effect.

use crate::ShowTime;
use serde::{Deserialize, Serialize};

/// When a command takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// At once.
    #[default]
    Now,
    /// At the next beat.
    Beat,
    /// At the next downbeat.
    Bar,
    /// At the next first beat of a phrase.
    Phrase,
    /// At a moment of the show.
    At(ShowTime),
}

impl When {
    /// Splits `/next/bar/layer/back/scene` into [`When::Bar`] and `/layer/back/scene`; other addresses are for now.
    pub fn split(address: &str) -> (Self, &str) {
        for (prefix, when) in [("/next/beat", Self::Beat), ("/next/bar", Self::Bar), ("/next/phrase", Self::Phrase)] {
            match address.strip_prefix(prefix) {
                Some(rest) if rest.starts_with('/') => return (when, rest),
                _ => {}
            }
        }
        (Self::Now, address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_can_say_that_it_waits_for_the_bar() {
        assert_eq!(When::split("/next/bar/show/blackout"), (When::Bar, "/show/blackout"));
        assert_eq!(When::split("/next/barn/x"), (When::Now, "/next/barn/x"));
    }
}
