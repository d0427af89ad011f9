//! Reads and checks a configuration.

use super::{Canvas, Config, Flags, Slice};
use downbeat_config::{Fault, Layers, Program, Snapshot, Sources};

/// The embedded defaults, which are also the documentation of every key.
pub const DEFAULTS: &str = Program::Renderer.defaults();

/// The configuration from flags, environment and files.
///
/// # Errors
/// An unreadable file, a syntax error, an unknown key, or an invalid value.
pub fn load(flags: &Flags, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config, Fault> {
    let environment = environment.into_iter().collect();
    let sources = Sources { file: flags.config.clone(), environment, flags: flags.settings() };
    read(&Layers::read(Program::Renderer, &sources)?)
}

/// The same with the files as they were.
///
/// # Errors
/// As [`load`].
pub fn of(files: &Snapshot, flags: &Flags, environment: Vec<(String, String)>) -> Result<Config, Fault> {
    let sources = Sources { file: None, environment, flags: flags.settings() };
    read(&Layers::of(Program::Renderer, files, &sources)?)
}

fn read(layers: &Layers) -> Result<Config, Fault> {
    let config: Config = layers.deserialize()?;
    check(&config).map_err(|(path, problem)| layers.fault(path, problem))?;
    Ok(config)
}

/// Refuses invalid values: the path of the key, and what is valid.
fn check(config: &Config) -> Result<(), (&'static [&'static str], String)> {
    let Canvas { width, height } = config.canvas;
    for (path, length) in [(&["canvas", "width"], width), (&["canvas", "height"], height)] {
        if !(16..=65_536).contains(&length) {
            return Err((path, format!("{length} is out of range; choose 16 to 65536")));
        }
    }
    let slice = config.slice();
    let ends = |from: u32, length: u32| u64::from(from) + u64::from(length);
    if slice.width == 0
        || slice.height == 0
        || ends(slice.x, slice.width) > u64::from(width)
        || ends(slice.y, slice.height) > u64::from(height)
    {
        let Slice { x, y, width: w, height: h } = slice;
        return Err((&["slice"], format!("{x},{y},{w},{h} is not within the canvas of {width}x{height}")));
    }
    let display = &config.display;
    if !(1..=480).contains(&display.fps) {
        return Err((&["display", "fps"], format!("{} is out of range; choose 1 to 480", display.fps)));
    }
    for (path, ms) in [
        (&["display", "playout-delay-ms"], display.playout_delay_ms),
        (&["headless", "lag-ms"], config.headless.lag_ms),
    ] {
        if !(0.0..=1000.0).contains(&ms) {
            return Err((path, format!("{ms} is out of range; choose 0 to 1000")));
        }
    }
    let latency = display.latency_ms;
    if !(0.0..=500.0).contains(&latency) {
        return Err((&["display", "latency-ms"], format!("{latency} is out of range; choose 0 to 500")));
    }
    if latency > display.playout_delay_ms {
        let problem = format!(
            "{latency} is more than display.playout-delay-ms ({}): rows would be wanted before they are heard. \
             Raise the playout delay, on every node of the wall",
            display.playout_delay_ms
        );
        return Err((&["display", "latency-ms"], problem));
    }
    if config.headless.every == 0 {
        return Err((&["headless", "every"], "0 writes nothing; 1 writes every frame".into()));
    }
    if config.node.name.is_empty() {
        return Err((&["node", "name"], "a node needs a name, for the operator's page".into()));
    }
    Ok(())
}
