//! What has happened, told to everyone.

use crate::state::Change;
use crate::{Schema, ShowState, Status, Timeline, Value};
use serde::{Deserialize, Serialize};

/// Something that everyone may want to know. Sent in order on a stream; what changes every hop is in rows instead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// One step of the show's state.
    Changed {
        /// The step.
        change: Change,
        /// Who asked for it, as in [`Command::from`](crate::Command::from).
        by: String,
    },
    /// The whole state at once: a jump, as after a reload.
    State(ShowState),
    /// The timeline was changed on purpose or by a correction, and why.
    Timeline {
        /// The new one.
        timeline: Timeline,
        /// In words for the operator, e.g. `tap` or `audio: correction at the bar`.
        why: String,
    },
    /// An output sends a message of its own protocol, which a cue or a rule asked for.
    Message {
        /// The output's name.
        output: String,
        /// Where, as the output's kind writes it.
        address: String,
        /// What; a button is pressed without it.
        value: Option<Value>,
        /// Who asked for it, as in [`Command::from`](crate::Command::from).
        by: String,
    },
    /// A command was not obeyed.
    Refused {
        /// Who asked.
        from: String,
        /// What to tell them.
        why: String,
    },
    /// The layout of the rows that follow.
    Schema(Schema),
    /// How everything is doing; a few times a second.
    Status(Status),
    /// An event that this build does not know.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}
