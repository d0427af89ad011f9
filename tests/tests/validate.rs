//! Good and bad configurations of both programs, checked by `downbeatctl validate`.

use e2e::binaries::binary;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(binary("downbeatctl")).args(args).env_remove("RUST_LOG").output().expect("downbeatctl runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

fn file(folder: &tempfile::TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("written");
    path
}

#[test]
fn a_good_renderer_is_told_from_a_good_daemon() {
    let folder = tempfile::tempdir().expect("a folder");
    let renderer = file(&folder, "left.toml", "[canvas]\nwidth = 1280\nheight = 360\n[slice]\nwidth = 640\n");
    let daemon = file(&folder, "booth.toml", "[show]\nname = \"friday\"\n");
    let output = run(&["validate", text(&renderer), text(&daemon)]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("left.toml: valid configuration for downbeat-renderer"), "{told}");
    assert!(told.contains("booth.toml: valid configuration for downbeatd"), "{told}");
}

#[test]
fn a_bad_renderer_is_refused_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = file(&folder, "left.toml", "[canvas]\nwidth = 1280\nheigth = 360\n");
    let output = run(&["validate", text(&bad)]);
    assert_eq!(output.status.code(), Some(78));
    let expected = "left.toml:3: canvas.heigth: unknown key; did you mean `height`?";
    assert!(stderr(&output).contains(expected), "{}", stderr(&output));
}

#[test]
fn a_bad_daemon_is_refused_with_its_line_and_the_others_are_checked_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = file(&folder, "booth.toml", "[show]\nname = \"friday\"\n\n[tempo]\nrnage = [60, 200]\n");
    let good = file(&folder, "right.toml", "[slice]\nx = 640\n");
    let output = run(&["validate", text(&bad), text(&good)]);
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).contains("booth.toml:5"), "{}", stderr(&output));
    assert!(stdout(&output).contains("right.toml: valid configuration"), "{}", stdout(&output));
}

#[test]
fn an_expression_with_an_unknown_signal_is_refused_with_the_nearest_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = file(&folder, "booth.toml", "[parameter.glow]\nexpression = \"0.7 * main.band.lov\"\n");
    let output = run(&["validate", text(&bad)]);
    assert_eq!(output.status.code(), Some(78));
    let told = stderr(&output);
    assert!(told.contains("booth.toml:2") && told.contains("main.band.low"), "{told}");
}

#[test]
fn an_output_of_an_unknown_kind_or_key_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for (content, wrong) in [
        ("[output.desk]\nkind = \"oscc\"\n", "oscc"),
        ("[output.desk]\nkind = \"osc\"\ntarget = \"127.0.0.1:9000\"\ncolour = \"blue\"\n", "colour"),
    ] {
        let output = run(&["validate", text(&file(&folder, "booth.toml", content))]);
        assert_eq!(output.status.code(), Some(78), "{content}");
        assert!(stderr(&output).contains(wrong), "{}", stderr(&output));
    }
}

#[test]
fn a_missing_file_is_named() {
    let output = run(&["validate", "/nowhere/booth.toml"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).contains("/nowhere/booth.toml"), "{}", stderr(&output));
}

#[test]
fn a_setting_of_the_environment_does_not_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = file(&folder, "booth.toml", "[show]\nname = \"friday\"\n");
    let mut command = Command::new(binary("downbeatctl"));
    let output = command.args(["validate", text(&daemon)]).env("DOWNBEAT__TEMPO__RNAGE", "7").output().expect("runs");
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn without_the_program_that_reads_a_file_it_says_what_to_install() {
    let folder = tempfile::tempdir().expect("a folder");
    let alone = folder.path().join("downbeatctl");
    std::fs::copy(binary("downbeatctl"), &alone).expect("copied");
    let daemon = file(&folder, "booth.toml", "[show]\nname = \"friday\"\n");
    let output = Command::new(alone).args(["validate", text(&daemon)]).env("PATH", "").output().expect("runs");
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).contains("cannot start `downbeatd`"), "{}", stderr(&output));
}
