//! The saved state of a daemon.

use downbeat_engine::Engine;
use downbeat_protocol::{ShowTime, Timeline};
use downbeatd::config::Config;
use downbeatd::saved::Saved;

/// A file makes no sense, or a daemon can go on with it.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let saved = match Saved::parse(text, "boot") {
        Ok((saved, _)) => saved,
        Err(why) => return assert!(!why.is_empty()),
    };
    let config = Config::parse("nothing", "").expect("the defaults can be read");
    let mut engine = Engine::new(&config.engine, Some(saved.state.clone())).expect("any state is taken or left out");
    let now = saved.at.offset(1);
    if let Some(line) = saved.fresh_timeline(now) {
        engine.resume(line, now);
        let tick = engine.tick(now, now, downbeat_protocol::HostTime::ZERO, &mut Vec::new());
        assert!(tick.row.values.iter().all(|value| value.is_finite()), "{:?}", tick.row.values);
    }
    let (_, dropped) =
        Saved::parse(&saved.text().expect("it can be written"), "boot").expect("what we write we can read");
    assert!(dropped.is_empty(), "what was kept is kept again: {dropped:?}");
}

/// A new show, and one that has run, of this and of another run of the machine.
pub fn seeds() -> Vec<Vec<u8>> {
    let state = super::some_state();
    let ran = |boot| {
        let mut saved = Saved::new(boot);
        (saved.state, saved.timeline) = (state.clone(), Some(Timeline::default()));
        saved.at = ShowTime(5_000_000_000);
        saved
    };
    let all = [Saved::new("boot"), ran("boot"), ran("another")];
    all.map(|saved| saved.text().expect("it can be written").into_bytes()).into()
}
