//! The shipped MIDI surface files, one per box.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "surfaces"]
#[include = "*.toml"]
struct Files;

/// The names of the shipped surfaces, in alphabetical order.
pub fn surfaces() -> Vec<String> {
    let mut names: Vec<String> =
        Files::iter().filter_map(|file| Some(file.strip_suffix(".toml")?.to_owned())).collect();
    names.sort_unstable();
    names
}

/// The shipped file of a surface.
pub fn surface(name: &str) -> Option<String> {
    let file = Files::get(&format!("{name}.toml"))?;
    Some(String::from_utf8_lossy(&file.data).into_owned())
}
