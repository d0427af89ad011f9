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

#[test]
fn files_from_windows_and_macos_and_what_editors_leave_are_as_good_as_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let renderer = file(&folder, "left.toml", "\u{FEFF}[node]\r\nname = \"left\"\r\n");
    let daemon = file(&folder, "booth.toml", "\u{FEFF}[show]\r\nname = \"friday\"\r\n");
    let surface = file(&folder, "box.toml", "\u{FEFF}name = \"Box\"\r\nport = \"Box\"\r\n");
    let with_surface = format!("[control.box]\r\nkind = \"midi\"\r\nsurface = {surface:?}\r\n");
    let desk = file(&folder, "desk.toml", &with_surface);
    for (program, config) in
        [("left.toml.d", "[canvas]\r\nwidth = 640\r\n"), ("booth.toml.d", "[tempo]\nrange = [70, 150]\n")]
    {
        let drop_ins = folder.path().join(program);
        std::fs::create_dir_all(drop_ins.join("20.toml")).expect("created");
        std::fs::write(drop_ins.join("10.toml"), format!("\u{FEFF}{config}")).expect("written");
        for leftover in ["._10.toml", ".10.toml.swp", ".10.toml", "10.toml~", "#10.toml#", "~10.toml"] {
            std::fs::write(drop_ins.join(leftover), b"\0\x05\x16\x07 Mac OS X = [").expect("written");
        }
        std::os::unix::fs::symlink("nobody@nowhere.1234", drop_ins.join(".#10.toml")).expect("linked");
    }
    let output = run(&["validate", text(&renderer), text(&daemon), text(&desk)]);
    assert!(output.status.success(), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("left.toml: valid configuration for downbeat-renderer"), "{told}");
    assert!(told.contains("booth.toml: valid configuration for downbeatd"), "{told}");
}

#[test]
fn what_an_operator_cannot_see_is_named_with_the_way_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let utf16: Vec<u8> = "\u{FEFF}[show]\nname = \"x\"\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let empty = file(&folder, "empty.wav", "");
    let song = format!("[audio]\nsource = \"file\"\nfiles = {{ main = {empty:?} }}\n");
    let listen = |place: &str| format!("[control.tablet]\nkind = \"osc\"\nlisten = {place}\n").into_bytes();
    for (name, content, expected) in [
        ("nbsp.toml", "[tempo]\nrange\u{A0}= [60, 200]\n".as_bytes().to_vec(), "U+00A0 (no-break space)"),
        ("zero.toml", "[audio]\nsource = \"file\u{200B}\"\n".as_bytes().to_vec(), "U+200B (zero-width space)"),
        ("bom.toml", "[tempo]\n\u{FEFF}range = [60, 200]\n".as_bytes().to_vec(), "U+FEFF (byte order mark)"),
        ("utf16.toml", utf16, "encoded in UTF-16; save it as UTF-8"),
        ("latin.toml", b"[show]\nname = \"B\xFChne\"\n".to_vec(), "save the file as UTF-8"),
        ("empty.toml", song.into_bytes(), "empty.wav is empty"),
        ("local.toml", listen("\"localhost:9000\""), "such as \"0.0.0.0:9000\""),
        ("port.toml", listen("\":9000\""), "such as \"0.0.0.0:9000\""),
        ("number.toml", listen("9000"), "such as \"0.0.0.0:9000\""),
        ("web.toml", b"[web]\nlisten = \"localhost:9480\"\n".to_vec(), "such as \"0.0.0.0:9000\""),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        let output = run(&["validate", "--as", "daemon", text(&path)]);
        assert!(!output.status.success() && stderr(&output).contains(expected), "{name}: {}", stderr(&output));
    }
}
