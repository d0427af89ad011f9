//! The shipped MIDI surface files, one per box.

/// The shipped files, by surface name.
pub const SURFACES: [(&str, &str); 4] = [
    ("apc-mini-mk2", include_str!("../surfaces/apc-mini-mk2.toml")),
    ("midimix", include_str!("../surfaces/midimix.toml")),
    ("x-touch", include_str!("../surfaces/x-touch.toml")),
    ("x-touch-compact", include_str!("../surfaces/x-touch-compact.toml")),
];
