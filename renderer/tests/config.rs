//! Valid settings of a node, and its errors for invalid ones.

use clap::Parser;
use downbeat_config::Program;
use downbeat_renderer::config::{Config, DEFAULTS, Fault, Flags, Mode, load};
use std::path::{Path, PathBuf};

fn with_file(text: &str) -> Result<Config, Fault> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("node.toml");
    std::fs::write(&path, text).expect("writes");
    load(&Flags { config: Some(path), ..Flags::default() }, [])
}

fn complaint(text: &str) -> String {
    with_file(text).expect_err("refused").to_string()
}

#[test]
fn the_defaults_stand_alone_and_may_be_given_as_a_file() {
    let config = load(&Flags::default(), []).expect("loads");
    assert_eq!(config, with_file(DEFAULTS).expect("loads"));
    assert_eq!((config.slice().width, config.slice().height), (config.canvas.width, config.canvas.height));
}

#[test]
fn a_headless_node_fills_no_disk_unless_told_to() {
    let config = with_file("[display]\nmode = \"headless\"\n").expect("loads");
    assert_eq!(config.headless.directory, Path::new(""), "60 files a second, for ever");
}

#[test]
fn later_sources_win() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &Path, text: &str| std::fs::write(path, text).expect("writes");
    let file = folder.path().join("node.toml");
    write(
        &file,
        "[node]\nname = \"file\"\nserver = \"file:1\"\n[display]\nfps = 1\nplayout-delay-ms = 20\n[canvas]\nwidth = 100",
    );
    std::fs::create_dir(folder.path().join("node.toml.d")).expect("a folder");
    write(&folder.path().join("node.toml.d/10-first.toml"), "[node]\nserver = \"first:1\"\n[display]\nfps = 2");
    write(&folder.path().join("node.toml.d/20-second.toml"), "[display]\nfps = 3");
    write(&folder.path().join("node.toml.d/notes.txt"), "not TOML");
    let environment = [
        ("DOWNBEAT__DISPLAY__FPS", "4"),
        ("DOWNBEAT__DISPLAY__PLAYOUT_DELAY_MS", "30.5"),
        ("DOWNBEAT__CANVAS__HEIGHT", "200"),
        ("DOWNBEAT__AUDIO__SOURCE", "the daemon's own"),
        ("PATH", "/bin"),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let flags = Flags { config: Some(file), fps: Some(5), ..Flags::default() };
    let config = load(&flags, environment).expect("loads");
    assert_eq!((config.node.name.as_str(), config.node.server.as_str()), ("file", "first:1"));
    assert_eq!((config.display.fps, config.display.playout_delay_ms), (5, 30.5));
    assert_eq!((config.canvas.width, config.canvas.height), (100, 200));
}

#[test]
fn flags_describe_a_whole_node() {
    let line = "x --headless out --slice 640,0,640,360 --canvas 1280x360 --fps 30 --every 15 --frames 4 --name right";
    let flags = Flags::try_parse_from(line.split(' ')).expect("parses");
    let config = load(&flags, []).expect("loads");
    assert_eq!(config.display.mode, Mode::Headless);
    assert_eq!((config.headless.every, config.headless.count), (15, 4));
    assert_eq!((config.slice().x, config.slice().width, config.canvas.width), (640, 640, 1280));
    assert!(Flags::try_parse_from(["x", "--slice", "1,2,3"]).is_err());
    assert!(Flags::try_parse_from(["x", "--canvas", "1280"]).is_err());
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
    let text = complaint("[node]\nname = \"left\"\n\n[display]\nfsp = 30\n");
    assert!(text.ends_with("node.toml:5: display.fsp: unknown key; did you mean `fps`?\n    5 | fsp = 30"), "{text}");
    let text = complaint("[screen]\nx = 1\n");
    let expected = "node.toml:1: screen: unknown key; expected one of node, canvas, slice, display, headless";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_line() {
    let text = complaint("[display]\nfps = \"fast\"\n");
    assert!(text.contains("node.toml:2: display.fps: expected an integer, got string \"fast\""), "{text}");
    let text = complaint("[display]\nmode = \"widow\"\n");
    assert!(text.contains("node.toml:2: display.mode: unknown mode `widow`; did you mean `window`?"), "{text}");
    assert!(complaint("canvas = 3\n").contains("written as [canvas]"));
    let text = complaint("[slice]\n\nx = -1\n");
    assert!(text.contains("node.toml:3: slice.x: "), "{text}");
}

#[test]
fn a_syntax_error_is_named_with_its_line() {
    let text = complaint("[node]\nname = left\n");
    assert!(text.contains("node.toml:2:"), "{text}");
}

#[test]
fn values_that_cannot_be_drawn_are_refused_with_what_would_do() {
    let refused = [
        ("[canvas]\nwidth = 0\n", "node.toml:2: canvas.width: 0 is out of range; choose 16 to 65536"),
        ("[slice]\nx = 1000\nwidth = 500\n", "node.toml:1: slice: 1000,0,500,720 is not within the canvas of 1280x720"),
        ("[slice]\nx = 1280\n", "is not within"),
        ("[display]\nfps = 0\n", "node.toml:2: display.fps: 0 is out of range; choose 1 to 480"),
        ("[display]\nplayout-delay-ms = -1\n", "display.playout-delay-ms: -1 is out of range; choose 0 to 1000"),
        ("[headless]\nevery = 0\n", "headless.every"),
        ("[node]\nname = \"\"\n", "node.name"),
    ];
    for (text, expected) in refused {
        let said = complaint(text);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let flags = Flags { config: Some("/nowhere/node.toml".into()), ..Flags::default() };
    let said = load(&flags, []).expect_err("refused").to_string();
    assert!(said.starts_with("cannot read /nowhere/node.toml: "), "{said}");
}

#[test]
fn a_wrong_variable_is_named() {
    let variable = |name: &str, value: &str| {
        let error = load(&Flags::default(), [(name.to_owned(), value.to_owned())]).expect_err("refused");
        error.to_string()
    };
    assert_eq!(
        variable("DOWNBEAT__DISPLAY__FSP", "30"),
        "environment variable DOWNBEAT__DISPLAY__FSP: display.fsp: unknown key; did you mean `fps`?"
    );
    assert_eq!(
        variable("DOWNBEAT__DISPLAY__FPS", "fast"),
        "environment variable DOWNBEAT__DISPLAY__FPS: display.fps: expected an integer, got string \"fast\""
    );
}

#[test]
fn a_flag_that_asks_for_too_much_is_named_as_it_was_written() {
    let said = |line: &str| {
        let flags = Flags::try_parse_from(line.split(' ')).expect("parses");
        load(&flags, []).expect_err("refused").to_string()
    };
    assert_eq!(said("x --fps 0"), "--fps 0: display.fps: 0 is out of range; choose 1 to 480");
    assert_eq!(said("x --canvas 1280x3"), "--canvas 1280x3: canvas.height: 3 is out of range; choose 16 to 65536");
    let text = said("x --slice 1200,0,640,360");
    assert!(text.starts_with("--slice 1200,0,640,360: slice: 1200,0,640,360 is not within"), "{text}");
}

#[test]
fn every_shipped_configuration_can_be_used() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/examples");
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let is_ours = |path: &PathBuf| Program::of(&std::fs::read_to_string(path).expect("a text")) == Program::Renderer;
    let files: Vec<_> = files.filter(is_ours).collect();
    assert!(!files.is_empty());
    for file in files {
        let read = load(&Flags { config: Some(file), ..Flags::default() }, []);
        assert!(read.is_ok(), "{read:?}");
    }
}
