//! Everything that a daemon's configuration comes from: a file and its drop-ins as bytes, `--set`, the environment.

use downbeat_config::{Flag, Program, Snapshot, Sources, text};
use downbeat_engine::Engine;
use downbeatd::config::Config;

/// The line between two parts.
const BETWEEN: &str = "\n===\n";

/// A file, flags, and variables, of which the last two may be missing. None if it is in no encoding that a program
/// would read.
pub fn parts(bytes: &[u8]) -> Option<[String; 3]> {
    let text = match text::decode(bytes.to_vec()) {
        Ok(text) => text,
        Err(why) => {
            assert!(!why.is_empty());
            return None;
        }
    };
    // Flags and variables alone need no empty file.
    let text = if text.starts_with(&BETWEEN[1..]) { format!("\n{text}") } else { text };
    let mut parts = text.splitn(3, BETWEEN).map(str::to_owned);
    Some(std::array::from_fn(|_| parts.next().unwrap_or_default()))
}

/// A fault that can be told, or an engine; and what a drop-in repeats changes nothing.
pub fn run(bytes: &[u8]) {
    let Some([file, flags, environment]) = parts(bytes) else { return };
    let _ = Program::of(&file);
    let variables = environment.lines().filter_map(|line| line.split_once('='));
    let sources = Sources {
        file: None,
        environment: variables.map(|(name, value)| (name.into(), value.into())).collect(),
        flags: flags.lines().map(Flag::set).collect(),
    };
    let once = vec![("show.toml".into(), file.clone())];
    let twice = [&once[..], &[("show.toml.d/again.toml".into(), file)]].concat();
    match (Config::of(&Snapshot(once), &sources), Config::of(&Snapshot(twice), &sources)) {
        (Ok(once), Ok(twice)) => {
            assert_eq!(format!("{:?}", once.engine), format!("{:?}", twice.engine));
            assert_eq!((once.outputs.len(), once.controls.len()), (twice.outputs.len(), twice.controls.len()));
            if let Err(error) = Engine::new(&once.engine, None) {
                assert!(!error.to_string().is_empty());
            }
        }
        (Err(fault), Err(again)) => assert!(!fault.to_string().is_empty() && !again.to_string().is_empty()),
        (once, twice) => panic!("{:?} alone, {:?} with itself", once.err(), twice.err()),
    }
}

/// Flags and variables of each kind, also of the other program, and the marks that editors leave.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        "[show]\nname = \"tour\"\n===\nshow.name=Friday\naudio.hop=128\ntempo.range=[60, 200]\n===\n\
            DOWNBEAT__TEMPO__BEATS_PER_BAR=3\nDOWNBEAT__CANVAS__WIDTH=7",
        "===\nparameter.glow.expression=\"main.rms\"\noutput.desk={ kind = \"osc\", target = \"desk:7000\" }\n\
            ===\nDOWNBEAT__SHOW__NAME=1984",
        "\u{FEFF}[audio]\r\nhop = 256\r\n",
        "===\n===\nDOWNBEAT__AUDIO__SOURCE=file\nPATH=/bin",
        "===\nno-equals-sign\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
