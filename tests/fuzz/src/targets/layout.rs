//! Layouts for TouchOSC: made of any show that another program describes, and read.

use downbeat_protocol::status::Bus;
use downbeat_protocol::tree::Description;
use downbeat_protocol::{Blend, Layer, Schema, ShowState, Signal, Status, Unit};
use downbeat_touchosc::{Form, Layout, Version, document, preview, read, tosc};
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write;

/// Nodes of a tree of which a layout is made: a large show has a few hundred.
const MOST: usize = 1_000;

/// A description as JSON: its layout holds the messages that it was made of, and its picture is a picture.
pub fn run(bytes: &[u8]) {
    let Ok(description) = serde_json::from_slice::<Description>(bytes) else { return };
    if description.schema.width() > usize::from(u16::MAX) {
        return;
    }
    let tree = description.tree();
    if tree.nodes().count() > MOST {
        return;
    }
    for form in Form::ALL {
        let layout = Layout::new(form, &tree);
        let (text, found) = read(&tosc(&layout, Version::Five).expect("written")).expect("what we write we can read");
        assert_eq!(text, document(&layout, Version::Five).expect("written"));
        let mut wanted: Vec<_> =
            layout.controls().filter_map(|control| control.message.as_ref()).map(|it| it.address.as_str()).collect();
        let mut addresses: Vec<_> = found.iter().map(|it| it.address.as_str()).collect();
        wanted.sort_unstable();
        addresses.sort_unstable();
        assert_eq!(addresses, wanted);
        assert!(preview(&layout, &description.state).expect("written").ends_with("</svg>"));
    }
}

/// A byte for whether the rest is compressed, and a file or its document.
pub fn run_file(bytes: &[u8]) {
    let Some((is_packed, rest)) = bytes.split_first() else { return };
    let file = if is_packed % 2 == 0 { rest.to_vec() } else { packed(rest) };
    match read(&file) {
        Ok((document, found)) => assert!(found.len() <= document.len()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn packed(document: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(document).expect("into memory");
    encoder.finish().expect("into memory")
}

/// No show, a small one, and one with names that mean something in XML.
pub fn seeds() -> Vec<Vec<u8>> {
    let show = |name: &str, scene: &str| {
        let scenes = vec![scene.into(), "echo".into()];
        let layer = Layer { name: name.into(), scene: scene.into(), scenes, opacity: 0.5, blend: Blend::Add };
        let signals = ["param.glow", "main.rms"].map(|name| Signal::scalar(name, Unit::Ratio, [0.5, 2.0])).into();
        let buses = vec![Bus { name: "main".into(), ..Bus::default() }];
        Description {
            state: ShowState { layers: vec![layer], ..ShowState::default() },
            schema: Schema { signals },
            status: Status { buses, ..Status::default() },
        }
    };
    let all = [Description::default(), show("back", "tunnel"), show("a]]>b", "<&'>")];
    all.map(|description| serde_json::to_vec(&description).expect("JSON")).into()
}

/// A whole file, and a document of one control.
pub fn file_seeds() -> Vec<Vec<u8>> {
    let document = "<?xml version='1.0' encoding='UTF-8'?><lexml version='5'><node ID='a' type='FADER'>\
        <properties><property type='s'><key><![CDATA[tag]]></key><value><![CDATA[meter /main/rms 0 1]]></value>\
        </property></properties><messages><osc><send>1</send><receive>1</receive><path><partial>\
        <type>CONSTANT</type><value>/param/glow</value></partial></path><arguments><partial><type>VALUE</type>\
        <conversion>FLOAT</conversion><value>x</value><scaleMin>0.5</scaleMin><scaleMax>2</scaleMax></partial>\
        </arguments></osc></messages></node></lexml>";
    vec![[&[1], document.as_bytes()].concat(), [&[0][..], &packed(document.as_bytes())].concat()]
}
