//! `downbeat-manual`: writes the manual pages and the completions of every program into a folder, from their command
//! lines: what `--help` says and what the manual says is one text.

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};
use clap_complete::{Shell, generate_to};
use clap_mangen::Man;
use std::fs;
use std::path::{Path, PathBuf};

/// Write the manual pages and the completions of every program
#[derive(Debug, Parser)]
#[command(name = "downbeat-manual", version)]
struct Flags {
    /// The folder: one folder in it for each program, with man/ and completions/
    directory: PathBuf,
}

/// A program: its command line, the section of its manual page, and pages that belong to it.
struct Program {
    command: clap::Command,
    section: &'static str,
    see_also: &'static [&'static str],
}

const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

fn programs() -> [Program; 3] {
    [
        Program {
            command: downbeatd::flags::Flags::command(),
            section: "8",
            see_also: &["downbeatctl(1)", "downbeat-renderer(1)", "systemctl(1)", "jackd(1)"],
        },
        Program { command: downbeat_ctl::command_line(), section: "1", see_also: &["downbeatd(8)"] },
        Program {
            command: downbeat_renderer::config::Flags::command(),
            section: "1",
            see_also: &["downbeatd(8)", "downbeatctl(1)", "systemctl(1)"],
        },
    ]
}

fn main() -> Result<()> {
    write_all(&Flags::parse().directory)
}

fn write_all(directory: &Path) -> Result<()> {
    for program in programs() {
        let folder = directory.join(program.command.get_name());
        let pages = folder.join("man");
        let completions = folder.join("completions");
        for folder in [&pages, &completions] {
            fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        let mut command = program.command;
        let name = command.get_name().to_owned();
        for shell in SHELLS {
            generate_to(shell, &mut command.clone(), &name, &completions)
                .with_context(|| format!("cannot write the completions of {name} for {shell}"))?;
        }
        command.build();
        write_pages(&command, &name, program.section, program.see_also, &pages)?;
    }
    Ok(())
}

/// The page of a command, and one page for each of its subcommands: `downbeatctl-watch.1`.
fn write_pages(command: &clap::Command, name: &str, section: &str, see_also: &[&str], folder: &Path) -> Result<()> {
    let path = folder.join(format!("{name}.{section}"));
    fs::write(&path, page(command, section, see_also)?).with_context(|| format!("cannot write {}", path.display()))?;
    for part in command.get_subcommands().filter(|part| part.get_name() != "help" && !part.is_hide_set()) {
        write_pages(part, &format!("{name}-{}", part.get_name()), section, &[], folder)?;
    }
    Ok(())
}

fn page(command: &clap::Command, section: &str, see_also: &[&str]) -> Result<String> {
    let mut page = Vec::new();
    Man::new(command.clone()).section(section).manual("Downbeat").render(&mut page)?;
    // What follows the help is the table of statuses, and has its usual heading here.
    let mut page = String::from_utf8(page).context("a page is text")?;
    page = page.replace(".SH EXTRA\nExit status:", ".SH \"EXIT STATUS\"");
    if !see_also.is_empty() {
        page += &format!(".SH \"SEE ALSO\"\n{}\n", see_also.join(", ").replace('-', "\\-"));
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader sees: without roff's escapes and fonts.
    fn text(path: &Path) -> String {
        let page = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        page.replace("\\-", "-").replace("\\fB", "").replace("\\fI", "").replace("\\fR", "")
    }

    fn written() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        write_all(folder.path()).expect("written");
        folder
    }

    #[test]
    fn every_flag_of_every_command_is_in_its_manual_page_with_its_help() {
        let folder = written();
        for program in programs() {
            let man = folder.path().join(program.command.get_name()).join("man");
            let section = program.section;
            let mut command = program.command;
            command.build();
            let parts = command.get_subcommands().filter(|part| part.get_name() != "help");
            let mut pages = vec![(command.get_name().to_owned(), &command)];
            pages.extend(parts.map(|part| (format!("{}-{}", command.get_name(), part.get_name()), part)));
            for (name, command) in pages {
                let page = text(&man.join(format!("{name}.{section}")));
                assert!(page.contains(&format!(".TH {name} {section}")), "{name}: {page}");
                for flag in command.get_arguments().filter(|flag| !flag.is_hide_set()) {
                    let long = flag.get_long().map_or_else(String::new, |long| format!("--{long}"));
                    let help = flag.get_help().map(ToString::to_string).unwrap_or_default();
                    let first = help.split_whitespace().next().unwrap_or_default();
                    assert!(page.contains(&long) && page.contains(first), "{name} {long}: {help}\n{page}");
                }
            }
        }
    }

    #[test]
    fn a_subcommand_has_a_page_that_shows_what_one_types() {
        let folder = written();
        for part in ["watch", "command", "validate", "pair", "analyse"] {
            let page = text(&folder.path().join(format!("downbeatctl/man/downbeatctl-{part}.1")));
            assert!(page.contains(&format!("downbeatctl {part}")), "{page}");
        }
    }

    #[test]
    fn each_shell_completes_each_program() {
        let folder = written();
        for (name, flag) in
            [("downbeatd", "--standby-of"), ("downbeatctl", "validate"), ("downbeat-renderer", "--slice")]
        {
            let bare = flag.trim_start_matches("--");
            for file in [format!("{name}.bash"), format!("_{name}"), format!("{name}.fish")] {
                let path = folder.path().join(name).join("completions").join(&file);
                assert!(text(&path).contains(bare), "{file} does not know {flag}");
            }
        }
    }
}
