//! Configurations of a made-up program that takes some of the renderer's keys.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use tempfile::TempDir;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    node: Node,
    canvas: Canvas,
    #[serde(rename = "slice")]
    _slice: Value,
    display: Display,
    #[serde(rename = "headless")]
    _headless: Value,
    #[serde(default)]
    look: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Node {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Canvas {
    width: u32,
    height: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Display {
    fps: u32,
    test_card: bool,
    latency_ms: f64,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Look {
    hue: f64,
}

fn over(text: &str) -> Result<Tables, Fault> {
    Layers::over_defaults(Program::Renderer, "node.toml", text)?.deserialize()
}

fn told(text: &str) -> String {
    over(text).expect_err("a fault").to_string()
}

fn read(sources: &Sources) -> Result<Tables, Fault> {
    Layers::read(Program::Renderer, sources)?.deserialize()
}

fn variable(name: &str, value: &str) -> Sources {
    Sources { environment: vec![(name.into(), value.into())], ..Sources::default() }
}

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }
    folder
}

#[test]
fn a_pipe_among_the_drop_ins_is_refused_by_name_and_keeps_nobody_waiting() {
    let folder = folder(&[("show.toml", ""), ("show.toml.d/20.toml", "")]);
    let pipe = folder.path().join("show.toml.d/10.toml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()));
    let sources = Sources { file: Some(folder.path().join("show.toml")), ..Sources::default() };
    let told = sources.snapshot().expect_err("refused").to_string();
    assert_eq!(told, format!("cannot read {}: a named pipe, not a regular file", pipe.display()));
}

#[test]
fn a_folder_of_drop_ins_that_cannot_be_looked_at_is_not_taken_for_none() {
    let folder = folder(&[("show.toml", "[canvas]\n"), ("stick/10.toml", "")]);
    let (drop_ins, stick) = (folder.path().join("show.toml.d"), folder.path().join("stick"));
    let sources = Sources { file: Some(folder.path().join("show.toml")), ..Sources::default() };
    let count = || sources.snapshot().map(|files| files.0.len()).map_err(|fault| fault.to_string());
    assert_eq!(count(), Ok(1), "there is none");
    std::os::unix::fs::symlink(&stick, &drop_ins).expect("linked");
    assert_eq!(count(), Ok(2));
    fs::rename(&stick, folder.path().join("pulled")).expect("moved");
    let told = count().expect_err("the stick is gone");
    assert!(told.starts_with(&format!("cannot read {}: ", drop_ins.display())), "{told}");
    fs::remove_file(&drop_ins).expect("removed");
    fs::write(&drop_ins, "").expect("written");
    assert!(count().expect_err("a file is no folder").contains("Not a directory"));
}

#[test]
fn an_unknown_key_gets_its_place_and_the_nearest_name() {
    assert_eq!(
        told("[canvas]\nwidth = 640\nheigth = 360 # low\n"),
        "node.toml:3: canvas.heigth: unknown key; did you mean `height`?\n    3 | heigth = 360 # low"
    );
    assert_eq!(
        told("\n[screen]\n"),
        "node.toml:2: screen: unknown key; expected one of node, canvas, slice, display, headless, look\n    2 | [screen]"
    );
}

#[test]
fn a_value_of_another_type_than_its_default_is_refused_and_not_converted() {
    for (text, expected) in [
        ("display.fps = \"30\"", "display.fps: expected an integer, got string \"30\""),
        ("display.fps = 59.94", "display.fps: expected an integer, got 59.94"),
        ("display.latency-ms = true", "display.latency-ms: expected a number, got true"),
        ("display.test-card = \"yes\"", "display.test-card: expected true or false, got string \"yes\""),
        ("node.name = 7", "node.name: expected a string, got 7"),
        ("node.name = [\"left\"]", "node.name: expected a string, got a list"),
        ("node.name = 2026-12-31", "node.name: expected a string, got 2026-12-31"),
        ("canvas = 3", "canvas: expected a table, written as [canvas], got 3"),
        ("[[canvas]]", "canvas: expected a table, written as [canvas], got a list"),
        ("[node.name]", "node.name: expected a string, got a table"),
    ] {
        assert_eq!(told(text), format!("node.toml:1: {expected}\n    1 | {text}"));
    }
    let whole = over("display.latency-ms = 20").expect("a whole number may stand for one with a point");
    assert_eq!(whole.display.latency_ms, 20.0);
}

#[test]
fn a_value_that_has_no_default_is_refused_in_the_same_words() {
    #[derive(Debug, Deserialize)]
    struct Tables {
        #[serde(rename = "lamp")]
        _lamp: Lamp,
    }
    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Lamp {
        #[serde(rename = "universe")]
        _universe: u16,
        #[serde(rename = "dim")]
        _dim: bool,
        #[serde(rename = "level")]
        _level: f64,
        #[serde(rename = "slots")]
        _slots: Vec<u64>,
        #[serde(rename = "pair")]
        _pair: [u8; 2],
    }
    for (text, expected) in [
        ("lamp.universe = \"one\"", "lamp.universe: expected an integer, got string \"one\""),
        ("lamp.universe = -1", "lamp.universe: expected an integer from 0 up, got -1"),
        ("lamp.universe = 70000", "lamp.universe: expected an integer from 0 to 65535, got 70000"),
        ("lamp.dim = [1]", "lamp.dim: expected true or false, got a list"),
        ("lamp.level = { of = 1 }", "lamp.level: expected a number, got a table"),
        ("lamp.slots = 3", "lamp.slots: expected a list, got 3"),
        ("lamp.pair = [1]", "lamp.pair: expected a list of 2, got 1"),
        ("lamp = 3", "lamp: expected a table, got 3"),
    ] {
        let layers = Layers::over_defaults(Program::Daemon, "show.toml", text).expect("TOML");
        let fault = layers.deserialize::<Tables>().expect_err("a fault").to_string();
        assert_eq!(fault, format!("show.toml:1: {expected}\n    1 | {text}"));
    }
}

#[test]
fn a_list_of_tables_that_is_written_otherwise_is_refused() {
    let layers = |text: &str| Layers::over_defaults(Program::Daemon, "show.toml", text);
    let fault = layers("[layer]\nname = \"back\"\n").expect_err("a fault").to_string();
    assert!(fault.contains("show.toml:1: layer: expected tables, written as [[layer]], got a table"), "{fault}");
    assert!(layers("layer = [{ name = \"back\" }]").is_ok());
    let fault = layers("standby.of = \"booth:9440\"").expect_err("a fault").to_string();
    assert!(fault.contains("standby.of: expected a list, got string \"booth:9440\""), "{fault}");
}

#[test]
fn a_variable_of_the_wrong_type_is_named() {
    let fault = read(&variable("DOWNBEAT__DISPLAY__FPS", "fast")).expect_err("a fault").to_string();
    let expected = "environment variable DOWNBEAT__DISPLAY__FPS: display.fps: expected an integer, got string \"fast\"";
    assert_eq!(fault, expected);
    let fault = read(&variable("DOWNBEAT__DISPLAY__LATENCY_MS", "")).expect_err("a fault").to_string();
    assert!(fault.ends_with("display.latency-ms: expected a number, got string \"\""), "{fault}");
}

#[test]
fn where_a_text_is_needed_whatever_a_variable_or_a_flag_holds_is_one() {
    for (value, name) in [("7", "7"), ("1e3", "1e3"), ("true", "true"), ("007", "007"), ("\"7\"", "7"), ("[1]", "[1]")]
    {
        let tables = read(&variable("DOWNBEAT__NODE__NAME", value)).unwrap_or_else(|fault| panic!("{value}: {fault}"));
        assert_eq!(tables.node.name, name);
    }
}

#[test]
fn a_flag_is_named_as_it_was_written() {
    let fault =
        |flag: Flag| read(&Sources { flags: vec![flag], ..Sources::default() }).expect_err("a fault").to_string();
    assert_eq!(
        fault(Flag::new("--canvas wide", "canvas.width", "wide")),
        "--canvas wide: canvas.width: expected an integer, got string \"wide\""
    );
    assert_eq!(
        fault(Flag::set("canvas.widht=3")),
        "--set canvas.widht=3: canvas.widht: unknown key; did you mean `width`?"
    );
    let fault = fault(Flag::set("canvas.width"));
    assert!(fault.starts_with("--set canvas.width: expected a key and a value"), "{fault}");
}

#[test]
fn what_a_flag_holds_arrives_whatever_signs_are_in_it() {
    let name = "left \"1\"\\ = [x]\n# 'y'";
    let sources = Sources { flags: vec![Flag::new("--name", "node.name", name)], ..Sources::default() };
    assert_eq!(read(&sources).unwrap_or_else(|fault| panic!("{fault}")).node.name, name);
}

#[test]
fn each_layer_wins_over_those_below_it() {
    let folder = folder(&[
        ("node.toml", "[node]\nname = \"file\"\n[canvas]\nwidth = 100\nheight = 100\n[display]\nfps = 1\n"),
        ("node.toml.d/20.toml", "display.fps = 3\ncanvas.height = 300\n"),
        ("node.toml.d/10.toml", "display.fps = 2\ncanvas.height = 200\n"),
        ("node.toml.d/30.toml~", "nonsense"),
    ]);
    let file = Some(folder.path().join("node.toml"));
    let tables = read(&Sources { file: file.clone(), ..Sources::default() }).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!((tables.node.name.as_str(), tables.canvas.width, tables.canvas.height), ("file", 100, 300));
    assert_eq!((tables.display.fps, tables.display.test_card), (3, false));
    let environment = vec![
        ("DOWNBEAT__DISPLAY__FPS".to_owned(), "4".to_owned()),
        ("DOWNBEAT__CANVAS__HEIGHT".to_owned(), "400".to_owned()),
        ("PATH".to_owned(), "/bin".to_owned()),
    ];
    let flags = vec![Flag::set("display.fps=5"), Flag::new("--fps 6", "display.fps", 6)];
    let tables = read(&Sources { file, environment, flags }).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!((tables.display.fps, tables.canvas.height), (6, 400));
}

#[test]
fn a_fault_names_the_layer_that_it_comes_from() {
    let folder = folder(&[("node.toml", "[display]\nfps = 1\n"), ("node.toml.d/10.toml", "\n[display]\nfsp = 2\n")]);
    let file = folder.path().join("node.toml");
    let layers = |file: &std::path::Path| {
        Layers::read(Program::Renderer, &Sources { file: Some(file.into()), ..Sources::default() }).expect("layers")
    };
    let layers = layers(&file);
    let place = |fault: Fault| fault.to_string().replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(
        place(layers.fault(&["display", "fsp"], "unknown")),
        "node.toml.d/10.toml:3: display.fsp: unknown\n    3 | fsp = 2"
    );
    assert_eq!(place(layers.fault(&["display", "fps"], "slow")), "node.toml:2: display.fps: slow\n    2 | fps = 1");
    let by_default = place(layers.fault(&["canvas", "width"], "wide"));
    assert!(by_default.starts_with("the defaults:") && by_default.ends_with("width = 1280"), "{by_default}");
}

#[test]
fn a_missing_file_is_named() {
    let sources = Sources { file: Some("/nowhere/node.toml".into()), ..Sources::default() };
    let fault = read(&sources).expect_err("a fault").to_string();
    assert!(fault.starts_with("cannot read /nowhere/node.toml: "), "{fault}");
}

#[test]
fn a_syntax_error_gets_its_line() {
    let fault = told("[node]\nname = left\n");
    assert!(fault.starts_with("node.toml:2: ") && fault.ends_with("\n    2 | name = left"), "{fault}");
}

#[test]
fn programs_on_one_machine_leave_each_other_s_variables_alone() {
    let environment = ["AUDIO__HOP", "CUE__DROP__FADE_MS"].map(|key| (format!("DOWNBEAT__{key}"), "often".to_owned()));
    read(&Sources { environment: environment.to_vec(), ..Sources::default() }).expect("the daemon's");
    let sources = variable("DOWNBEAT__CANVAS__WIDTH", "wide");
    Layers::read(Program::Daemon, &sources).expect("the renderer's");
}

#[test]
fn a_table_inside_of_a_named_one_is_a_longer_name() {
    let layers = |text: &str| Layers::over_defaults(Program::Renderer, "node.toml", text).expect("TOML");
    let named = |text: &str| {
        let layers = layers(text);
        let tables: Tables = layers.deserialize().expect("tables");
        layers.named::<Look>("look", tables.look)
    };
    let looks =
        named("[look.back.warm]\nhue = 1\n[look.back]\nhue = 2\n[look.\"front.cold\"]\nhue = 3\n[look.plain]\n")
            .expect("looks");
    let names: Vec<_> = looks.iter().map(|(name, look)| (name.as_str(), look.hue)).collect();
    assert_eq!(names, [("back", 2.0), ("back.warm", 1.0), ("front.cold", 3.0), ("plain", 0.0)]);
    let told = |text: &str| named(text).expect_err("a fault").to_string();
    assert_eq!(
        told("[look.back.warm]\nheu = 1\n"),
        "node.toml:2: look.back.warm.heu: unknown key; did you mean `hue`?\n    2 | heu = 1"
    );
    assert_eq!(told("look.back = 1\n"), "node.toml:1: look.back: expected a table: [look.back]\n    1 | look.back = 1");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "([a-z.\\[\\]\"={}, -]{0,12}\n?){0,4}|.{0,30}", key in ".{0,12}") {
        if let Err(fault) = over(&text) {
            prop_assert!(!fault.to_string().is_empty());
        }
        for sources in [variable(&format!("DOWNBEAT__{key}"), &text), Sources { flags: vec![Flag::set(&text)], ..Sources::default() }] {
            if let Err(fault) = read(&sources) {
                prop_assert!(!fault.to_string().is_empty());
            }
        }
    }
}
