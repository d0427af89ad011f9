//! `[control.NAME]` of kind `midi`.

use super::assignment::Assignment;
use super::layout::Layout;
use super::surface::Surface;
use crate::edges::OpenError;
use crate::midi_port::Wanted;
use downbeat_protocol::Tree;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What the table says.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// What the box has: the name of a shipped surface, or a file of one's own. Without it, elements are called by what they
    /// send.
    pub surface: Option<String>,
    /// A part of the name of the box's port, a pattern with `*`, or `jack` for ports of our own.
    pub port: Option<String>,
    /// The same for the way back, where that is another.
    pub port_out: Option<String>,
    /// How often the box is told what has changed.
    #[serde(default = "default_rate")]
    pub rate_hz: f64,
    /// What each element sets.
    #[serde(default)]
    pub map: BTreeMap<String, config::Value>,
}

fn default_rate() -> f64 {
    30.0
}

impl Settings {
    /// What the box has.
    ///
    /// # Errors
    /// When there is no such surface, or its file cannot be used.
    pub fn layout(&self) -> Result<Layout, OpenError> {
        self.surface.as_deref().map_or(Ok(Layout::default()), |name| Layout::find(name).map_err(within("surface")))
    }

    /// The ports that are looked for, from the box and to it.
    ///
    /// # Errors
    /// When neither the rig nor the surface file names one.
    pub fn ports(&self, layout: &Layout) -> Result<[Wanted; 2], OpenError> {
        let known = Some(layout.port.clone()).filter(|port| !port.is_empty());
        let Some(port) = self.port.clone().or(known).filter(|port| !port.trim().is_empty()) else {
            return Err(OpenError::Value("set `port` to a part of the name of the box's MIDI port".into()));
        };
        let back = self.port_out.clone().unwrap_or_else(|| port.clone());
        Ok([port, back].map(Wanted::from))
    }

    /// What each element sets.
    ///
    /// # Errors
    /// When an element or an address is not there.
    pub fn assignments(&self, layout: &Layout, tree: &Tree) -> Result<BTreeMap<String, Assignment>, OpenError> {
        let mut assignments = BTreeMap::new();
        for (element, value) in &self.map {
            let within = within(&format!("map.{element}"));
            let assignment = Assignment::read(value.clone()).map_err(&within)?;
            Surface::check(layout, tree, element, &assignment).map_err(|why| within(OpenError::Value(why)))?;
            assignments.insert(element.clone(), assignment);
        }
        Ok(assignments)
    }

    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// With what would.
    pub fn check(&self) -> Result<(), OpenError> {
        if self.rate_hz > 0.0 && self.rate_hz <= 100.0 {
            return Ok(());
        }
        let text = format!("{} is out of range; choose more than 0 and at most 100", self.rate_hz);
        Err(within("rate-hz")(OpenError::Value(text)))
    }
}

fn within(key: &str) -> impl Fn(OpenError) -> OpenError + use<> {
    let key = key.to_owned();
    // What is wrong in a file is told with its own place.
    move |error| match error {
        OpenError::File(_) => error,
        error => OpenError::Within { key: key.clone(), error: Box::new(error) },
    }
}
