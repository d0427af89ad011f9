//! The expressions that map signals to parameters.

use downbeat_engine::{EngineConfig, InHand, Mapper, ParameterConfig};
use downbeat_protocol::ShowTime;
use downbeatd::config::Config;
use std::cell::LazyCell;
use std::collections::BTreeMap;

thread_local! {
    static CONFIG: LazyCell<EngineConfig> =
        LazyCell::new(|| Config::parse("nothing", "").expect("the defaults can be read").engine);
}

/// An expression is computed, or refused with its place; whatever the signals are, the parameter stays in its range.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut config = CONFIG.with(|config| (**config).clone());
    let parameter = ParameterConfig { expression: Some(text.into()), ..ParameterConfig::default() };
    config.parameters.insert("glow".into(), parameter);
    let mut mapper = match Mapper::of(&config) {
        Ok(mapper) => mapper,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let in_hand = InHand { values: &BTreeMap::new(), fades: &BTreeMap::new() };
    let mut row = vec![0.0; mapper.width()];
    for (hop, signal) in [0.0, 1.0, -1.0, 1e30, f32::MIN_POSITIVE, f32::NAN, f32::INFINITY].into_iter().enumerate() {
        let last = row.len() - 1;
        row[..last].fill(signal);
        mapper.map(&mut row, ShowTime(hop as i64 * 5_333_333), &in_hand, false);
        assert!((0.0..=1.0).contains(&row[last]), "`{text}` is {} when all signals are {signal}", row[last]);
    }
}

/// Every kind of operand and operator.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        "main.rms",
        "main.mel[3] * 0.5 + main.mel.4",
        "-main.onset-strength^2 - 1e-3",
        "clamp(main.rms * 2, 0, 1)",
        "max(main.peak, min(0.5, time % 4)) >= 0.25",
        "sin(2 * pi * beat.phase) * (1 - main.rms)",
        "main.rms-main.peak < 0.1",
        "mix(0, 1, smoothstep(0.2, 0.8, main.rms))",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
