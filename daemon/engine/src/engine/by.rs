//! Who wants something, and what led to it.

/// Who wants something.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct By {
    /// As everyone is told.
    pub name: String,
    /// Whether it is a person: it can be taken back.
    pub hand: bool,
    /// The rules and cues that led to it, the first first.
    pub chain: Vec<String>,
}

impl By {
    /// How a rule is called in the chain and to everyone. No control's name begins so.
    pub const RULE: &str = "rule:";
    /// The same for cues.
    pub const CUE: &str = "cue:";

    /// Who sent a command.
    pub fn sender(from: String) -> Self {
        let hand = !from.starts_with(Self::RULE) && !from.starts_with(Self::CUE);
        Self { name: from, hand, chain: Vec::new() }
    }

    /// The circle that a cue or rule would close by coming after all that led to it, in words.
    pub fn circle(&self, link: &str) -> Option<String> {
        let start = self.chain.iter().position(|earlier| earlier == link)?;
        let links: Vec<&str> = self.chain[start..].iter().map(String::as_str).chain([link]).collect();
        Some(format!("stopped: these fire each other in a loop: {}", links.join(" → ")))
    }

    /// A cue or a rule that this has led to.
    pub fn then(&self, prefix: &str, name: &str) -> Self {
        let name = format!("{prefix}{name}");
        let chain = self.chain.iter().cloned().chain([name.clone()]).collect();
        Self { name, hand: self.hand, chain }
    }
}
