//! What is sent from a row, and its addresses: the settings with every name resolved in the schema.

use super::onset::Onset;
use super::resolume;
use super::rule::Rule;
use super::settings::{EventKind, Profile, Settings};
use crate::edges::OpenError;
use crate::edges::osc::encode::Head;
use downbeat_audio::pattern::fits;
use downbeat_config::nearest::hint;
use downbeat_protocol::tree::{address, parameter};
use downbeat_protocol::{Schema, Signal, Unit};

/// Everything sent to a target.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Signals and parameters, each a message of floats.
    pub items: Vec<Item>,
    /// Rules of the table and of the profile.
    pub rules: Vec<Rule>,
    /// Onsets as events.
    pub onsets: Vec<Onset>,
    /// `/beat`, if wanted.
    pub beat: Option<Head>,
    /// `/bar`, if wanted.
    pub bar: Option<Head>,
    /// `/phrase`, if wanted.
    pub phrase: Option<Head>,
    /// Each hop, for measurements.
    pub hop: Option<Head>,
}

/// One signal or parameter.
#[derive(Clone, Debug)]
pub struct Item {
    /// Address and type tags.
    pub head: Head,
    /// The index of its first number in the row.
    pub place: usize,
    /// Its length.
    pub len: usize,
}

/// Counter, phase, place and tempo.
const MUSICAL: &str = "ifif";
/// Number of the hop, show time of its last sample, host time at which that entered JACK's callback (nanoseconds).
const HOP: &str = "hhh";

impl Layout {
    /// Goes on where an earlier layout of the same settings was: what counted between the last row of that one and the first
    /// of this one is sent.
    pub fn continue_from(&mut self, earlier: &Self) {
        self.rules.iter_mut().zip(&earlier.rules).for_each(|(rule, earlier)| rule.continue_from(earlier));
        for onset in &mut self.onsets {
            let same = earlier.onsets.iter().find(|it| it.head() == onset.head());
            same.into_iter().for_each(|earlier| onset.continue_from(earlier));
        }
    }

    /// Resolves the settings; an unknown name is an error that suggests the nearest one.
    pub fn new(settings: &Settings, schema: &Schema) -> Result<Self, OpenError> {
        let everything = settings.is_open();
        let signals = chosen(settings.signals.as_deref(), everything);
        let parameters = chosen(settings.parameters.as_deref(), everything);
        check(&signals, schema.signals.iter().filter(|it| parameter(it).is_none()).map(|it| it.name.as_str()))?;
        check(&parameters, schema.signals.iter().filter_map(parameter))?;
        let wanted = |signal: &Signal| match parameter(signal) {
            Some(name) => parameters.iter().any(|pattern| fits(pattern, name)),
            None => signals.iter().any(|pattern| fits(pattern, &signal.name)),
        };
        let at = |signal: &Signal| settings.rename.get(&signal.name).cloned().unwrap_or_else(|| address(signal));
        let item = |(place, signal): (usize, &Signal)| {
            let len = usize::from(signal.len);
            wanted(signal).then(|| Item { head: Head::new(&at(signal), &"f".repeat(len)), place, len })
        };
        let event = |kind, name: &str| {
            let wanted = settings.events.as_ref().map_or(everything, |events| events.contains(&kind));
            let renamed = settings.rename.get(name).cloned();
            wanted.then(|| Head::new(&renamed.unwrap_or_else(|| format!("/{name}")), MUSICAL))
        };
        let onsets = event(EventKind::Onset, "onset").map(|_| Onset::all(schema, &settings.rename));
        Ok(Self {
            items: schema.places().filter_map(item).collect(),
            rules: rules(settings, schema)?,
            onsets: onsets.unwrap_or_default(),
            beat: event(EventKind::Beat, "beat"),
            bar: event(EventKind::Bar, "bar"),
            phrase: event(EventKind::Phrase, "phrase"),
            hop: settings.measures_hops().then(|| Head::new("/hop", HOP)),
        })
    }
}

fn chosen(patterns: Option<&[String]>, everything: bool) -> Vec<String> {
    match patterns {
        Some(patterns) => patterns.to_vec(),
        None if everything => vec!["*".into()],
        None => Vec::new(),
    }
}

