//! `downbeatctl pair`, `peers`, `web` and `revoke`: who may follow and command a daemon.

use crate::exit::Failure;
use crate::qr::picture;
use crate::server::Server;
use downbeat_client::admin;
use downbeat_log::one_line;
use downbeat_protocol::message::{Admin, AdminAnswer, Peer, Role, check_name};
use std::io::Write;

/// Pair a node, a controller or a second daemon, with the code that it shows
///
/// The code is on the node's screen and in its log. Run this on the daemon's own machine, or from a paired controller.
#[derive(Debug, clap::Args)]
pub struct PairArgs {
    #[command(flatten)]
    server: Server,
    /// The eight digits; spaces are ignored
    #[arg(required = true, num_args = 1..)]
    code: Vec<String>,
    /// Its role [default: the role it asks for]
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// Its name [default: the name it gives]
    #[arg(long, value_parser = name)]
    name: Option<String>,
}

/// List all peers paired with a daemon
#[derive(Debug, clap::Args)]
pub struct PeersArgs {
    #[command(flatten)]
    server: Server,
}

/// Print a code that lets a phone, a tablet or any browser in
///
/// A browser on the daemon's own machine needs none. `peers` lists the browser, `revoke` removes it.
#[derive(Debug, clap::Args)]
pub struct WebArgs {
    #[command(flatten)]
    server: Server,
    /// controller, or viewer to only watch
    #[arg(long, value_parser = role, default_value = "controller")]
    role: Role,
    /// The browser's name
    #[arg(long, value_parser = name, default_value = "browser")]
    name: String,
}

/// Disconnect a peer and keep it out
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    #[command(flatten)]
    server: Server,
    /// Its name, or at least the first eight digits of its key
    name: String,
}

fn role(text: &str) -> Result<Role, String> {
    let found = Role::ALL.iter().find(|(name, _)| *name == text);
    found.map(|(_, role)| *role).ok_or_else(|| "expected renderer, controller, viewer or standby".into())
}

fn name(text: &str) -> Result<String, String> {
    check_name(text).map(|()| text.to_owned())
}

/// Pairs.
pub fn pair(args: &PairArgs) -> Result<(), Failure> {
    let code = args.code.join("");
    ask(&args.server, Admin::Pair { code, role: args.role, name: args.name.clone() })
}

/// Lists.
pub fn peers(args: &PeersArgs) -> Result<(), Failure> {
    ask(&args.server, Admin::Peers)
}

/// Revokes.
pub fn revoke(args: &RevokeArgs) -> Result<(), Failure> {
    ask(&args.server, Admin::Revoke { name: args.name.clone() })
}

/// Asks for a code.
pub fn web(args: &WebArgs) -> Result<(), Failure> {
    ask(&args.server, Admin::Browser { role: args.role, name: args.name.clone() })
}

/// The address of the page, as text and QR code, and its access code.
fn page(code: &str, seconds: u32, urls: &[String]) -> Result<String, Failure> {
    let Some(first) = urls.first() else {
        return Err(Failure::Refused(
            "the daemon does not serve the web page: check [web] in its configuration".into(),
        ));
    };
    let picture = picture(first)?;
    let code = line(code);
    // A daemon may answer anything, also what has no letter begin in its middle.
    let (left, right) = code.split_at_checked(code.len() / 2).unwrap_or((&code, ""));
    let urls: Vec<_> = urls.iter().map(|url| line(url)).collect();
    let first = &urls[0];
    let layouts = ["tablet", "phone"].map(|form| format!("{first}/layout/{form}.tosc")).join("\n          ");
    let code = format!("code  {left} {right}   for {seconds} seconds, once");
    Ok(format!("{picture}\n{}\n\n{code}\n\nTouchOSC  {layouts}\n", urls.join("\n")))
}

/// The link to a layout, to be photographed and as text.
pub fn layout(server: &Server, form: &str) -> Result<(), Failure> {
    ask(server, Admin::Layout { form: form.into() })
}

fn ask(server: &Server, question: Admin) -> Result<(), Failure> {
    let settings = server.settings("downbeatctl", Role::Controller)?;
    match admin::ask(&settings, question).map_err(Failure::Refused)? {
        AdminAnswer::Layout { url, seconds } => {
            print(&format!("{}\n{}\n\nfor {seconds} seconds; open the file in TouchOSC\n", picture(&url)?, line(&url)))
        }
        AdminAnswer::Done(what) => print(&format!("{}\n", line(&what))),
        AdminAnswer::Refused(why) => Err(Failure::Refused(why)),
        AdminAnswer::Peers(peers) => print(&table(&peers)),
        AdminAnswer::Browser { code, seconds, urls } => print(&page(&code, seconds, &urls)?),
    }
}

/// What a daemon says, on one line.
fn line(text: &str) -> String {
    one_line(text, usize::MAX)
}

fn print(text: &str) -> Result<(), Failure> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn table(peers: &[Peer]) -> String {
    if peers.is_empty() {
        return "no peers are paired\n".into();
    }
    let names: Vec<_> = peers.iter().map(|peer| line(&peer.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(4);
    let row = |name: &str, role: &str, key: &str| format!("{name:<width$}  {role:<10}  {key}\n");
    let rows = peers.iter().zip(&names).map(|(peer, name)| row(name, peer.role.name(), &line(&peer.fingerprint)));
    row("NAME", "ROLE", "KEY") + &rows.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_would_tear_the_operators_page_apart_is_refused() {
        assert_eq!(name("stage left"), Ok("stage left".into()));
        let bad = ["", "  ", "left\u{1b}[2J", "left\nright", &"x".repeat(65)];
        assert!(bad.iter().all(|bad| name(bad).is_err_and(|why| why.contains("1 to 64"))));
    }

    #[test]
    fn peers_are_listed_in_columns() {
        let peer = |name: &str| Peer { name: name.into(), role: Role::Renderer, fingerprint: "ab".repeat(32) };
        let table = table(&[peer("left"), peer("the right one")]);
        let places: Vec<_> = table.lines().map(|line| line.find("renderer").or(line.find("ROLE"))).collect();
        assert_eq!(places, [Some(15); 3], "{table}");
        assert_eq!(super::table(&[]), "no peers are paired\n");
    }

    #[test]
    fn what_a_daemon_says_commands_no_terminal() {
        let peer = Peer { name: "a\nb\u{1b}[2J".into(), role: Role::Renderer, fingerprint: "ab\n".into() };
        let told = table(&[peer]);
        assert!(told.lines().count() == 2 && !told.contains('\u{1b}'), "{told}");
        let page = page("ö\n1", 60, &["http://booth:9480\u{1b}[2J".into()]).expect("a page");
        assert!(!page.contains('\u{1b}') && page.contains("\ncode  "), "{page}");
    }
}
