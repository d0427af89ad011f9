//! Names as parts of addresses.

use std::collections::BTreeSet;

/// One address part per name, in order. Characters not allowed in an address (OSC 1.0, "OSC Address Spaces") become
/// `_`, and later duplicates are numbered: `wall`, `wall-2`.
pub fn labels<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let label = |name: &str| {
        let safe = name.replace(|it: char| !it.is_ascii_graphic() || " #*,/?[]{}".contains(it), "_");
        let safe = if safe.is_empty() { "_".into() } else { safe };
        let mut numbered = (2..).map(|number| format!("{safe}-{number}"));
        let free = std::iter::once(safe.clone()).chain(&mut numbered).find(|label| !taken.contains(label));
        let free = free.unwrap_or(safe);
        taken.insert(free.clone());
        free
    };
    names.map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_gets_a_part_of_an_address_of_its_own() {
        let names = ["wall left", "wall", "wall", "", "wall-2", "größe/1"];
        assert_eq!(labels(names.into_iter()), ["wall_left", "wall", "wall-2", "_", "wall-2-2", "gr__e_1"]);
    }
}
