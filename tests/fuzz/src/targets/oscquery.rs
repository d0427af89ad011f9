//! Input of OSCQuery clients: a path with an attribute, or a text frame.

use super::{ENGINE, TREE};
use downbeat_protocol::tree::Present;
use downbeat_protocol::{Row, ShowTime, Status, Timeline};
use downbeatd::web::listening::Listening;
use downbeatd::web::query::{Answer, HostInfo, answer};
use downbeatd::web::request::{self, Request};
use std::net::SocketAddr;

/// A path is answered, a frame obeyed, or something is wrong with it that can be told.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (status, timeline) = (Status::default(), Timeline::default());
    let (state, schema) = ENGINE.with(|engine| (engine.state().clone(), engine.schema()));
    let row = Row { values: vec![f32::NAN; schema.width()].into(), ..Row::default() };
    let present = Present { state: &state, row: &row, timeline: &timeline, now: ShowTime(-1), status: &status };
    let (path, query) = text.split_once('?').map_or((&*text, None), |(path, query)| (path, Some(query)));
    let host = HostInfo { show: "fuzz", osc_port: None, reached: SocketAddr::from(([127, 0, 0, 1], 1)) };
    TREE.with(|tree| {
        match answer(tree, &present, &host, path, query) {
            Answer::Json(json) => assert!(!json.to_string().contains("null"), "{json}"),
            Answer::BadRequest(why) | Answer::NotFound(why) => assert!(!why.chars().any(char::is_control), "{why}"),
            Answer::NoContent => {}
        }
        let mut listening = Listening::default();
        match request::parse(&text) {
            Ok(Request::Listen(path)) => {
                let listens = listening.listen(tree, path).is_ok();
                assert_eq!(listening.news(&present, |_, _| {}).is_some(), listens, "the value comes at once");
            }
            Ok(Request::Ignore(path)) => listening.ignore(&path),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}

/// Every path of the show alone, with an attribute, and listened to.
pub fn seeds() -> Vec<Vec<u8>> {
    let paths = TREE.with(|tree| tree.nodes().map(|node| node.address.clone()).collect::<Vec<_>>());
    let mut seeds = vec!["/?HOST_INFO".into(), "/".into(), r#"{"COMMAND":"IGNORE","DATA":"/tempo/bpm"}"#.into()];
    for path in paths {
        seeds.push(format!(r#"{{"COMMAND":"LISTEN","DATA":"{path}"}}"#));
        seeds.push(format!("{path}?VALUE"));
        seeds.push(path);
    }
    seeds.into_iter().map(String::into_bytes).collect()
}
