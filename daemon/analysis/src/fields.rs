//! The values of a hop, in order.

use crate::features::FEATURES;
use crate::{Field, structure};

/// The signals of [`Hop::values`](crate::Hop::values), in order; the same for every [`Settings`](crate::Settings).
pub fn fields() -> Vec<Field> {
    FEATURES.iter().flat_map(|entry| entry.fields).chain(structure::FIELDS).copied().collect()
}

/// The length of a hop's values.
pub(crate) fn width() -> usize {
    FEATURES.iter().map(|entry| entry.width()).sum::<usize>() + structure::FIELDS.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_ranges_ordered() {
        let names: HashSet<_> = fields().iter().map(|field| field.name).collect();
        assert_eq!(names.len(), fields().len());
        assert!(fields().iter().all(|field| field.len > 0 && field.range.0 < field.range.1));
        assert_eq!(width(), fields().iter().map(|field| field.len).sum::<usize>());
    }
}
