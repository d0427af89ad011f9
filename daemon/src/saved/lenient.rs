//! Reads JSON as far as it can be read: a value of the wrong kind, or a number too large for its place, costs that value.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Maximum of values to drop. A file with more is not worth keeping.
const MOST: usize = 256;

/// The value, and the names of what was dropped to read it. The error is what cannot be missing.
pub(super) fn read<T: DeserializeOwned>(mut json: Value) -> Result<(T, Vec<String>), String> {
    if !json.is_object() {
        return Err("expected a JSON object".into());
    }
    let mut dropped = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&json) {
            Ok(read) => return Ok((read, dropped)),
            Err(error) => error,
        };
        let path: Vec<&Segment> = error.path().iter().collect();
        if dropped.len() == MOST || !remove(&mut json, &path) {
            return Err(error.to_string());
        }
        dropped.push(error.path().to_string());
    }
}

/// Removes the value at a path, or the nearest one around it that exists; never the whole.
fn remove(json: &mut Value, path: &[&Segment]) -> bool {
    (1..=path.len()).rev().any(|depth| {
        let (last, parents) = match path[..depth].split_last() {
            Some((last, parents)) => (*last, parents),
            None => return false,
        };
        let parent = parents.iter().try_fold(&mut *json, |value, segment| match segment {
            Segment::Map { key } => value.get_mut(key),
            Segment::Seq { index } => value.get_mut(index),
            Segment::Enum { variant } => value.get_mut(variant),
            Segment::Unknown => None,
        });
        match (parent, last) {
            (Some(Value::Object(table)), Segment::Map { key }) => table.remove(key).is_some(),
            (Some(Value::Object(table)), Segment::Enum { variant }) => table.remove(variant).is_some(),
            (Some(Value::Array(list)), Segment::Seq { index }) if *index < list.len() => {
                list.remove(*index);
                true
            }
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::ShowState;
    use serde_json::json;

    #[test]
    fn a_value_that_cannot_be_read_is_left_out_and_named() {
        let json = json!({
            "blackout": true,
            "hold": "perhaps",
            "layers": [{"name": "a", "scene": "x", "opacity": "thick"}, {"name": "b", "scene": "y", "opacity": 0.5}],
            "fired": {"dim": 1e30, "flash": 3},
            "runs": {"r": {"count": -1}},
        });
        let (state, dropped): (ShowState, _) = read(json).expect("readable");
        assert!(state.blackout && !state.hold && state.fired.len() == 1);
        assert_eq!(state.layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>(), ["b"]);
        assert!(dropped.contains(&"hold".to_owned()) && dropped.contains(&"fired.dim".to_owned()), "{dropped:?}");
    }

    #[test]
    fn what_is_no_state_at_all_is_an_error() {
        assert!(read::<ShowState>(json!([1, 2, 3])).is_err() && read::<ShowState>(json!("x")).is_err());
    }
}
