//! The parts of a piece.

/// What a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The beginning, with little.
    Intro,
    /// Tension: rolls, risers, no bass.
    BuildUp,
    /// Everything, after it was held back.
    Drop,
    /// Kick and bass rest.
    Breakdown,
    /// A band's calmer part.
    Verse,
    /// A band's louder part.
    Chorus,
    /// A part that is neither.
    Bridge,
    /// The only part of a piece without parts.
    Groove,
    /// The end, with less and less.
    Outro,
}

impl Role {
    /// Its name in the truth.
    pub fn name(self) -> &'static str {
        match self {
            Self::Intro => "intro",
            Self::BuildUp => "build-up",
            Self::Drop => "drop",
            Self::Breakdown => "breakdown",
            Self::Verse => "verse",
            Self::Chorus => "chorus",
            Self::Bridge => "bridge",
            Self::Groove => "groove",
            Self::Outro => "outro",
        }
    }

    /// Whether kick and bass are held back in it, so that what follows drops.
    pub fn holds_back(self) -> bool {
        matches!(self, Self::BuildUp | Self::Breakdown)
    }

    /// Whether it is played with all there is.
    pub fn is_full(self) -> bool {
        matches!(self, Self::Drop | Self::Chorus | Self::Groove)
    }
}

/// One part.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What it is for.
    pub role: Role,
    /// Its first bar.
    pub first: usize,
    /// How many bars it has.
    pub bars: usize,
}

impl Part {
    /// How far a bar is through the part, from 0 on and below 1.
    pub fn way(&self, bar: usize) -> f64 {
        (bar - self.first) as f64 / self.bars as f64
    }

    /// Whether a bar is its last.
    pub fn ends_with(&self, bar: usize) -> bool {
        bar + 1 == self.first + self.bars
    }
}

/// Parts in order, from their roles and lengths in bars.
pub fn parts(form: &[(Role, usize)]) -> Vec<Part> {
    let mut first = 0;
    let part = |&(role, bars): &(Role, usize)| {
        let part = Part { role, first, bars };
        first += bars;
        part
    };
    form.iter().map(part).collect()
}
