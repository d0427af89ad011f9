use super::*;
use downbeat_engine::Curve;
use downbeat_protocol::When;
use downbeat_protocol::fade::Span;
use downbeat_protocol::rule::{Act, Occasion, Rate};
use proptest::prelude::*;
use std::fs;
use tempfile::TempDir;

/// A directory with a `show.toml` in it.
fn directory(text: &str) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    fs::write(directory.path().join("show.toml"), text).expect("written");
    directory
}

fn sources(directory: &TempDir) -> Sources {
    Sources { file: Some(directory.path().join("show.toml")), ..Sources::default() }
}

fn load(text: &str) -> Config {
    Config::load(&sources(&directory(text))).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The message about a file, without the directory.
fn fault(text: &str) -> String {
    let directory = directory(text);
    let fault = Config::load(&sources(&directory)).expect_err("a fault").to_string();
    fault.replace(&format!("{}/", directory.path().display()), "")
}

#[test]
fn the_defaults_can_be_used_and_say_what_they_say() {
    let config = Config::load(&Sources::default()).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(config.audio.source, SourceName::Jack);
    assert_eq!(config.engine.tempo, downbeat_engine::TempoConfig::default());
    assert_eq!(config.buses, [("main".into(), BusConfig::default())]);
    assert_eq!(config.server.map(|server| server.section).as_deref(), Some("server"));
    assert!(config.outputs.is_empty() && config.controls.is_empty());
}

#[test]
fn an_output_of_kind_quic_is_the_server_of_older_configurations() {
    let old = load("[output.nodes]\nkind = \"quic\"\nlisten = \"0.0.0.0:9999\"\n");
    let server = old.server.expect("it serves");
    assert_eq!(server.section, "output.nodes");
    let keys = server.table.into_table().expect("a table");
    assert_eq!(keys["listen"].to_string(), "0.0.0.0:9999");
    assert_eq!(keys["announce"].to_string(), "true", "what it does not say stands in [server]");
    assert!(old.outputs.is_empty());
    assert!(load("[output.nodes]\nenabled = false\n").server.is_none(), "as it was switched off");
    assert!(load("[server]\nenabled = false\n").server.is_none());
    let both = fault("[output.a]\nkind = \"quic\"\n[output.b]\nkind = \"quic\"\n");
    let wanted = "show.toml:4: output.b.kind: there can be only one server, and `output.a` already defines it; use [server] instead of both\n    4 | kind = \"quic\"";
    assert_eq!(both, wanted);
}

#[test]
fn a_bus_carries_what_its_role_says_or_else_its_name() {
    use downbeat_engine::Role;
    let config = load("[bus.foh]\nrole = \"main\"\n[bus.drums]\n[bus.keys]\n");
    let role = |name: &str| {
        let place = config.buses.iter().position(|(bus, _)| bus == name).expect("a bus");
        config.engine.roles[place]
    };
    assert_eq!(["main", "foh", "drums", "keys"].map(role), [Role::Main, Role::Main, Role::Drums, Role::Other]);
    let told = fault("[bus.kit]\nrole = \"drumms\"\n");
    assert!(told.contains("unknown role `drumms`; did you mean `drums`?"), "{told}");
    let config = load("[audio]\nsource = \"file\"\nfiles = { kit = \"kit.wav\" }\n[bus.kit]\nrole = \"drums\"\n");
    assert_eq!(config.engine.roles, [Role::Drums], "with files, too");
}

#[test]
fn every_snippet_in_the_defaults_comments_can_be_used() {
    let mut snippet = String::new();
    let mut count = 0;
    for line in DEFAULTS.lines().chain([""]) {
        match line.strip_prefix("#   ") {
            Some(code) if !snippet.is_empty() || code.starts_with('[') => snippet += &format!("{code}\n"),
            _ if !snippet.is_empty() => {
                load(&snippet);
                snippet.clear();
                count += 1;
            }
            _ => {}
        }
    }
    assert_eq!(count, 7);
}

#[test]
fn what_comes_later_wins() {
    let directory = directory("[audio]\nhop = 128\nclient = \"a\"\n[show]\nname = \"file\"\n");
    let drop_ins = directory.path().join("show.toml.d");
    fs::create_dir(&drop_ins).expect("made");
    fs::write(drop_ins.join("20.toml"), "audio.client = \"twenty\"\n").expect("written");
    fs::write(drop_ins.join("10.toml"), "audio.client = \"ten\"\nshow.name = \"drop-in\"\n").expect("written");
    fs::write(drop_ins.join("30.toml~"), "nonsense").expect("written");
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let config = Config::load(&Sources {
        environment: vec![
            variable("DOWNBEAT__SHOW__NAME", "environment"),
            variable("DOWNBEAT__TEMPO__BEATS_PER_BAR", "3"),
            variable("DOWNBEAT__TEMPO__RANGE", "[70, 180]"),
            variable("DOWNBEATEN", "nonsense"),
        ],
        flags: vec![Flag::set("show.name=flag"), Flag::set("bus.main.connect=[\"x:*\"]")],
        ..sources(&directory)
    })
    .unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(config.audio.hop, 128);
    assert_eq!(config.audio.client, "twenty");
    assert_eq!(config.show.name, "flag");
    assert_eq!((config.engine.tempo.beats_per_bar, config.engine.tempo.range), (3, [70.0, 180.0]));
    assert_eq!(config.buses[0].1.connect, ["x:*"]);
}

#[test]
fn a_table_in_a_parameter_is_a_longer_name() {
    let config = load(
        "[parameter.back.opacity]\ncurve = \"smooth\"\n[parameter.back]\nrange = [0, 5]\n[parameter.\"front.hue\"]\n",
    );
    let names: Vec<&str> = config.engine.parameters.keys().map(String::as_str).collect();
    assert_eq!(names, ["back", "back.opacity", "front.hue"]);
    assert_eq!(config.engine.parameters["back.opacity"].curve, Curve::Smooth);
}

#[test]
fn buses_come_main_first_and_files_make_their_own() {
    let names = |config: Config| config.buses.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(load("[bus.bass]\n[bus.vocals]\n")), ["main", "bass", "vocals"]);
    let files = "[audio]\nsource = \"file\"\nfiles = { drums = \"d.wav\", main = \"m.wav\" }\n[bus.bass]\n";
    assert_eq!(names(load(files)), ["main", "drums"]);
}