/// A pattern without a star must name something that exists; one with a star may match nothing yet.
fn check<'a>(patterns: &[String], names: impl Iterator<Item = &'a str> + Clone) -> Result<(), OpenError> {
    let unknown = patterns.iter().find(|it| !it.contains('*') && !names.clone().any(|name| name == it.as_str()));
    unknown.map_or(Ok(()), |name| Err(unknown_name(name, names)))
}

fn rules(settings: &Settings, schema: &Schema) -> Result<Vec<Rule>, OpenError> {
    let profile = match settings.profile {
        Some(Profile::Resolume) => resolume::rules(settings),
        None => Vec::new(),
    };
    let find = |name: &str| match schema.find(name) {
        Some((place, signal)) => Ok((place, signal.unit)),
        None => Err(unknown_name(name, schema.signals.iter().map(|it| it.name.as_str()))),
    };
    let resolve = |send| Rule::new(send, |name: &str| -> Result<(usize, Unit), OpenError> { find(name) });
    settings.send.iter().chain(&profile).map(resolve).collect()
}

fn unknown_name<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> OpenError {
    OpenError::Value(format!("unknown signal or parameter `{name}`: {}", hint(name, known)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(toml: &str) -> Result<Layout, OpenError> {
        let signal = |name: &str, len| Signal { len, ..Signal::scalar(name, Unit::Ratio, [0.0, 1.0]) };
        let names =
            [("main.rms", 1), ("main.mel", 32), ("tempo.bpm", 1), ("param.glow", 1), ("main.onset-count.low", 1)];
        let schema = Schema { signals: names.map(|(name, len)| signal(name, len)).into() };
        let text = format!("target = 'x:1'\n{toml}");
        let file = config::File::from_str(&text, config::FileFormat::Toml);
        let table = config::Config::builder().add_source(file).build().expect("TOML");
        let settings: Settings = table.try_deserialize().expect("settings");
        settings.check()?;
        Layout::new(&settings, &schema)
    }

    fn heads(layout: &Layout) -> Vec<Head> {
        layout.items.iter().map(|item| item.head.clone()).collect()
    }

    #[test]
    fn a_bare_table_sends_everything_and_vectors_as_one_message() {
        let layout = layout("").expect("resolves");
        assert_eq!(layout.items.len(), 5);
        assert!(heads(&layout).contains(&Head::new("/signal/main/mel", &"f".repeat(32))));
        assert!(layout.beat.is_some() && layout.phrase.is_some());
        assert_eq!(layout.onsets.len(), 1);
    }

    #[test]
    fn a_table_with_rules_sends_only_those_unless_told_otherwise() {
        let layout = layout("parameters = ['*']\nsend = [{ address = '/x', value = 'main.rms' }]").expect("resolves");
        assert_eq!(heads(&layout), [Head::new("/param/glow", "f")]);
        assert_eq!(layout.rules.len(), 1);
        assert!(layout.beat.is_none() && layout.onsets.is_empty());
    }

    #[test]
    fn addresses_can_be_renamed() {
        let rename = "rename = { 'param.glow' = '/composition/layers/1/video/opacity', beat = '/b' }";
        let layout = layout(rename).expect("resolves");
        assert!(heads(&layout).contains(&Head::new("/composition/layers/1/video/opacity", "f")));
        assert_eq!(layout.beat, Some(Head::new("/b", "ifif")));
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest() {
        let known = [
            ("signals = ['main.rm']", "`main.rms`"),
            ("send = [{ address = '/x', value = 'main.rsm' }]", "`main.rms`"),
            ("parameters = ['gloww']", "`glow`"),
        ];
        for (toml, meant) in known {
            let error = layout(toml).expect_err("unknown").to_string();
            assert!(error.ends_with(&format!("did you mean {meant}?")), "{error}");
        }
    }

    #[test]
    fn an_address_without_a_slash_is_refused() {
        let error = layout("send = [{ address = 'x y' }]").expect_err("no address").to_string();
        assert!(error.contains("`x y` is not an OSC address"), "{error}");
    }
}
