//! Events, sent to every client.

use crate::state::Change;
use crate::{Schema, ShowState, ShowTime, Status, Timeline, Value};
use serde::{Deserialize, Serialize};

/// An event. Events travel in order on a stream; values that change every hop are in rows instead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A change of the show's state.
    Changed {
        /// The change.
        change: Change,
        /// The sender of the command, as in [`Command::from`](crate::Command::from).
        by: String,
    },
    /// The whole state at once, as after a reload.
    State(ShowState),
    /// The timeline changed, on request or by a correction.
    Timeline {
        /// The new timeline.
        timeline: Timeline,
        /// Why, for the operator, e.g. `tap` or `audio: correction at the bar`.
        why: String,
    },
    /// An output sends a message for a cue or a rule.
    Message {
        /// The output's name.
        output: String,
        /// Address in the output's own protocol.
        address: String,
        /// The value; without one, a button press.
        value: Option<Value>,
        /// Who sent it, as in [`Command::from`](crate::Command::from).
        by: String,
        /// The moment that it is for: a press that comes much later is worth nothing. An older daemon does not say.
        #[serde(default)]
        at: ShowTime,
    },
    /// A command was refused.
    Refused {
        /// The sender.
        from: String,
        /// The reason, for the sender.
        why: String,
    },
    /// The layout of the rows that follow.
    Schema(Schema),
    /// The status; a few times a second.
    Status(Status),
    /// An event unknown to this build.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}