#[test]
fn what_is_switched_off_is_not_there() {
    let config = load("[output.nodes]\nenabled = false\n[control.pad]\nkind = \"osc\"\nlisten = \"127.0.0.1:0\"\n");
    assert!(config.outputs.is_empty());
    assert_eq!(config.controls[0].table.clone().into_table().expect("a table").len(), 1, "kind is taken out");
}

#[test]
fn each_fault_is_named_with_its_place_and_what_to_do() {
    let table = [
        (
            "[tempo]\nrangge = [60, 200]\n",
            "show.toml:2: tempo.rangge: unknown key; did you mean `range`?\n    2 | rangge = [60, 200]",
        ),
        (
            "[audio]\n\nhop = \"often\"\n",
            "show.toml:3: audio.hop: expected an integer, got string \"often\"\n    3 | hop = \"often\"",
        ),
        (
            "[sound]\n",
            "show.toml:1: sound: unknown key; expected one of show, standby, audio, threads, tempo, bus, midi-source, parameter, layer, server, web, cue, rule, output, control\n    1 | [sound]",
        ),
        (
            "[parameter.glow]\ncurve = \"smoth\"\n",
            "show.toml:2: parameter.glow.curve: unknown curve `smoth`; did you mean `smooth`?\n    2 | curve = \"smoth\"",
        ),
        (
            "[parameter.back.opacity]\nattack = 3\n",
            "show.toml:2: parameter.back.opacity.attack: unknown key; did you mean `attack-ms`?\n    2 | attack = 3",
        ),
        (
            "[[layer]]\nname = \"a\"\nscene = \"echo\"\n[[layer]]\nname = \"b\"\nscene = \"echo\"\nblend = \"ad\"\n",
            "show.toml:7: layer.1.blend: unknown blend mode `ad`; did you mean `add`?\n    7 | blend = \"ad\"",
        ),
        ("[[layer]]\nname = \"a\"\n", "show.toml:1: layer.0: the key `scene` is missing\n    1 | [[layer]]"),
        (
            "[output.desk]\ntarget = \"x\"\n",
            "show.toml:1: output.desk: `kind` is missing, e.g. kind = \"osc\"\n    1 | [output.desk]",
        ),
        (
            "[control.web]\nkind = \"osc\"\n",
            "show.toml:1: control.web: a control cannot be called `web`: the log calls others so; choose another name\n    \
             1 | [control.web]",
        ),
        (
            "[audio]\nsource = \"file\"\n",
            "source is `file`, but `files` is empty; e.g. files = { main = \"song.wav\" }\n    1 | [audio]",
        ),
        (
            "[midi-source.keys]\nprot = \"jack\"\n",
            "show.toml:2: midi-source.keys.prot: unknown key; did you mean `port`?\n    2 | prot = \"jack\"",
        ),
        (
            "[midi-source.keys]\nchannel = 1\n",
            "show.toml:1: midi-source.keys: set either `port` or `file`\n    1 | [midi-source.keys]",
        ),
        (
            "[midi-source.keys]\nport = \"jack\"\nchannel = 17\n",
            "show.toml:3: midi-source.keys.channel: 17 is not a MIDI channel; use 1 to 16\n    3 | channel = 17",
        ),
        ("[standby]\nof = [\"booth\"]\n", "show.toml:2: standby.of: `booth` has no port: write host:port"),
        ("[threads]\nrealtime = 99\n", "show.toml:2: threads.realtime: 99 is out of range; choose 0 to 88"),
        ("[threads]\ncpus = [1, 4096]\n", "show.toml:2: threads.cpus: there is no CPU 4096; `lscpu -e` lists them"),
        ("[standby]\ndetection-ms = 5\n", "show.toml:2: standby.detection-ms: 5 ms is out of range; choose 40 to 5000"),
        ("[audio\n", "show.toml:1: "),
        (
            "[audio]\nhop = 20\n",
            "show.toml:2: audio.hop: a hop of 20 samples is out of range; choose 64 to 1024\n    2 | hop = 20",
        ),
    ];
    for (text, expected) in table {
        let message = fault(text);
        assert!(message.contains(expected), "{text}\nsays: {message}\nnot:  {expected}");
    }
}

