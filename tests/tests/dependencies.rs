//! The dependencies of the crates: pure ones do no I/O, and a monitoring tool needs no sound server and no graphics.

use e2e::binaries::root;
use std::process::Command;

/// What touches the world: sockets and their run-times, sound, MIDI ports, windows, graphics.
const WORLD: &[&str] = &["tokio", "mio", "socket2", "quinn", "rustls", "mdns-sd", "nix"];
const SOUND: &[&str] = &["jack", "jack-sys", "alsa", "alsa-sys", "midir"];
/// What reads configurations.
const FILES: &[&str] = &["downbeat-config", "config", "toml", "toml_edit"];
const GRAPHICS: &[&str] = &["wgpu", "wgpu-core", "wgpu-hal", "winit", "naga"];

/// The crates that a crate is built from.
fn built_from(crate_name: &str) -> Vec<String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.args([
        "tree",
        "--offline",
        "--locked",
        "-e",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "-p",
        crate_name,
    ]);
    let output = tree.current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names");
    text.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
}

fn is_free_of(crate_name: &str, unwanted: &[&[&str]]) {
    let found: Vec<_> =
        built_from(crate_name).into_iter().filter(|it| unwanted.concat().contains(&it.as_str())).collect();
    assert!(found.is_empty(), "{crate_name} is built from {found:?}");
}

#[test]
fn what_thinks_touches_no_world() {
    for crate_name in ["downbeat-protocol", "downbeat-analysis", "downbeat-engine"] {
        is_free_of(crate_name, &[WORLD, SOUND, GRAPHICS, FILES]);
    }
}

#[test]
fn what_reads_configurations_opens_nothing_else() {
    is_free_of("downbeat-config", &[WORLD, SOUND, GRAPHICS]);
}

#[test]
fn a_tool_that_only_watches_needs_no_sound_and_no_graphics() {
    is_free_of("downbeat-ctl", &[SOUND, GRAPHICS]);
}

#[test]
fn a_renderer_needs_no_sound() {
    is_free_of("downbeat-renderer", &[SOUND]);
}
