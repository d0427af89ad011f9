//! The programs that have configurations, and how to tell whose a key or a file is.

use downbeat_protocol::nearest::nearest;

/// A program with a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// `downbeatd`.
    Daemon,
    /// `downbeat-renderer`.
    Renderer,
}

impl Program {
    /// The name of its executable.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daemon => "downbeatd",
            Self::Renderer => "downbeat-renderer",
        }
    }

    /// Its commented defaults.
    pub const fn defaults(self) -> &'static str {
        match self {
            Self::Daemon => include_str!("../downbeat.toml"),
            Self::Renderer => include_str!("../renderer.toml"),
        }
    }

    /// Guesses whose configuration a text is, from the majority of its tables; a tie is the daemon's. Also works for a
    /// text with syntax errors.
    pub fn of(text: &str) -> Self {
        // A misspelt table is still meant for its program.
        let is_renderers = |table: &&str| nearest(table, tables(Self::Renderer.defaults())).is_some();
        let (renderers, daemons): (Vec<_>, Vec<_>) = tables(text).partition(is_renderers);
        if renderers.len() > daemons.len() { Self::Renderer } else { Self::Daemon }
    }

    /// Whether a table set by an environment variable is for this program. Programs on one machine share their
    /// environment. The renderer's tables are all in its defaults; any other is the daemon's.
    pub(crate) fn owns(self, table: &str) -> bool {
        let is_renderers = tables(Self::Renderer.defaults()).any(|known| known == table);
        is_renderers == (self == Self::Renderer)
    }
}

/// The names of the top-level tables of a text.
fn tables(text: &str) -> impl Iterator<Item = &str> {
    text.trim_start_matches('\u{FEFF}').lines().filter_map(|line| {
        let name = line.trim_start().strip_prefix('[')?.trim_start_matches('[').trim_start();
        name.split(['.', ']', ' ']).next()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_tell_whose_a_configuration_is() {
        assert_eq!(Program::of("[canvas]\nwidth = 1280\n[slice]\nx = 640\n"), Program::Renderer);
        assert_eq!(Program::of("[[layer]]\nname = 'back'\n[output.desk]\nkind = 'osc'\n"), Program::Daemon);
        assert_eq!(Program::of(""), Program::Daemon);
        assert_eq!(Program::of("[ display ]\nmode = broken"), Program::Renderer);
        assert_eq!(Program::of("\u{FEFF}[node]\r\nname = \"left\"\r\n"), Program::Renderer, "from Windows");
        assert_eq!(Program::of("[canvs]\n[slice]\n"), Program::Renderer, "misspelt");
    }

    #[test]
    fn the_defaults_are_told_apart() {
        for program in [Program::Daemon, Program::Renderer] {
            assert_eq!(Program::of(program.defaults()), program);
        }
    }
}
