//! Files that have lost their end: a disk that was full while they were saved, a copy that has stalled, a power cut. What is
//! left of them is often a valid configuration, only a much smaller one.

use crate::fault::Fault;
use crate::sources::Snapshot;
use std::path::Path;

impl Snapshot {
    /// The first file of which there is nothing left, or only a part that ends within a line, compared with an earlier
    /// reading. What was deleted on purpose ends with a whole line, or is a comment.
    pub fn cut_off(&self, earlier: &Self) -> Option<Fault> {
        self.pairs(earlier).find_map(|(path, now, then)| {
            if now.trim().is_empty() && !then.trim().is_empty() {
                return Some(Fault::cut_off(path, "it is empty, but was not before"));
            }
            let rest = then.strip_prefix(now).filter(|rest| !rest.is_empty())?;
            let ends_within = !now.is_empty() && !now.ends_with(['\n', '\r']) && !rest.starts_with(['\n', '\r']);
            let line = now.lines().count();
            ends_within.then(|| Fault::cut_off(path, &format!("it ends in the middle of line {line}")))
        })
    }

    /// Whether a file is shorter than in an earlier reading, and the same as far as it goes: it may be still being written.
    pub fn is_beginning_of(&self, earlier: &Self) -> bool {
        self.pairs(earlier).any(|(_, now, then)| now.len() < then.len() && then.starts_with(now))
    }

    /// The files of both readings, with the text now and the text then.
    fn pairs<'a>(&'a self, earlier: &'a Self) -> impl Iterator<Item = (&'a Path, &'a str, &'a str)> {
        self.0.iter().filter_map(|(path, now)| {
            let (_, then) = earlier.0.iter().find(|(known, _)| known == path)?;
            Some((path.as_path(), now.as_str(), then.as_str()))
        })
    }
}

impl Fault {
    fn cut_off(path: &Path, what: &str) -> Self {
        let path = path.display();
        Self::plain(format!(
            "{path}: {what}: was it cut off while it was saved or copied, or is the disk full? Save it again; if it is meant \
             to be so, end it with a line that is a comment: #"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Snapshot {
        Snapshot(vec![("show.toml".into(), "[show]\n".into()), ("show.toml.d/10.toml".into(), text.into())])
    }

    fn told(now: &str, then: &str) -> String {
        of(now).cut_off(&of(then)).map(|fault| fault.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_has_lost_its_end_is_refused_and_what_was_deleted_is_not() {
        let whole = "[output.desk]\nrate-hz = 30\n[output.wall]\n";
        for nothing in ["", "\n", " \r\n\t"] {
            assert!(told(nothing, whole).starts_with("show.toml.d/10.toml: it is empty"), "{nothing:?}");
            assert_eq!(told(nothing, "\n\n"), "", "it was empty before");
        }
        let cut = told("[output.desk]\nrate-hz = 3", whole);
        assert!(cut.contains("ends in the middle of line 2") && cut.contains("Save it again"), "{cut}");
        for good in [whole, "#", "[output.desk]\n", "[output.desk]\nrate-hz = 30", "[output.desk]\nrate-hz = 40\n"] {
            assert_eq!(told(good, whole), "", "{good:?}");
        }
        assert_eq!(told("[a]\r\nb = 1", "[a]\r\nb = 1\r\nc = 2\r\n"), "", "a whole line of Windows");
        assert_eq!(of("").cut_off(&Snapshot::default()), None, "it is new");
    }

    #[test]
    fn a_file_that_is_still_being_copied_is_known_by_its_beginning() {
        for (now, then, is) in
            [("a\n", "a\nb\n", true), ("", "a\n", true), ("a\n", "a\n", false), ("b\n", "a\nb\n", false)]
        {
            assert_eq!(of(now).is_beginning_of(&of(then)), is, "{now:?}");
        }
    }
}
