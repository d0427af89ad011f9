//! The configuration.

use downbeat_engine::Engine;
use downbeatd::config::{Config, DEFAULTS};

/// A configuration that is taken makes an engine, or a fault says what is wrong.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Config::parse("show.toml", text) {
        Ok(config) => {
            if let Err(error) = Engine::new(&config.engine, None) {
                assert!(!error.to_string().is_empty());
            }
        }
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
}

/// The shipped configurations, whole, and a few lines of each kind.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        DEFAULTS,
        include_str!("../../../../config/examples/demo.toml"),
        include_str!("../../../../config/examples/desk.toml"),
        include_str!("../../../../config/examples/resolume.toml"),
        "[audio]\nsource = \"file\"\nfiles = { main = \"song.wav\" }\nhop = 128\n[bus.drums]\nrole = \"drums\"\n",
        "[parameter.back.opacity]\nexpression = \"main.rms\"\nrange = [0, 1]\nattack-ms = 5\ncurve = \"square\"\n",
        "[tempo]\nrange = [60, 200]\nbeats-per-bar = 3\n[midi-source.keys]\nport = \"jack\"\nchannel = 3\n",
        "[[layer]]\nname = \"back\"\nscene = \"tunnel\"\nscenes = [\"tunnel\"]\n[control.desk]\nkind = \"osc\"\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