#[test]
fn variables_of_a_renderer_on_the_same_machine_are_left_to_it() {
    let environment = ["NODE__NAME", "CANVAS__WIDTH", "SLICE__X", "DISPLAY__FPS", "HEADLESS__LAG_MS"];
    let environment = environment.map(|name| (format!("DOWNBEAT__{name}"), "7".to_owned())).to_vec();
    Config::load(&Sources { environment, ..Sources::default() }).expect("none of the daemon's business");
}

#[test]
fn a_fault_outside_of_files_names_the_variable_or_the_flag() {
    let fault = |sources: Sources| Config::load(&sources).expect_err("a fault").to_string();
    let environment = vec![("DOWNBEAT__TEMPO__RANGGE".to_owned(), "3".to_owned())];
    let message = fault(Sources { environment, ..Sources::default() });
    assert_eq!(
        message,
        "environment variable DOWNBEAT__TEMPO__RANGGE: tempo.rangge: unknown key; did you mean `range`?"
    );
    let set = |text: &str| fault(Sources { flags: vec![Flag::set(text)], ..Sources::default() });
    assert_eq!(set("audio.hop=x"), "--set audio.hop=x: audio.hop: expected an integer, got string \"x\"");
    assert_eq!(set("audio.hop"), "--set audio.hop: expected a key and a value, e.g. --set audio.hop=128");
    assert_eq!(
        set("audio.pace=slow"),
        "--set audio.pace=slow: audio.pace: unknown pace `slow`; expected one of real-time, fast"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let missing = Sources { file: Some("/nonexistent/show.toml".into()), ..Sources::default() };
    let message = Config::load(&missing).expect_err("a fault").to_string();
    assert!(message.starts_with("cannot read /nonexistent/show.toml: "), "{message}");
}

#[test]
fn what_others_complain_about_gets_its_line_too() {
    let directory = directory("[show]\nname = \"x\"\n[parameter.glow]\nexpression = \"main.rsm\"\n");
    let config = Config::load(&sources(&directory)).unwrap_or_else(|fault| panic!("{fault}"));
    let error = downbeat_engine::Engine::new(&config.engine, None).expect_err("unknown");
    let message = config.fault(&error.path(), error.to_string()).to_string();
    assert!(message.contains("show.toml:4: parameter.glow.expression: "), "{message}");
    assert!(message.contains("did you mean `main.rms`?"), "{message}");
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(key in "[a-z.\\[\\]\"= -]{0,20}|.{0,12}", value in ".{0,20}") {
        if let Err(fault) = Config::load(&Sources { flags: vec![Flag::set(&format!("{key}={value}"))], ..Sources::default() }) {
            prop_assert!(!fault.to_string().is_empty());
        }
    }
}

#[test]
fn cues_and_rules_are_read_as_they_are_written_by_hand() {
    let config = load(
        "[cue.flash]\nwhen = \"beat\"\nfade = { beats = 2 }\nsafe = true\nset = [{ address = \"/layer/back/opacity\", value = 1 }]\n\
         [rule.scenes]\nwhen = \"bar\"\nevery = 8\nif = \"main.level > 0.3\"\nchoice = \"shuffle\"\nrate = 2\n\
         do = [{ address = \"/layer/back/scene\", act = \"next\" }, { address = \"/cue/flash/fire\" }]\n\
         [rule.loud]\nwhen.above = { signal = \"main.level\", value = 0.9, hysteresis = 0.2 }\neuclid = { hits = 3, steps = 8 }\n",
    );
    let flash = &config.engine.cues["flash"];
    assert_eq!((flash.when, flash.fade, flash.safe), (When::Beat, Some(Span::Beats(2.0)), true));
    let scenes = &config.engine.rules["scenes"];
    assert_eq!((&scenes.when, scenes.every, scenes.rate), (&Occasion::Bar, 8, Rate::Double));
    assert_eq!(scenes.steps[0].act, Act::Next);
    assert!(matches!(&config.engine.rules["loud"].when, Occasion::Above(it) if it.hysteresis == 0.2));
}

#[test]
fn what_is_wrong_in_a_cue_or_a_rule_is_told_with_its_line() {
    let told = [
        ("[cue.a]\nfades = 3\n", "show.toml:2: cue.a.fades: unknown key; did you mean `fade`?"),
        (
            "[cue.a]\nset = [\n  { address = \"/x\" },\n  { adress = \"/y\" },\n]\n",
            "show.toml:4: cue.a.set.1.adress: unknown key; did you mean `address`?",
        ),
        ("[cue]\na = 3\n", "show.toml:2: cue.a: expected a table: [cue.a]"),
        ("[cue.a]\nwhen = \"tomorrow\"\n", "show.toml:2: cue.a.when: "),
        ("[rule.a]\nrate = 3\n", "show.toml:2: rule.a.rate: unknown rate `3`; expected one of 1/4, 1/2, 1, 2, 4"),
        (
            "[rule.a]\nwhen = { above = { signal = \"x\", valeu = 1 } }\n",
            "show.toml:2: rule.a.when.above.valeu: unknown key; did you mean `value`?",
        ),
        (
            "[rule.a]\ndo = [{ address = \"/x\", act = { ramp = { from = 0, to = 1, time = 3 } } }]\n",
            "rule.a.do.0.act.ramp.time: unknown key; did you mean `times`?",
        ),
    ];
    for (text, expected) in told {
        let told = fault(text);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn what_an_engine_refuses_of_a_rule_is_told_with_its_line() {
    let text = "[parameter.glow]\n[rule.a]\nwhen = \"barr\"\n[rule.b]\nwhen = \"bar\"\ndo = [\n  { address = \"/param/glow\", value = 1 },\n  { address = \"/param/glwo\", value = 1 },\n]\n";
    let told = |text: &str| {
        let directory = directory(text);
        let config = Config::load(&sources(&directory)).unwrap_or_else(|fault| panic!("{fault}"));
        let error = downbeat_engine::Engine::new(&config.engine, None).expect_err("refused");
        config
            .fault(&error.path(), error.problem())
            .to_string()
            .replace(&format!("{}/", directory.path().display()), "")
    };
    let first = told(text);
    assert!(first.contains("show.toml:3: rule.a.when: unknown occasion `barr`; did you mean `bar`?"), "{first}");
    let second = told(&text.replace("barr", "bar"));
    assert!(second.contains("show.toml:8: rule.b.do.1.address: no parameter `glwo`; did you mean `glow`?"), "{second}");
}

#[test]
fn what_is_saved_of_a_show_reads_as_the_same_show() {
    let text = include_str!("../../../config/examples/evening.toml");
    let config = load(text);
    let engine = downbeat_engine::Engine::new(&config.engine, None).unwrap_or_else(|error| panic!("{error}"));
    let saved = downbeat_config::to_toml(engine.state());
    let again = load(&saved);
    assert_eq!(again.engine.cues, config.engine.cues);
    assert_eq!(again.engine.rules, config.engine.rules);
    assert!(again.engine.rules.len() > 5 && again.engine.cues.len() > 3);
}
