//! The dependencies of the crates: pure ones do no I/O, a monitoring tool needs no sound server and no graphics, and
//! licences and sources are those that `deny.toml` allows.

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

/// Whether an SPDX expression can be met with the allowed licences. Old crates write `/` for OR.
fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let expression = expression.replace('/', " OR ");
    expression.split(" AND ").all(|part| {
        let part = part.trim_matches(|letter| letter == '(' || letter == ')');
        part.split(" OR ").any(|licence| allowed.contains(&licence.trim()))
    })
}

#[test]
fn a_licence_is_met_by_one_of_a_choice_and_all_of_a_list() {
    let allowed = ["MIT", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"];
    for good in ["MIT", "GPL-3.0 OR MIT", "MIT/Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
        assert!(is_met(good, &allowed), "{good}");
    }
    for bad in ["", "GPL-3.0", "Apache-2.0", "MIT AND GPL-2.0-or-later", "(MIT OR Apache-2.0) AND OFL-1.1"] {
        assert!(!is_met(bad, &allowed), "{bad}");
    }
}

#[test]
fn everything_that_is_built_in_comes_from_the_registry_under_a_licence_that_deny_toml_allows() {
    let rules = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    let rules: toml::Table = rules.parse().expect("TOML");
    let allowed: Vec<_> =
        rules["licenses"]["allow"].as_array().expect("a list").iter().filter_map(toml::Value::as_str).collect();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut tree = Command::new(cargo);
    tree.args(["tree", "--offline", "--locked", "--workspace", "-e", "normal,build", "--prefix", "none"]);
    let output = tree.args(["--format", "{p}|{l}"]).current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names");
    let home = format!("({}", root().display());
    let ours = |package: &str| package.contains(&home);
    let mut lines: Vec<_> = text.lines().filter_map(|line| line.trim_end_matches(" (*)").split_once('|')).collect();
    lines.sort_unstable();
    lines.dedup();
    assert!(lines.len() > 100, "{text}");
    // Cargo names the place of whatever is from elsewhere.
    let strange = lines.iter().filter(|(package, _)| {
        let place = package.replace(" (proc-macro)", "");
        place.contains('(') && !ours(&place)
    });
    let strange: Vec<_> = strange.collect();
    assert!(strange.is_empty(), "not from the registry: {strange:?}");
    let refused: Vec<_> = lines.iter().filter(|(_, licence)| !is_met(licence, &allowed)).collect();
    assert!(refused.is_empty(), "no licence of theirs is allowed: {refused:?}");
}
