//! `[output.NAME]` of kind `osc`.

use crate::dispatch::Latency;
use crate::edges::osc::framing::Framing;
use crate::edges::{OpenError, cadence};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The fastest rate that makes sense: a hop is 5.3 ms long.
const MAX_RATE_HZ: f64 = 1000.0;

/// The contents of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// `host:port`; a name is resolved again when the target does not answer.
    pub target: String,
    /// The protocol.
    #[serde(default)]
    pub transport: Protocol,
    /// The framing by TCP.
    #[serde(default)]
    pub framing: Framing,
    /// The network card, such as `eth1`; by default the route decides.
    pub interface: Option<String>,
    /// Rate of signals and parameters; 0 sends every hop.
    #[serde(default = "default_rate")]
    pub rate_hz: f64,
    /// Bundles or plain messages; plain if the profile's program is not known to take bundles.
    pub format: Option<Format>,
    /// Time tags of bundles.
    #[serde(default)]
    pub time_tag: TimeTag,
    /// Latency of the target.
    #[serde(default)]
    pub latency_ms: Latency,
    /// Signals by name or pattern. All, unless there are `send` rules or a profile.
    pub signals: Option<Vec<String>>,
    /// Parameters by name or pattern, without `param.`. All, unless there are `send` rules or a profile.
    pub parameters: Option<Vec<String>>,
    /// Musical events. All, unless there are `send` rules or a profile; `hop` only if named.
    pub events: Option<Vec<EventKind>>,
    /// Other addresses, by the dotted name of a signal, `param.NAME`, or an event: `beat`, `onset.main.low`.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
    /// Custom rules.
    #[serde(default)]
    pub send: Vec<Send>,
    /// Rules for a known program.
    pub profile: Option<Profile>,
    /// With the profile `resolume`: send beats per minute rather than Resolume's 0..1.
    #[serde(default)]
    pub raw_bpm: bool,
    /// With the profile `resolume`: when to send the one.
    #[serde(default)]
    pub resync: Resync,
}

/// The protocol of an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Datagrams.
    #[default]
    Udp,
    /// A connection.
    Tcp,
}

/// Bundles or plain messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Messages of one moment travel together.
    Bundle,
    /// One message per datagram, for desks that do not take bundles (grandMA3).
    Messages,
}

/// Time tags of bundles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeTag {
    /// Act at once. The default, because a receiver whose time of day is behind would hold everything back.
    #[default]
    Immediate,
    /// When each event is due, for receivers synchronised by NTP or PTP.
    Due,
}

/// A musical event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// `/beat`
    Beat,
    /// `/bar`
    Bar,
    /// `/phrase`
    Phrase,
    /// `/onset/BUS/BAND`
    Onset,
    /// `/hop`: one message a hop, to measure the path through the daemon. Only on request.
    Hop,
}

/// A known program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Resolume Arena or Avenue 7.
    Resolume,
}

/// When to send Resolume the one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resync {
    /// At every downbeat.
    Bar,
    /// At the first downbeat of a phrase: clips longer than a bar are not cut short.
    #[default]
    Phrase,
    /// Never: Ableton Link does it.
    Never,
}

/// One rule: value, address, format and time.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Send {
    /// The OSC address.
    pub address: String,
    /// A signal, a parameter (`param.NAME`) or a number; 1 by default.
    #[serde(default)]
    pub value: Value,
    /// The range of the value, mapped to `to` and clamped.
    pub from: Option<[f64; 2]>,
    /// The output range.
    pub to: Option<[f64; 2]>,
    /// When it is sent.
    #[serde(default)]
    pub when: When,
    /// What is sent.
    #[serde(default, rename = "type")]
    pub kind: Kind,
    /// With `when = "change"`: the minimum change, in the units of `to`.
    #[serde(default)]
    pub step: f64,
    /// With `type = "string"`: `{}` stands for the value.
    #[serde(default = "default_text")]
    pub text: String,
    /// With `type = "string"`: decimal places.
    #[serde(default)]
    pub decimals: u8,
    /// With `type = "trigger"`: milliseconds until the button is released; 0 never releases it.
    #[serde(default = "default_release")]
    pub release_ms: u32,
}

/// The value of a rule.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A constant.
    Number(f64),
    /// The signal of this name.
    Name(String),
}

impl Default for Value {
    fn default() -> Self {
        Self::Number(1.0)
    }
}

/// When a rule sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// At the output's rate.
    #[default]
    Rate,
    /// At the output's rate, on change.
    Change,
    /// At each beat.
    Beat,
    /// At each downbeat.
    Bar,
    /// At the first downbeat of each phrase.
    Phrase,
}

/// The type of the argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// 32-bit float.
    #[default]
    Float,
    /// The nearest 32-bit integer.
    Int,
    /// Text, for desks that take commands.
    String,
    /// A button: 1, and 0 shortly after. Outside of beats it is pressed when its value rises past one half, or, for a
    /// counter (`main.onset-count.low`), at each count, whatever the rate.
    Trigger,
}

fn default_rate() -> f64 {
    60.0
}

fn default_text() -> String {
    "{}".into()
}

/// Milliseconds until a button is released. Resolume takes triggers as mouse clicks: without the release the clip stays
/// held. Companion's module for Resolume (bitfocus/companion-module-resolume-arena, `sendTrigger`) releases after 50
/// ms.
pub(super) const DEFAULT_RELEASE_MS: u32 = 50;

fn default_release() -> u32 {
    DEFAULT_RELEASE_MS
}

impl Settings {
    /// Refuses impossible settings.
    pub fn check(&self) -> Result<(), OpenError> {
        if let Some(why) = cadence::refusal(self.rate_hz, MAX_RATE_HZ).filter(|_| self.rate_hz != 0.0) {
            return Err(OpenError::Value(format!("rate-hz: {why}, or 0 for every hop")));
        }
        if !self
            .target
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0))
        {
            let text = format!("target `{}` must be HOST:PORT, such as 192.0.2.7:7000 or desk.local:8000", self.target);
            return Err(OpenError::Value(text));
        }
        let addresses = self.rename.values().chain(self.send.iter().map(|send| &send.address));
        for address in addresses {
            if !is_address(address) {
                let text =
                    format!("`{address}` is not an OSC address: it must start with / and have no spaces or #*,?[]{{}}");
                return Err(OpenError::Value(text));
            }
        }
        Ok(())
    }

    /// Whether each hop is sent as an event, for measurements.
    pub fn measures_hops(&self) -> bool {
        self.events.as_ref().is_some_and(|events| events.contains(&EventKind::Hop))
    }

    /// Whether to send everything by default.
    pub fn is_open(&self) -> bool {
        self.send.is_empty() && self.profile.is_none()
    }
}

/// Whether OSC 1.0 allows a name: printable ASCII except the characters of patterns and lists.
pub(super) fn is_address(text: &str) -> bool {
    text.len() > 1
        && text.starts_with('/')
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"#*,?[]{}".contains(&byte))
}
