//! `[control.NAME]` of kind `midi`.

use super::assignment::Assignment;
use super::layout::Layout;
use super::surface::Surface;
use crate::edges::{OpenError, cadence};
use crate::midi_port::Wanted;
use downbeat_protocol::Tree;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The contents of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// The surface file: the name of a shipped one, or a file. Without it, elements are named after what they send.
    pub surface: Option<String>,
    /// A part of the name of the box's port, a pattern with `*`, or `jack` for the daemon's own ports.
    pub port: Option<String>,
    /// The same for the output port, if different.
    pub port_out: Option<String>,
    /// Maximum rate of updates to the box.
    #[serde(default = "default_rate")]
    pub rate_hz: f64,
    /// The assignment of each element.
    #[serde(default)]
    pub map: BTreeMap<String, config::Value>,
}

fn default_rate() -> f64 {
    30.0
}

impl Settings {
    /// The elements of the box.
    ///
    /// # Errors
    /// If the surface is unknown, or its file is invalid.
    pub fn layout(&self) -> Result<Layout, OpenError> {
        self.surface.as_deref().map_or(Ok(Layout::default()), |name| Layout::find(name).map_err(within("surface")))
    }

    /// The ports to look for, from the box and to it.
    ///
    /// # Errors
    /// If neither the rig nor the surface file names one.
    pub fn ports(&self, layout: &Layout) -> Result<[Wanted; 2], OpenError> {
        let known = Some(layout.port.clone()).filter(|port| !port.is_empty());
        let Some(port) = self.port.clone().or(known).filter(|port| !port.trim().is_empty()) else {
            return Err(OpenError::Value("set `port` to a part of the name of the box's MIDI port".into()));
        };
        let back = self.port_out.clone().unwrap_or_else(|| port.clone());
        Ok([port, back].map(Wanted::from))
    }

    /// The assignment of each element.
    ///
    /// # Errors
    /// If an element or an address is unknown.
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

    /// Refuses invalid settings.
    ///
    /// # Errors
    /// The invalid setting, with valid values.
    pub fn check(&self) -> Result<(), OpenError> {
        let refusal = cadence::refusal(self.rate_hz, 100.0);
        refusal.map_or(Ok(()), |why| Err(within("rate-hz")(OpenError::Value(why))))
    }
}

fn within(key: &str) -> impl Fn(OpenError) -> OpenError + use<> {
    let key = key.to_owned();
    // Errors in a surface file carry their own place.
    move |error| match error {
        OpenError::File(_) => error,
        error => OpenError::Within { key: key.clone(), error: Box::new(error) },
    }
}
