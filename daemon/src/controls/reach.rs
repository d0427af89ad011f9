//! The addresses of a message: its own, or all that its pattern matches (OSC 1.0, "OSC Message Dispatching and Pattern
//! Matching"). Pure.

use downbeat_protocol::tree::{ADDRESS, Access, Tree};
use globset::{GlobBuilder, GlobMatcher};
use std::borrow::Cow;

/// Maximum of addresses per message: less than one sender's half of the room at the door.
const MOST: usize = 480;

/// Why a pattern reaches nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReachError {
    /// It is not a valid OSC pattern.
    #[error("`{0}` is not a pattern: {1}")]
    Malformed(String, String),
    /// It is longer than any address.
    #[error("a pattern of {0} bytes; the maximum is {ADDRESS}")]
    TooLong(usize),
    /// It matches no settable address.
    #[error("`{0}` matches no settable address")]
    Nothing(String),
    /// It matches too much at once.
    #[error("`{0}` matches more than {MOST} addresses, the maximum")]
    TooMany(String),
}

/// The addresses of a message.
///
/// `?` matches one character, `*` any number, `[a-z]` and `[!a-z]` one of some or none of them, `{back,front}` one of
/// several texts; none of them matches a slash.
pub fn reached<'a>(tree: &Tree, address: &'a str) -> Result<Vec<Cow<'a, str>>, ReachError> {
    let Some(pattern) = pattern(address)? else { return Ok(vec![address.into()]) };
    // Editing needs a full address: no pattern removes what it happens to match.
    let settable = tree.nodes().filter(|node| node.access() != Access::Read && node.entry.group.is_played());
    let reached: Vec<_> = settable
        .filter(|node| pattern.is_match(&node.address))
        .take(MOST + 1)
        .map(|it| it.address.clone().into())
        .collect();
    match reached.len() {
        0 => Err(ReachError::Nothing(address.into())),
        1..=MOST => Ok(reached),
        _ => Err(ReachError::TooMany(address.into())),
    }
}

/// Whether an address is a pattern.
pub fn is_pattern(address: &str) -> bool {
    address.contains(['?', '*', '[', '{'])
}

/// The pattern in an address; none if it is plain.
pub fn pattern(address: &str) -> Result<Option<GlobMatcher>, ReachError> {
    if !is_pattern(address) {
        return Ok(None);
    }
    if address.len() > ADDRESS {
        return Err(ReachError::TooLong(address.len()));
    }
    let glob = GlobBuilder::new(&single_stars(address)).literal_separator(true).backslash_escape(false).build();
    let glob = glob.map_err(|error| ReachError::Malformed(address.into(), error.kind().to_string()))?;
    Ok(Some(glob.compile_matcher()))
}

/// In OSC, stars in a row mean one. In other globs, two match slashes.
fn single_stars(pattern: &str) -> String {
    let mut single = String::with_capacity(pattern.len());
    for letter in pattern.chars() {
        if letter != '*' || !single.ends_with('*') {
            single.push(letter);
        }
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Layer, Schema, ShowState, Signal, Status, Unit};

    fn tree() -> Tree {
        let layer = |name: &str| Layer { name: name.into(), scenes: vec!["echo".into()], ..Layer::default() };
        let state = ShowState { layers: vec![layer("back"), layer("front"), layer("wall")], ..ShowState::default() };
        let names = ["param.glow", "param.grain", "param.zoom", "main.level"];
        let signals = names.map(|name| Signal::scalar(name, Unit::Ratio, [0.0, 1.0]));
        Tree::new(&state, &Schema { signals: signals.into() }, &Status::default())
    }

    fn found(pattern: &str) -> Vec<String> {
        reached(&tree(), pattern).expect("reaches something").into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn an_address_is_for_itself_whether_it_is_there_or_not() {
        assert_eq!(found("/param/glow"), ["/param/glow"]);
        assert_eq!(found("/nowhere"), ["/nowhere"]);
    }

    #[test]
    fn a_pattern_reaches_what_osc_says_it_does() {
        assert_eq!(found("/param/*"), ["/param/glow", "/param/grain", "/param/zoom"]);
        assert_eq!(found("/param/**"), found("/param/*"), "a slash is never matched");
        assert_eq!(found("/param/g*"), ["/param/glow", "/param/grain"]);
        assert_eq!(found("/param/????"), ["/param/glow", "/param/zoom"]);
        assert_eq!(found("/param/[gh]low"), ["/param/glow"]);
        assert_eq!(found("/param/[!g]*"), ["/param/zoom"]);
        assert_eq!(found("/layer/{back,front}/opacity"), ["/layer/back/opacity", "/layer/front/opacity"]);
        assert_eq!(found("/layer/*/scene/*"), ["back", "front", "wall"].map(|it| format!("/layer/{it}/scene/echo")));
        assert_eq!(found("/param/glow*"), ["/param/glow"], "a star may stand for nothing");
    }

    #[test]
    fn no_pattern_removes_what_it_happens_to_match() {
        let mut state = ShowState::default();
        state.cues.insert("flash".into(), Default::default());
        let tree = Tree::new(&state, &Schema::default(), &Status::default());
        assert_eq!(reached(&tree, "/cue/*/*").expect("reaches something"), ["/cue/flash/fire"]);
        assert_eq!(reached(&tree, "/cue/flash/remove").expect("itself"), ["/cue/flash/remove"]);
    }

    #[test]
    fn a_pattern_that_reaches_nothing_says_why() {
        let why = |pattern: &str| reached(&tree(), pattern).expect_err("nothing").to_string();
        assert_eq!(why("/param/x*"), "`/param/x*` matches no settable address");
        assert_eq!(why("/signal/*/level"), "`/signal/*/level` matches no settable address");
        assert!(why("/param/[gl").starts_with("`/param/[gl` is not a pattern"), "{}", why("/param/[gl"));
        assert!(why("/param/{glow").starts_with("`/param/{glow` is not a pattern"));
        assert_eq!(why(&format!("/{}", "*a".repeat(500))), "a pattern of 1001 bytes; the maximum is 256");
    }
}
