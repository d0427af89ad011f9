//! Finds the place of a key in a text.

use toml_edit::{Item, TableLike};

/// The part of a path that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Number of parts found.
    pub depth: usize,
    /// Byte offset of the deepest part.
    pub offset: usize,
}

/// Splits a path of the configuration library: `output.desk.send[2].address`.
pub fn segments(path: &str) -> Vec<String> {
    path.split(['.', '[', ']']).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Finds the deepest part of a path. Keys may contain dots: several parts may make one key.
pub fn locate(item: &Item, path: &[String]) -> Option<Found> {
    if let (Some(list), Some(index)) = (item.as_array_of_tables(), index(path)) {
        let table = list.get(index)?;
        return below(table.span(), 1, locate_in(table, &path[1..]));
    }
    if let (Some(list), Some(index)) = (item.as_array(), index(path)) {
        let value = list.get(index)?;
        let inner = value.as_inline_table().and_then(|table| locate_in(table, &path[1..]));
        return below(value.span(), 1, inner);
    }
    locate_in(item.as_table_like()?, path)
}

fn locate_in(table: &dyn TableLike, path: &[String]) -> Option<Found> {
    (1..=path.len()).rev().find_map(|parts| {
        let (key, item) = table.get_key_value(&path[..parts].join("."))?;
        // A table that only exists because of longer names, like `parameter` in `[parameter.glow]`, has no span.
        let span = key.span().filter(|span| !span.is_empty()).or_else(|| item.span());
        below(span, parts, locate(item, &path[parts..]))
    })
}

fn below(span: Option<std::ops::Range<usize>>, parts: usize, inner: Option<Found>) -> Option<Found> {
    match (inner, span) {
        (Some(inner), _) => Some(Found { depth: inner.depth + parts, ..inner }),
        (None, Some(span)) => Some(Found { depth: parts, offset: span.start }),
        (None, None) => None,
    }
}

fn index(path: &[String]) -> Option<usize> {
    path.first()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml_edit::Document;

    const TEXT: &str = r#"[show]
name = "a"
[parameter.glow]
range = [0, 1]
[parameter."back.opacity"]
curve = "x"
[[layer]]
name = "one"
[[layer]]
name = "two"
[output.desk]
send = [{ address = "/a" },
  { address = "/b" }]
"#;

    fn line(path: &str) -> Option<(usize, usize)> {
        let document = Document::parse(TEXT).expect("TOML");
        let found = locate(document.as_item(), &segments(path))?;
        Some((TEXT[..found.offset].matches('\n').count() + 1, found.depth))
    }

    #[test]
    fn a_key_is_found_on_its_line() {
        assert_eq!(line("show.name"), Some((2, 2)));
        assert_eq!(line("parameter.glow.range"), Some((4, 3)));
        assert_eq!(line("parameter.back.opacity.curve"), Some((6, 4)));
        assert_eq!(line("layer[1].name"), Some((10, 3)));
        assert_eq!(line("output.desk.send[1].address"), Some((13, 5)));
    }

    #[test]
    fn a_missing_key_is_looked_for_in_the_nearest_table() {
        assert_eq!(line("show.state"), Some((1, 1)));
        assert_eq!(line("parameter.glow.missing"), Some((3, 2)));
        assert_eq!(line("nothing"), None);
    }
}
