//! Every key of the configuration is changed while music plays: it takes effect as `docs/reload.md` says, and the desk
//! beside misses no beat.
//!
//! | file | noun |
//! |---|---|
//! | `known` | every key, read from the source |
//! | `values`, `table` | another value for each, and how it takes effect |
//! | `base.toml` | what they are changed from |
//! | `rig` | the daemon and its peers |
//! | `seen` | what can be seen from outside after some of the changes |
//! | `midi` | the same with a real MIDI box |

mod known;
mod midi;
mod rig;
mod seen;
mod table;
mod values;

use e2e::turn;
use rig::Rig;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use table::rows;

#[test]
fn every_key_of_the_daemon_has_a_row_and_every_row_a_key() {
    let known = known::keys();
    let rows: BTreeSet<String> = rows().into_iter().map(|row| row.key).collect();
    let missing: Vec<_> = known.difference(&rows).collect();
    assert!(missing.is_empty(), "no row changes {missing:?}: write another value for it into values.rs");
    let unknown: Vec<_> = rows.difference(&known).collect();
    assert!(unknown.is_empty(), "there are no such keys: {unknown:?}");
    for (key, ..) in seen::SEEN {
        assert!(rows.contains(key), "{key} is looked at, but never changed");
    }
    println!("{} keys", known.len());
}

#[test]
fn each_key_takes_effect_as_it_should_and_the_desk_beside_misses_no_beat() {
    let _turn = turn();
    let mut rig = Rig::start(None);
    let (begun, mut seen, mut slowest) = (Instant::now(), 0, (Duration::ZERO, String::new()));
    let rows = rows();
    for row in &rows {
        let changed = Instant::now();
        rig.change(row);
        for (.., look) in seen::SEEN.iter().filter(|(key, part, _)| row.key == *key && row.text.contains(part)) {
            look(&rig);
            seen += 1;
        }
        rig.take_back(row);
        slowest = slowest.max((changed.elapsed(), row.key.clone()));
    }
    println!("{} changes and {seen} looks took {:?}; the slowest was {slowest:?}", rows.len(), begun.elapsed());
    // After all of it, everything is as it was.
    seen::base(&rig);
    rig.assert_undisturbed();
}
