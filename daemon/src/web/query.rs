//! The answer to a path and its attribute.

use super::describe::describe;
use downbeat_protocol::Tree;
use downbeat_protocol::tree::Present;
use serde_json::{Value as Json, json};
use std::net::SocketAddr;

/// The attributes of a node (OSCQuery proposal, "Attributes"), and our own.
const ATTRIBUTES: [&str; 12] = [
    "FULL_PATH",
    "CONTENTS",
    "TYPE",
    "ACCESS",
    "RANGE",
    "DESCRIPTION",
    "VALUE",
    "UNIT",
    "TAGS",
    "CLIPMODE",
    "LABEL",
    "KIND",
];

/// The answer to a request.
#[derive(Debug, PartialEq)]
pub enum Answer {
    /// The JSON.
    Json(Json),
    /// The node has no such attribute.
    NoContent,
    /// There is no such attribute.
    BadRequest(String),
    /// There is no such node.
    NotFound(String),
}

/// The server's description of itself.
pub struct HostInfo<'a> {
    /// The show's name.
    pub show: &'a str,
    /// The UDP port for OSC, if there is one.
    pub osc_port: Option<u16>,
    /// The address at which the client reached the server.
    pub reached: SocketAddr,
}

impl HostInfo<'_> {
    /// In the proposal's format.
    pub fn json(&self) -> Json {
        let can = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), Json::Bool(true))).collect();
        let extensions: serde_json::Map<String, Json> = can(&[
            "ACCESS",
            "VALUE",
            "RANGE",
            "DESCRIPTION",
            "TAGS",
            "UNIT",
            "CLIPMODE",
            "LISTEN",
            "PATH_ADDED",
            "PATH_REMOVED",
            "PATH_CHANGED",
        ]);
        let mut json = json!({
            "NAME": format!("Downbeat: {}", self.show),
            "EXTENSIONS": extensions,
            "OSC_TRANSPORT": "UDP",
            "WS_IP": self.reached.ip().to_canonical().to_string(),
            "WS_PORT": self.reached.port(),
        });
        if let Some(port) = self.osc_port {
            json["OSC_IP"] = json["WS_IP"].clone();
            json["OSC_PORT"] = port.into();
        }
        json
    }
}

/// Answers a request for a path, with `query` after the question mark.
pub fn answer(tree: &Tree, present: &Present<'_>, host: &HostInfo<'_>, path: &str, query: Option<&str>) -> Answer {
    match query.unwrap_or_default() {
        "HOST_INFO" => return Answer::Json(host.json()),
        query if !query.is_empty() && !ATTRIBUTES.contains(&query) => {
            let why = format!(
                "unknown attribute `{}`; expected one of HOST_INFO, {}",
                shortened(query),
                ATTRIBUTES.join(", ")
            );
            return Answer::BadRequest(why);
        }
        _ => {}
    }
    let Some(node) = describe(tree, path, present) else {
        return Answer::NotFound(format!("nothing at `{}`; GET / lists all addresses", shortened(path)));
    };
    match query {
        None | Some("") => Answer::Json(node),
        Some(attribute) => {
            node.get(attribute).map_or(Answer::NoContent, |value| Answer::Json(json!({ attribute: value })))
        }
    }
}

/// Makes text from anyone safe for an answer.
fn shortened(text: &str) -> String {
    text.chars().take(64).filter(|letter| !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Row, Schema, ShowState, ShowTime, Status, Timeline};

    fn asked(path: &str, query: Option<&str>) -> Answer {
        let (state, status, row, timeline) =
            (ShowState::default(), Status::default(), Row::default(), Timeline::default());
        let present = Present { state: &state, row: &row, timeline: &timeline, now: ShowTime::ZERO, status: &status };
        let reached = "[::ffff:192.0.2.7]:9480".parse().expect("an address");
        let host = HostInfo { show: "Friday", osc_port: Some(9000), reached };
        answer(&Tree::new(&state, &Schema::default(), &status), &present, &host, path, query)
    }

    #[test]
    fn one_attribute_comes_alone() {
        assert_eq!(asked("/show/blackout", Some("VALUE")), Answer::Json(json!({ "VALUE": [false] })));
        assert_eq!(asked("/tempo/tap", Some("VALUE")), Answer::NoContent);
        assert!(matches!(asked("/show/blackout", Some("COLOUR")), Answer::BadRequest(why) if why.contains("`COLOUR`")));
        assert!(matches!(asked("/nowhere", None), Answer::NotFound(why) if why.contains("`/nowhere`")));
        assert!(matches!(asked("/nowhere", Some("VALUE")), Answer::NotFound(_)));
    }

    #[test]
    fn the_server_says_where_it_takes_osc_and_sockets() {
        let Answer::Json(host) = asked("/", Some("HOST_INFO")) else { panic!("told") };
        assert_eq!((&host["OSC_IP"], &host["OSC_PORT"]), (&json!("192.0.2.7"), &json!(9000)));
        assert_eq!((&host["WS_PORT"], &host["EXTENSIONS"]["LISTEN"]), (&json!(9480), &json!(true)));
        let Answer::Json(all) = asked("/", None) else { panic!("told") };
        assert!(all.get("OSC_PORT").is_none(), "never unasked");
    }
}
