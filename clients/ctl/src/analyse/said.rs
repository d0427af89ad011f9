//! The lines that `analyse` prints: one JSON object per event.

use serde::Serialize;

/// The type of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A beat; the value is its place in the bar, 1 being the downbeat.
    Beat,
    /// The first beat of a bar, printed after the beat itself; the value is the number of the bar.
    Downbeat,
    /// An onset in the whole spectrum; the value is its strength, `[0, 1]`.
    Onset,
    /// A bass drum; the value is its strength, `[0, 1]`.
    Kick,
    /// A snare drum or a clap; as the kick.
    Snare,
    /// A hi-hat; as the kick.
    Hat,
    /// A drop; the value is its strength, `[0, 1]`.
    Drop,
    /// A new section; the value is its novelty, `[0, 1]`.
    Section,
    /// The tempo has changed; the value is in beats per minute.
    Tempo,
    /// The music's state has changed; the value is its name.
    State,
    /// The belief about the beat, at even intervals; the value is an object.
    Belief,
    /// The end; the value is the CPU time of the whole analysis in seconds.
    Cpu,
}

/// The belief about the beat at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Belief {
    /// The state of the music.
    pub state: &'static str,
    /// Beats per minute, as sent to outputs.
    pub tempo: f64,
    /// Confidence that there is a beat, `[0, 1]`.
    pub pulse: f64,
    /// Confidence that its tempo is the one people tap.
    pub level: f64,
    /// Confidence that it is where people tap.
    pub phase: f64,
    /// Confidence that the bar begins where reported.
    pub one: f64,
    /// Whether beats are sent.
    pub beating: bool,
}

/// The value of a line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Worth {
    /// A count.
    Count(i64),
    /// A measured number.
    Number(f64),
    /// A name.
    Name(&'static str),
    /// The belief about the beat.
    Belief(Belief),
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Said {
    /// When it happened, in seconds of the file.
    pub t: f64,
    /// How much audio had been heard when it was reported, in seconds.
    pub emitted: f64,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Its value.
    pub value: Worth,
}

impl Said {
    /// A line with its times to the microsecond and a measured value to four decimals.
    pub fn new(t: f64, emitted: f64, kind: Kind, value: Worth) -> Self {
        let value = match value {
            Worth::Number(number) => Worth::Number((number * 1e4).round() / 1e4),
            other => other,
        };
        Self { t: (t * 1e6).round() / 1e6, emitted: (emitted * 1e6).round() / 1e6, kind, value }
    }
}

/// A line that also names its file, for when there are several.
#[derive(Serialize)]
pub struct SaidOf<'a> {
    /// The file as given.
    pub file: &'a str,
    /// The line.
    #[serde(flatten)]
    pub said: Said,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_the_neutral_interface_says() {
        let said = Said::new(12.345, 12.328_000_49, Kind::Tempo, Worth::Number(127.900_04));
        let json = serde_json::to_string(&said).expect("serialises");
        assert_eq!(json, r#"{"t":12.345,"emitted":12.328,"type":"tempo","value":127.9}"#);
        let json = serde_json::to_string(&SaidOf { file: "a.wav", said }).expect("serialises");
        assert!(json.starts_with(r#"{"file":"a.wav","t":12.345,"#), "{json}");
        let (state, tempo, beating) = ("playing", 124.0123, true);
        let belief = Belief { state, tempo, pulse: 0.98, level: 0.9, phase: 0.95, one: 0.8, beating };
        let json =
            serde_json::to_string(&Said::new(3.0, 3.0, Kind::Belief, Worth::Belief(belief))).expect("serialises");
        assert!(
            json.ends_with(concat!(
                r#""type":"belief","value":{"state":"playing","tempo":124.0123,"pulse":0.98,"level":0.9,"phase":0.95,"#,
                r#""one":0.8,"beating":true}}"#
            )),
            "{json}"
        );
    }
}
