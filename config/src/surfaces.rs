//! What the shipped MIDI surfaces have: a file for each box.

/// The shipped files, by the name that a rig calls each by.
pub const SURFACES: [(&str, &str); 4] = [
    ("apc-mini-mk2", include_str!("../surfaces/apc-mini-mk2.toml")),
    ("midimix", include_str!("../surfaces/midimix.toml")),
    ("x-touch", include_str!("../surfaces/x-touch.toml")),
    ("x-touch-compact", include_str!("../surfaces/x-touch-compact.toml")),
];
