//! Decides which clients to admit.

use downbeat_peer::identity::Acquaintance;
use downbeat_protocol::VERSION;
use downbeat_protocol::message::{ClientMessage, Role, check_name};

/// An admitted client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownClient {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// Whether it is known by its key.
    pub paired: bool,
    /// Whether it is on the daemon's own machine.
    pub at_home: bool,
}

/// An unknown client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClient {
    /// The name it gives.
    pub name: String,
    /// The role it asks for.
    pub role: Role,
}

/// What is known of a new client, besides its hello.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The peer with its key.
    pub paired: Option<Acquaintance>,
    /// Whether it is on the daemon's own machine.
    pub at_home: bool,
}

/// Clients served without pairing.
#[derive(Clone, Copy, Debug, Default)]
pub struct AdmissionPolicy {
    /// All.
    pub allow_unpaired: bool,
    /// None, not even those on the daemon's own machine.
    pub local_needs_pairing: bool,
}

/// The verdict on a new client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// To serve.
    KnownClient(KnownClient),
    /// To pair first.
    UnknownClient(UnknownClient),
}

impl KnownClient {
    /// Judges a client's first message. The error is for the client.
    pub fn admit(hello: ClientMessage, credentials: Credentials, policy: AdmissionPolicy) -> Result<Admission, String> {
        let ClientMessage::Hello { version, name, role, .. } = hello else {
            return Err("the first message must be a hello".into());
        };
        if version != VERSION {
            return Err(format!(
                "this daemon speaks protocol version {VERSION}, `{name}` speaks {version}: update the older one"
            ));
        }
        check_name(&name)?;
        let at_home = credentials.at_home;
        if let Some(known) = credentials.paired {
            if !known.role.covers(role) {
                return Err(format!(
                    "`{}` is paired as a {}, not as a {}: revoke it and pair it again",
                    known.name,
                    known.role.name(),
                    role.name()
                ));
            }
            return Ok(Admission::KnownClient(Self { name: known.name, role, paired: true, at_home }));
        }
        if policy.allow_unpaired || (at_home && !policy.local_needs_pairing) {
            return Ok(Admission::KnownClient(Self { name, role, paired: false, at_home }));
        }
        Ok(Admission::UnknownClient(UnknownClient { name, role }))
    }

    /// The sender of its commands.
    pub fn from(&self) -> String {
        format!("quic:{}", self.name)
    }

    /// Whether it gets the rows of the last seconds: renderers need them at once.
    pub fn looks_back(&self) -> bool {
        self.role == Role::Renderer
    }

    /// The name of its role.
    pub fn role_name(&self) -> &'static str {
        self.role.name()
    }

    /// Whether it may manage pairings. The error is for the client.
    pub fn may_administer(&self) -> Result<(), String> {
        match self.role {
            Role::Controller if self.paired || self.at_home => Ok(()),
            Role::Controller => Err("manage pairings on the daemon's own machine, or from a paired controller".into()),
            _ => Err(format!("a {} cannot manage pairings: connect as a controller", self.role_name())),
        }
    }

    /// Whether it may take or give the lead. The error is for the client.
    pub fn may_lead(&self) -> Result<(), String> {
        if self.paired || self.at_home {
            return self.may_command();
        }
        Err("take or give the lead on the daemon's own machine, or from a paired controller".into())
    }

    /// Whether it may change the show. The error is for the client.
    pub fn may_command(&self) -> Result<(), String> {
        match self.role {
            Role::Controller | Role::Standby => Ok(()),
            Role::Renderer | Role::Viewer => {
                Err(format!("a {} cannot change the show: connect as a controller", self.role_name()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_peer::identity::Fingerprint;

    fn hello(version: u16, name: &str, role: Role) -> ClientMessage {
        ClientMessage::Hello { version, name: name.into(), role, term: 0, epoch: 0, daemon: None }
    }

    fn home() -> Credentials {
        Credentials { at_home: true, paired: None }
    }

    #[test]
    fn a_client_from_elsewhere_is_paired_first_unless_everybody_is_let_in() {
        let credentials = |at_home, allow_unpaired, local_needs_pairing| {
            let policy = AdmissionPolicy { allow_unpaired, local_needs_pairing };
            let credentials = Credentials { at_home, paired: None };
            let admitted =
                KnownClient::admit(hello(VERSION, "wall", Role::Renderer), credentials, policy).expect("judged");
            matches!(admitted, Admission::KnownClient(_))
        };
        assert!(credentials(true, false, false) && credentials(false, true, false) && credentials(true, true, true));
        assert!(!credentials(false, false, false) && !credentials(true, false, true));
    }

    #[test]
    fn one_that_is_paired_comes_under_the_name_and_in_the_role_that_it_was_given() {
        let known = |role| Acquaintance { name: "left".into(), role, fingerprint: Fingerprint::of(b"key") };
        let credentials = |paired: Role, asked: Role| {
            let credentials = Credentials { at_home: false, paired: Some(known(paired)) };
            KnownClient::admit(hello(VERSION, "me", asked), credentials, AdmissionPolicy::default())
        };
        let Ok(Admission::KnownClient(client)) = credentials(Role::Renderer, Role::Renderer) else {
            panic!("a client")
        };
        assert_eq!((client.name.as_str(), client.paired), ("left", true));
        assert!(credentials(Role::Controller, Role::Viewer).is_ok());
        let why = credentials(Role::Renderer, Role::Controller).expect_err("refused");
        assert!(why.contains("paired as a renderer"), "{why}");
    }

    #[test]
    fn who_is_paired_is_decided_by_paired_controllers_and_at_home() {
        let may =
            |role, paired, at_home| KnownClient { name: "x".into(), role, paired, at_home }.may_administer().is_ok();
        assert!(may(Role::Controller, true, false) && may(Role::Controller, false, true));
        assert!(!may(Role::Controller, false, false) && !may(Role::Renderer, true, true));
    }

    #[test]
    fn the_lead_is_moved_by_paired_controllers_and_standbys_and_at_home() {
        let may = |role, paired, at_home| KnownClient { name: "x".into(), role, paired, at_home }.may_lead().is_ok();
        assert!(may(Role::Controller, true, false) && may(Role::Controller, false, true));
        assert!(may(Role::Standby, true, false), "it passes on what its own controls may");
        assert!(!may(Role::Controller, false, false) && !may(Role::Standby, false, false));
        assert!(!may(Role::Renderer, true, true) && !may(Role::Viewer, true, true));
    }

    #[test]
    fn another_version_is_told_both_numbers() {
        let why = KnownClient::admit(hello(VERSION + 1, "wall", Role::Viewer), home(), AdmissionPolicy::default())
            .expect_err("refused");
        assert!(why.contains("version 1") && why.contains("speaks 2"), "{why}");
    }

    #[test]
    fn a_name_that_would_spoil_a_page_is_refused() {
        for name in ["", "a\nb", &"x".repeat(65)] {
            assert!(
                KnownClient::admit(hello(VERSION, name, Role::Viewer), home(), AdmissionPolicy::default()).is_err(),
                "{name:?}"
            );
        }
        assert!(
            KnownClient::admit(ClientMessage::Report(Default::default()), home(), AdmissionPolicy::default()).is_err()
        );
    }

    #[test]
    fn only_a_controller_may_command() {
        let may = |role| KnownClient { name: "x".into(), role, paired: true, at_home: false }.may_command().is_ok();
        assert_eq!([Role::Controller, Role::Renderer, Role::Viewer].map(may), [true, false, false]);
    }
}
