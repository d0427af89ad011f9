//! Suggestions for misspelt names, for error messages.

/// Share of wrong letters up to which a name counts as misspelt: one third.
const WRONG_LETTERS: usize = 3;

/// Maximum bytes of a name that may be misspelt: comparing takes time, and a longer one is nobody's slip.
const LONGEST: usize = 64;

/// Names listed if none is near enough; more would bury the message.
const LISTED: usize = 16;

/// The known name nearest to `name`, unless all are far off.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let letters = name.chars().count();
    let allowed = (letters / WRONG_LETTERS).max(1);
    // Of another length, it takes at least as many letters to make one of the other.
    let is_possible =
        |candidate: &&str| candidate.chars().count().abs_diff(letters) <= allowed || candidate.starts_with(name);
    let distance = |candidate: &&str| match candidate.strip_prefix(name) {
        // A unit left out: `attack` for `attack-ms`.
        Some(rest) if rest.starts_with('-') => 1,
        _ => strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()),
    };
    let best = known
        .into_iter()
        .filter(is_possible)
        .map(|candidate| (distance(&candidate), candidate))
        .min_by_key(|(far, _)| *far)?;
    (best.0 <= allowed).then_some(best.1)
}

/// The end of a message about an unknown name: `did you mean ...?`, or else the known names.
pub fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there are none".into(),
        None if known.len() > LISTED => {
            format!("expected one of {}, … ({} in all)", known[..LISTED].join(", "), known.len())
        }
        None => format!("expected one of {}", known.join(", ")),
    }
}

/// Looks up one of a few names; `what` describes them in the error message.
pub fn by_name<T: Copy>(what: &str, name: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(candidate, _)| *candidate == name);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let hint = hint(name, known.iter().map(|(candidate, _)| *candidate));
        format!("unknown {what} `{name}`; {hint}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["main.band.low", "main.band.mid", "main.rms"];

    #[test]
    fn a_misspelt_name_finds_the_one_that_was_meant() {
        assert_eq!(nearest("main.band.lw", KNOWN), Some("main.band.low"));
        assert_eq!(nearest("Main.Bnad.mid", KNOWN), Some("main.band.mid"));
        assert_eq!(hint("main.rns", KNOWN), "did you mean `main.rms`?");
        assert_eq!(nearest("attack", ["range", "attack-ms"]), Some("attack-ms"));
    }

    #[test]
    fn a_name_like_no_other_gets_the_list() {
        assert_eq!(nearest("kick", KNOWN), None);
        assert_eq!(hint("kick", KNOWN), "expected one of main.band.low, main.band.mid, main.rms");
        assert_eq!(hint("kick", []), "there are none");
        assert_eq!(nearest(&"main.rms".repeat(9), ["main.rms".repeat(9).as_str()]), None);
    }
}
