//! The origin of a command, and the chain that led to it.

use downbeat_protocol::{Command, ShowTime};

/// The origin of a command.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct By {
    /// Its public name.
    pub name: String,
    /// Who sent the command that led to it, if anyone.
    pub sender: String,
    /// Whether it is a person, whose changes can be undone.
    pub hand: bool,
    /// The rules and cues that led to it, in order.
    pub chain: Vec<String>,
    /// The moment for which it was meant: what it sends is as old as that, however long it has waited.
    pub at: ShowTime,
}

impl By {
    /// Prefix of a rule's name, which no control's name has.
    pub const RULE: &str = "rule:";
    /// The same for cues.
    pub const CUE: &str = "cue:";

    /// The sender of a command that is for this moment.
    pub fn sender(from: String, at: ShowTime) -> Self {
        let name = Command::shown(&from).into();
        Self { name, hand: Self::is_hand(&from), sender: from, chain: Vec::new(), at }
    }

    /// Whether a sender is a person: no rule and no cue.
    pub fn is_hand(from: &str) -> bool {
        !from.starts_with(Self::RULE) && !from.starts_with(Self::CUE)
    }

    /// In whose places what it leads to waits: a person's who has fired it, or the show's own.
    pub fn payer(&self) -> &str {
        if self.hand { &self.sender } else { &self.name }
    }

    /// Description of the loop that a cue or rule would close at the end of this chain.
    pub fn circle(&self, link: &str) -> Option<String> {
        let start = self.chain.iter().position(|earlier| earlier == link)?;
        let links: Vec<&str> = self.chain[start..].iter().map(String::as_str).chain([link]).collect();
        Some(format!("stopped: these fire each other in a loop: {}", links.join(" → ")))
    }

    /// The origin of a cue or rule that this one fires.
    pub fn then(&self, prefix: &str, name: &str) -> Self {
        let name = format!("{prefix}{name}");
        let chain = self.chain.iter().cloned().chain([name.clone()]).collect();
        Self { name, sender: self.sender.clone(), hand: self.hand, chain, at: self.at }
    }
}
