//! Shown while the daemon is gone; also a calm scene for breaks.

use super::Scene;

/// Slow, dim, without a beat, never black.
pub const SAFE: Scene =
    Scene { name: "safe", shader: include_str!("../../shaders/safe.wgsl"), parameters: &[], remembers: false };
