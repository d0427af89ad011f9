//! The role of each bus, and substitutes for missing buses.
//!
//! A mapping written for stems also works without them: if no bus is `drums`, the drums of the whole mix replace it.
//! The names stay, so the same show runs in any venue.

use downbeat_protocol::nearest::{by_name, nearest};
use serde::Deserialize;

/// The role of a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Role {
    /// The whole mix.
    Main,
    /// Drums and percussion.
    Drums,
    /// The bass.
    Bass,
    /// Voices.
    Vocals,
    /// Everything else.
    Other,
}

impl Role {
    /// All roles with their names.
    pub const ALL: [(&'static str, Self); 5] = [
        ("main", Self::Main),
        ("drums", Self::Drums),
        ("bass", Self::Bass),
        ("vocals", Self::Vocals),
        ("other", Self::Other),
    ];

    /// The role with a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
    }

    /// The role of a bus without a configured one, from its name.
    pub fn of_bus(name: &str) -> Self {
        Self::parse(name).unwrap_or(Self::Other)
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        by_name("role", &name, &Self::ALL)
    }
}

/// Substitutes for signals of a missing bus: for these roles, names with this prefix map to another prefix of the whole
/// mix. All others map to the same signal of the whole mix.
const STAND_INS: &[(Role, &str, &str)] = &[
    (Role::Drums, "level", "part.drums"),
    (Role::Drums, "level-short", "part.drums"),
    (Role::Drums, "rms", "part.drums"),
    (Role::Drums, "peak", "part.drums"),
    (Role::Bass, "level", "part.bass"),
    (Role::Bass, "level-short", "part.bass"),
    (Role::Bass, "rms", "part.bass"),
    (Role::Bass, "peak", "part.bass"),
    (Role::Bass, "onset.full", "onset.low"),
    (Role::Bass, "onset-count.full", "onset-count.low"),
    (Role::Bass, "onset-strength.full", "onset-strength.low"),
    (Role::Vocals, "level", "part.vocals"),
    (Role::Vocals, "level-short", "part.vocals"),
    (Role::Vocals, "rms", "part.vocals"),
    (Role::Vocals, "peak", "part.vocals"),
    (Role::Vocals, "onset.full", "onset.mid"),
    (Role::Vocals, "onset-count.full", "onset-count.mid"),
    (Role::Vocals, "onset-strength.full", "onset-strength.mid"),
    (Role::Other, "level", "part.other"),
    (Role::Other, "level-short", "part.other"),
    (Role::Other, "rms", "part.other"),
    (Role::Other, "peak", "part.other"),
];

/// The buses by name and role, in the order of the rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles(Vec<(String, Role)>);

impl Roles {
    /// Buses without a configured role get it from their name.
    pub fn new(buses: &[String], roles: &[Role]) -> Self {
        let roles = roles.iter().map(|role| Some(*role)).chain(std::iter::repeat(None));
        Self(buses.iter().zip(roles).map(|(bus, role)| (bus.clone(), role.unwrap_or(Role::of_bus(bus)))).collect())
    }

    /// The role of each bus.
    pub fn all(&self) -> Vec<Role> {
        self.0.iter().map(|(_, role)| *role).collect()
    }

    /// The possible substitutes of a name, the best first.
    pub fn stand_ins(&self, name: &str) -> Vec<String> {
        let Some((first, rest)) = name.split_once('.') else { return Vec::new() };
        let Some(role) = self.missing(first) else { return Vec::new() };
        if let Some((bus, _)) = self.0.iter().find(|(_, its)| *its == role) {
            return vec![format!("{bus}.{rest}")];
        }
        let Some(main) = self.main() else { return Vec::new() };
        let own = STAND_INS.iter().find(|(its, signal, _)| *its == role && *signal == rest);
        own.map(|(_, _, part)| *part).into_iter().chain([rest]).map(|signal| format!("{main}.{signal}")).collect()
    }

    /// The known name nearest to an unknown one of a missing bus.
    pub fn nearest(&self, name: &str, known: &[String]) -> Option<String> {
        let (first, rest) = name.split_once('.')?;
        self.missing(first)?;
        let main = self.main()?;
        let signals = known.iter().filter_map(|known| known.strip_prefix(main)?.strip_prefix('.'));
        nearest(rest, signals).map(|signal| format!("{first}.{signal}"))
    }

    /// The role in a name, if no bus has that name.
    fn missing(&self, name: &str) -> Option<Role> {
        Role::parse(name).filter(|_| !self.0.iter().any(|(bus, _)| bus == name))
    }

    /// The bus with the whole mix, or else the first.
    fn main(&self) -> Option<&str> {
        let main = self.0.iter().find(|(_, role)| *role == Role::Main).or(self.0.first());
        main.map(|(bus, _)| bus.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(buses: &[&str], roles: &[Role]) -> Roles {
        Roles::new(&buses.iter().map(|bus| (*bus).to_owned()).collect::<Vec<_>>(), roles)
    }

    #[test]
    fn the_whole_mix_stands_in_for_stems_that_are_not_there() {
        let roles = roles(&["main"], &[]);
        assert_eq!(roles.stand_ins("drums.level"), ["main.part.drums", "main.level"]);
        assert_eq!(roles.stand_ins("drums.onset.low"), ["main.onset.low"]);
        assert_eq!(roles.stand_ins("bass.onset.full"), ["main.onset.low", "main.onset.full"]);
        assert!(roles.stand_ins("main.level").is_empty() && roles.stand_ins("keys.level").is_empty());
    }

    #[test]
    fn a_bus_by_another_name_carries_what_its_role_says() {
        let roles = roles(&["foh", "kit"], &[Role::Main, Role::Drums]);
        assert_eq!(roles.stand_ins("drums.level"), ["kit.level"]);
        assert_eq!(roles.stand_ins("main.level"), ["foh.level"]);
        assert_eq!(roles.stand_ins("vocals.rms"), ["foh.part.vocals", "foh.rms"]);
    }

    #[test]
    fn a_bus_has_the_role_of_its_name_unless_another_is_given() {
        assert_eq!(roles(&["main", "drums", "keys"], &[]).all(), [Role::Main, Role::Drums, Role::Other]);
        assert_eq!(
            Role::try_from("drum".to_owned()).expect_err("no role"),
            "unknown role `drum`; did you mean `drums`?"
        );
    }
}
