//! Reads configurations: layers, places of errors, suggestions for misspelt names.
//!
//! Defaults < file < drop-ins < environment < flags. Each layer is the same kind of text, so a [`Fault`] says where any
//! key was set. The program that reads the configuration defines the keys: it deserializes the layers into its own
//! types, and reports errors that only it can judge with [`Layers::fault`].
//!
//! ```
//! use downbeat_config::{Layers, Program};
//!
//! #[derive(serde::Deserialize)]
//! struct Tables {
//!     canvas: Canvas,
//! }
//!
//! #[derive(Debug, serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Canvas {
//!     width: u32,
//!     height: u32,
//! }
//!
//! let read = |text: &str| Layers::over_defaults(Program::Renderer, "left.toml", text)?.deserialize::<Tables>();
//!
//! let canvas = read("[canvas]\nwidth = 640\n").unwrap().canvas;
//! assert_eq!((canvas.width, canvas.height), (640, 720));
//!
//! let fault = read("[canvas]\nheigth = 360\n").err().unwrap();
//! let told = "left.toml:2: canvas.heigth: unknown key; did you mean `height`?\n    2 | heigth = 360";
//! assert_eq!(fault.to_string(), told);
//! ```

mod cut_off;
mod fault;
mod kinds;
mod layer;
mod layers;
mod locate;
mod names;
mod program;
mod show;
mod sources;
mod surfaces;
pub mod text;
mod wording;

pub use config::{ConfigError, Value};
/// The known name nearest to an unknown one.
pub use downbeat_protocol::nearest;
pub use fault::{Fault, unquoted};
pub use layers::Layers;
pub use program::Program;
pub use show::{show_file, to_toml};
pub use sources::{Flag, Snapshot, Sources, environment};
pub use surfaces::{surface, surfaces};

#[cfg(test)]
mod tests;
