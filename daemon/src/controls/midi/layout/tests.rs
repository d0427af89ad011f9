use super::*;

fn shipped(name: &str) -> Layout {
    Layout::find(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn element(layout: &Layout, name: &str) -> Element {
    layout.elements.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("{} has no {name}", layout.name)).clone()
}

fn fault(text: &str) -> String {
    Layout::parse("box.toml", text).expect_err("a fault").to_string()
}

#[test]
fn every_shipped_surface_can_be_used() {
    assert!(surfaces().len() >= 4, "{:?}", surfaces());
    for name in surfaces() {
        let layout = shipped(&name);
        assert!(!layout.name.is_empty() && !layout.port.is_empty() && !layout.elements.is_empty(), "{layout:?}");
        if let Some(displays) = &layout.displays {
            assert!(
                (0..displays.count).all(|place| layout.elements.iter().any(|it| it.name == displays.subject(place)))
            );
        }
    }
}

#[test]
fn a_file_that_cannot_be_read_may_come_later_and_one_with_a_mistake_may_not() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let refusal = |name: &str| {
        let path = folder.path().join(name).display().to_string();
        let error = Layout::find(&path).expect_err(name);
        assert!(error.to_string().contains(name), "{error}");
        error.may_pass()
    };
    std::fs::create_dir(folder.path().join("folder.toml")).expect("made");
    std::fs::write(folder.path().join("mistake.toml"), "nmae = 3\n").expect("written");
    std::fs::write(folder.path().join("latin.toml"), b"name = \"B\xFChne\"\n").expect("written");
    assert!(refusal("stick.toml") && refusal("folder.toml"));
    assert!(!refusal("mistake.toml") && !refusal("latin.toml"));
    assert!(!Layout::find("no-such-box").expect_err("unknown").may_pass());
}

#[test]
fn a_pad_of_the_apc_is_lit_by_the_number_of_its_colour_on_the_channel_of_its_brightness() {
    let apc = shipped("apc-mini-mk2");
    let lamp = |name: &str| element(&apc, name).lamp.expect("a lamp");
    let (first, last) = (lamp("pad.1"), lamp("pad.64"));
    assert_eq!(first.lit(first.active), [0x96, 0, 21], "green, full");
    assert_eq!(first.lit(first.available), [0x91, 0, 3], "white, a quarter");
    assert_eq!(last.lit(last.off), [0x96, 63, 0]);
    let track = lamp("track.8");
    assert_eq!(track.lit(track.active), [0x90, 107, 1]);
    assert_eq!(element(&apc, "fader.9").id.to_string(), "cc.56@1");
    assert_eq!((apc.palette["red"], apc.palette["blue"]), (5, 45));
}

#[test]
fn a_ring_of_the_x_touch_compact_counts_its_lights() {
    let compact = shipped("x-touch-compact");
    let knob = element(&compact, "knob.16");
    let ring = knob.ring.clone().expect("a ring");
    assert_eq!([None, Some(0.0), Some(0.5), Some(1.0)].map(|it| ring.at(it)), [0, 1, 7, 13].map(|it| [0xB0, 41, it]));
    assert_eq!(ring.mode.map(|(id, mode)| id.encode(u16::from(mode))), Some([0xB0, 25, 2]));
    let button = element(&compact, "button.1");
    let lamp = button.lamp.expect("a lamp");
    assert_eq!((button.id.to_string().as_str(), lamp.lit(lamp.active)), ("note.16@1", vec![0x90, 0, 1]));
    let fader = element(&compact, "fader.9");
    assert_eq!((fader.motor, fader.at(1.0)), (true, vec![0xB0, 9, 127]));
}

#[test]
fn the_x_touch_moves_its_faders_and_feels_hands() {
    let x_touch = shipped("x-touch");
    let fader = element(&x_touch, "fader.1");
    assert_eq!((fader.at(0.5), fader.touch.map(|it| it.to_string())), (vec![0xB0, 70, 64], Some("note.110@1".into())));
    let select = element(&x_touch, "select.8").lamp.expect("a lamp");
    assert_eq!(select.lit(select.active), [0x90, 39, 127]);
    assert_eq!(x_touch.displays.expect("displays").device, 0x14);
}

#[test]
fn the_buttons_of_the_midimix_light_by_their_own_notes() {
    let mix = shipped("midimix");
    let lamp = element(&mix, "record.8").lamp.expect("a lamp");
    assert_eq!([lamp.active, lamp.off].map(|it| lamp.lit(it)), [[0x90, 24, 127], [0x90, 24, 0]]);
}

#[test]
fn a_mistake_in_a_surface_file_is_named_with_its_line() {
    let head = "name = \"box\"\n[[element]]\nname = \"fader\"\n";
    let table = [
        (
            "kind = \"fadr\"\ncc = \"1\"\n",
            "box.toml:4: element.0.kind: unknown kind of element `fadr`; did you mean `fader`?",
        ),
        ("kind = \"fader\"\nccc = \"1\"\n", "box.toml:5: element.0.ccc: unknown key; did you mean `cc`?"),
        (
            "kind = \"fader\"\ncc = \"1-130\"\n",
            "box.toml:5: element.0.cc: `1-130` is not a list of numbers from 0 to 127",
        ),
        ("kind = \"fader\"\n", "box.toml:3: element.0.name: set one of `note`, `cc` and `pitch-bend`"),
        ("kind = \"fader\"\ncc = \"1\"\nchannel = 17\n", "box.toml:6: element.0.channel: 17 is not a MIDI channel"),
        ("kind = \"encoder\"\ncc = \"1\"\n", "box.toml:4: element.0.kind: an encoder needs `relative`"),
        ("kind = \"fader\"\ncc = \"1-2\"\ntouch-cc = \"3\"\n", "box.toml:6: element.0.touch-cc: expected 2 numbers"),
        ("kind = \"fader\"\ncc = \"40\"\n14-bit = true\n", "box.toml:6: element.0.14-bit: only controllers 0 to 31"),
    ];
    for (text, expected) in table {
        let told = fault(&format!("{head}{text}"));
        assert!(told.starts_with(expected), "{text}\nsays: {told}\nnot:  {expected}");
    }
    let twice = fault(
        "name = \"box\"\n[[element]]\nname = \"a\"\nkind = \"knob\"\ncc = \"1\"\n[[element]]\nname = \"b\"\nkind = \"knob\"\ncc = \"1\"\n",
    );
    assert!(twice.starts_with("box.toml:7: element.1.name: `b` sends the same as `a`: cc.1@1"), "{twice}");
    let unknown = Layout::find("apc-mini-mk").expect_err("unknown").to_string();
    assert!(unknown.ends_with("did you mean `apc-mini-mk2`?"), "{unknown}");
}
