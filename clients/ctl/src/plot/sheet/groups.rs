//! The page of each signal: the headings of `docs/signals.md`.

use crate::plot::colour::Colour;
use image::Rgb;

/// One page of the sheet.
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// The suffix of its file.
    pub slug: &'static str,
    /// The colour of its curves; after M. Okabe and K. Ito, suitable for the colour-blind.
    pub colour: Colour,
    /// The first parts of its signals' names, without the bus, from top to bottom.
    pub stems: &'static [&'static str],
}

/// All pages, in the order of the headings. Signals without a page go to the last.
pub const GROUPS: &[Group] = &[
    Group {
        title: "Level",
        slug: "level",
        colour: Rgb([86, 180, 233]),
        stems: &[
            "rms",
            "peak",
            "loudness",
            "level",
            "level-short",
            "band",
            "band-short",
            "mel",
            "spectrum",
            "waveform",
        ],
    },
    Group {
        title: "Tone",
        slug: "tone",
        colour: Rgb([94, 205, 150]),
        stems: &[
            "centroid",
            "spread",
            "flatness",
            "roll-off",
            "flux",
            "mfcc",
            "timbre",
            "chroma",
            "key",
            "key-confidence",
            "pitch",
            "pitch-confidence",
            "width",
            "balance",
            "cancels",
        ],
    },
    Group {
        title: "Rhythm",
        slug: "rhythm",
        colour: Rgb([230, 159, 60]),
        stems: &[
            "onset-strength",
            "onset",
            "onset-count",
            "hit",
            "hit-count",
            "hit-strength",
            "hit-confidence",
            "tempo",
            "beat",
            "bar",
            "phrase",
            "music",
        ],
    },
    Group {
        title: "Structure",
        slug: "structure",
        colour: Rgb([198, 150, 236]),
        stems: &[
            "section-count",
            "section-novelty",
            "build-up",
            "drop-probability",
            "drop",
            "drop-count",
            "breakdown",
            "silence",
            "applause",
            "speech",
        ],
    },
    Group { title: "Sources", slug: "sources", colour: Rgb([240, 128, 100]), stems: &["part", "part-confidence"] },
];

/// The page of a signal and its place among the page's stems. Musical time has no bus in its name.
pub fn place_of(bus: &str, name: &str) -> (usize, usize) {
    let stem = stem_of(bus, name);
    let of = |(page, group): (usize, &Group)| Some((page, group.stems.iter().position(|one| *one == stem)?));
    GROUPS.iter().enumerate().find_map(of).unwrap_or((GROUPS.len() - 1, usize::MAX))
}

/// The first part of a name, without the bus.
pub fn stem_of<'a>(bus: &str, name: &'a str) -> &'a str {
    let name = without_bus(bus, name);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// A name as in `docs/signals.md`.
pub fn without_bus<'a>(bus: &str, name: &'a str) -> &'a str {
    name.strip_prefix(bus).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_analysis::fields;

    #[test]
    fn every_signal_has_a_page_of_its_own_choice() {
        for field in fields() {
            let (_, stem) = place_of("main", &format!("main.{}", field.name));
            assert_ne!(stem, usize::MAX, "{} is on no page", field.name);
        }
        for name in ["tempo.bpm", "beat.phase", "bar.beat", "phrase.phase", "music.state"] {
            assert_eq!(GROUPS[place_of("main", name).0].slug, "rhythm", "{name}");
        }
        assert_eq!(place_of("main", "main.something-new"), (GROUPS.len() - 1, usize::MAX));
    }

    #[test]
    fn the_pages_are_the_headings_of_the_documentation() {
        let page = include_str!("../../../../../docs/signals.md");
        // Notes from keys are not part of the analysis.
        let page = page.split("\n## MIDI notes").next().unwrap_or(page);
        let headings: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, GROUPS.iter().map(|group| group.title).collect::<Vec<_>>());
        for group in GROUPS {
            let image = format!("images/signals-{}.png", group.slug);
            assert!(page.contains(&image), "{image} is not shown");
        }
    }
}
