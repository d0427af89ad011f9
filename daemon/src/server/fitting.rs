//! The whole state in a message. One that is too large would shut out every node, so it goes without what takes most room.

use downbeat_protocol::ShowState;
use downbeat_protocol::message::{self, MAX_LEN, MessageError, ServerMessage};

/// Room for what else may grow until it is encoded again, such as a number.
const SPARE: usize = 64;

/// The bytes of a message with a state: with all of it, or as much as fits.
pub fn encode(state: &ShowState, message: impl Fn(ShowState) -> ServerMessage) -> Result<Vec<u8>, MessageError> {
    let length = match message::encode(&message(state.clone())) {
        Err(MessageError::TooLong(length)) => length,
        done => return done,
    };
    let mut state = state.clone();
    let missing = state.shed(length.saturating_sub(MAX_LEN) + SPARE);
    tracing::warn!(
        "server: the state of the show is too large to be sent; clients and standbys go without {}. Remove or shorten them",
        missing.join(", ")
    );
    message::encode(&message(state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Event, Layer};

    fn sent(state: &ShowState) -> ShowState {
        let bytes = encode(state, |state| ServerMessage::Event(Event::State(state))).expect("it fits");
        match message::decode(&bytes[4..]) {
            Ok(ServerMessage::Event(Event::State(state))) => state,
            other => panic!("a state, not {other:?}"),
        }
    }

    #[test]
    fn a_state_that_is_too_large_goes_without_what_takes_most_room() {
        let layer = |name: &str, scene: String| Layer { name: name.into(), scene, ..Layer::default() };
        let long = || "\u{1}".repeat(60_000);
        let mut state = ShowState { blackout: true, ..ShowState::default() };
        state.layers = vec![layer("a", long()), layer("b", long()), layer("c", long()), layer("d", "tunnel".into())];
        let sent = sent(&state);
        assert!(sent.blackout);
        let scenes: Vec<&str> = sent.layers.iter().map(|layer| layer.scene.as_str()).collect();
        assert_eq!(scenes.iter().filter(|scene| scene.len() == 60_000).count(), 2, "no more than needed is left out");
        assert_eq!(scenes[3], "tunnel");
    }

    #[test]
    fn any_other_state_is_sent_as_it_is() {
        let state = ShowState { settings: [("/show/lock".into(), true.into())].into(), ..ShowState::default() };
        assert_eq!(sent(&state), state);
    }
}
