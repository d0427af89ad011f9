//! The drawing code of `downbeatctl`, so that benchmark pictures look like its own.

#[path = "../../clients/ctl/src/plot/canvas.rs"]
pub mod canvas;
#[path = "../../clients/ctl/src/plot/colour.rs"]
pub mod colour;
#[path = "../../clients/ctl/src/plot/text.rs"]
pub mod text;
