//! The curve between an expression and its parameter.

use downbeat_protocol::nearest::by_name;
use serde::Deserialize;

/// A shape from `[0, 1]` to `[0, 1]` that keeps both ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Curve {
    /// As it is.
    #[default]
    Linear,
    /// Small values smaller: x².
    Square,
    /// Small values much smaller: x³.
    Cube,
    /// Small values greater: √x.
    Sqrt,
    /// Slow at both ends: 3x² − 2x³.
    Smooth,
    /// Off below one half, on from there.
    Switch,
}

impl Curve {
    /// All shapes with their names.
    pub const ALL: [(&'static str, Self); 6] = [
        ("linear", Self::Linear),
        ("square", Self::Square),
        ("cube", Self::Cube),
        ("sqrt", Self::Sqrt),
        ("smooth", Self::Smooth),
        ("switch", Self::Switch),
    ];

    /// The value of the curve; `x` is clamped to `[0, 1]`. Realtime-safe: yes.
    pub fn apply(self, x: f64) -> f64 {
        let x = x.clamp(0.0, 1.0);
        match self {
            Self::Linear => x,
            Self::Square => x * x,
            Self::Cube => x * x * x,
            Self::Sqrt => x.sqrt(),
            Self::Smooth => x * x * (3.0 - 2.0 * x),
            Self::Switch => f64::from(u8::from(x >= 0.5)),
        }
    }
}

impl TryFrom<String> for Curve {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        by_name("curve", &name, &Self::ALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_curve_keeps_its_ends_and_never_falls() {
        for (name, curve) in Curve::ALL {
            assert_eq!(Curve::try_from(name.to_owned()), Ok(curve));
            assert_eq!((curve.apply(-1.0), curve.apply(2.0)), (0.0, 1.0), "{curve:?}");
            let values: Vec<f64> = (0..=100).map(|x| curve.apply(f64::from(x) / 100.0)).collect();
            assert!(values.is_sorted(), "{curve:?}");
        }
    }

    #[test]
    fn the_shapes_are_those_of_their_names() {
        let at_a_quarter = [Curve::Square, Curve::Cube, Curve::Sqrt, Curve::Smooth].map(|curve| curve.apply(0.25));
        assert_eq!(at_a_quarter, [0.0625, 0.015625, 0.5, 0.15625]);
    }
}
