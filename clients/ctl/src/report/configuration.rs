//! The files with settings: the daemon's, those of nodes and of their screen, and JACK's.

use super::bundle::Bundle;
use super::redact;
use crate::doctor::Machine;
use downbeat_config::{Sources, text};
use std::path::{Path, PathBuf};

/// Where daemons, nodes and their screen have their settings.
const FOLDER: &str = "/etc/downbeat";
/// The settings of the package's JACK server.
const JACK: &str = "/etc/default/downbeat-jackd";

/// Adds them. The daemon's may have a mistake.
pub fn add(bundle: &mut Bundle, machine: &Machine, daemon: Option<&Path>, mistake: &str) {
    if !mistake.is_empty() {
        bundle.add("config/mistake.txt", mistake.into());
    }
    match daemon {
        Some(file) => with_drop_ins(bundle, file),
        None => bundle.miss("config", "none: the daemon runs with its defaults"),
    }
    for name in machine.names(FOLDER) {
        let path = machine.path(&format!("{FOLDER}/{name}"));
        match name.rsplit_once('.') {
            Some((_, "toml")) if daemon != Some(path.as_path()) => with_drop_ins(bundle, &path),
            Some((_, "ini")) => settings(bundle, &path),
            _ => {}
        }
    }
    if machine.has(JACK) {
        settings(bundle, &machine.path(JACK));
    }
}

/// A configuration of ours and its drop-ins.
fn with_drop_ins(bundle: &mut Bundle, file: &Path) {
    let sources = Sources { file: Some(file.into()), ..Sources::default() };
    let files: Vec<(PathBuf, String)> = match sources.snapshot() {
        Ok(files) => files.0,
        // One of the drop-ins may be the matter.
        Err(why) => {
            bundle.miss("config", &why.to_string());
            text::read(file).map(|text| vec![(file.to_owned(), text)]).unwrap_or_default()
        }
    };
    for (path, text) in files {
        let name = name(&path);
        match redact::config(&text) {
            Ok((text, removed)) => {
                removed.iter().for_each(|key| bundle.note(&format!("{name}: removed {key}")));
                bundle.add(&name, text);
            }
            Err(why) => bundle.miss(&name, &why),
        }
    }
}

/// Settings of another program.
fn settings(bundle: &mut Bundle, path: &Path) {
    let name = name(path);
    match text::read(path) {
        Ok(text) => {
            let clean = redact::settings(&text);
            if clean != text {
                bundle.note(&format!("{name}: removed comments and lines that look like secrets"));
            }
            bundle.add(&name, clean);
        }
        Err(why) => bundle.miss(&name, &why),
    }
}

/// The name that a file has in the archive.
fn name(path: &Path) -> String {
    format!("config/{}", path.strip_prefix("/").unwrap_or(path).display()).replace("..", "_")
}

#[cfg(test)]
mod tests {
    use super::super::secrets::Secrets;
    use super::*;
    use crate::doctor::made::machine;

    #[test]
    fn settings_of_nodes_their_screen_and_jack_are_there_without_secrets() {
        let (_folder, machine) = machine(&[
            ("etc/downbeat/downbeat.toml", "[show]\nname = \"Friday\"\n"),
            ("etc/downbeat/left.toml", "[node]\nname = \"left\"\npassword = \"hunter2\"\n"),
            ("etc/downbeat/left.toml.d/monitor.toml", "[display]\nmonitor = \"HDMI-A-1\"\n"),
            ("etc/downbeat/kiosk.ini", "[output]\nmode=1920x1080@60\n[vnc]\ntls-key=hunter2\n"),
            ("etc/downbeat/left.env", "TOKEN=hunter2\n"),
            (
                "etc/default/downbeat-jackd",
                "# the password of the desk is hunter2\nJACKD_OPTIONS=\"-R -d alsa -d hw:0\"\n",
            ),
        ]);
        let mut bundle = Bundle::new(0, Secrets::default());
        let daemon = machine.path("/etc/downbeat/downbeat.toml");
        add(&mut bundle, &machine, Some(&daemon), "");
        let inside = bundle.texts();
        assert!(!inside.contains("hunter2"), "{inside}");
        for kept in ["name = \"left\"", "monitor = \"HDMI-A-1\"", "mode=1920x1080@60", "-d alsa -d hw:0\""] {
            assert!(inside.contains(kept), "{kept} is not in {inside}");
        }
        assert_eq!(inside.matches("Friday").count(), 1, "{inside}");
    }
}
