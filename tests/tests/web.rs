//! The web server and its clients: foreign programs, remote browsers, and clients that misbehave.

use e2e::network::{Host, Link, allowed};
use e2e::page::Page;
use e2e::port::free_port;
use e2e::{Daemon, binaries::binary, binaries::root, song, turn, wait_for};
use rosc::OscType;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tungstenite::client::IntoClientRequest;

const LIMIT: Duration = Duration::from_secs(20);

fn config(web: &str, more: &str) -> String {
    format!(
        "[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}\nrepeat = true\n[web]\nlisten = \"{web}\"\n{more}\n\
         [[layer]]\nname = \"back\"\nscene = \"spectrum\"\nscenes = [\"spectrum\", \"echo\"]\n",
        song::mix()
    )
}

/// Whether there is an npm to bring packages here.
fn installed(folder: &Path) -> bool {
    match Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--silent"]).current_dir(folder).output() {
        Ok(npm) => {
            assert!(npm.status.success(), "npm ci: {}", String::from_utf8_lossy(&npm.stderr));
            true
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("NOT TESTED: what needs packages of npm: install nodejs and npm");
            false
        }
        Err(error) => panic!("npm: {error}"),
    }
}

#[test]
fn a_foreign_oscquery_client_walks_the_tree_listens_and_sets() {
    let folder = root().join("tests/oscquery");
    if !installed(&folder) {
        return;
    }
    let _turn = turn();
    let (web, osc) = (free_port(), free_port());
    let osc = format!("[control.osc]\nkind = \"osc\"\nlisten = \"127.0.0.1:{osc}\"\n");
    let _daemon = Daemon::start(&config(&format!("127.0.0.1:{web}"), &osc), None);
    let client = Command::new("node").arg("client.mjs").arg(web.to_string()).current_dir(&folder).output();
    let client = client.expect("node runs");
    assert!(client.status.success(), "{}{}", said(&client), String::from_utf8_lossy(&client.stderr));
    println!("{}", said(&client));
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn clients_that_never_read_and_one_that_floods_slow_nobody_down() {
    let _turn = turn();
    let web = free_port();
    let _daemon = Daemon::start(&config(&format!("127.0.0.1:{web}"), ""), None);
    let mut page = Page::open(web);
    page.listen("/daemon/alive");
    page.listen("/show/blackout");
    assert_eq!(page.told("/show/blackout"), [OscType::Bool(false)]);
    // As many as are taken, each listening to all that moves and reading nothing; more are told to come later.
    let mut silent = Vec::new();
    while let Ok((socket, _)) = tungstenite::connect(format!("ws://127.0.0.1:{web}/")) {
        let mut socket = Page::over(socket);
        ["/signal/main/mel", "/beat/phase", "/bar/phase"].iter().for_each(|path| socket.listen(path));
        silent.push(socket);
        assert!(silent.len() <= 200, "there is no end of room");
    }
    assert!(silent.len() >= 127, "{} are taken", silent.len());

    // Ten thousand a second, for two seconds, of what makes work.
    drop(silent.pop());
    let mut flood = wait_for("a free place", LIMIT, || {
        tungstenite::connect(format!("ws://127.0.0.1:{web}/")).ok().map(|(socket, _)| Page::over(socket))
    });
    let flooding = std::thread::spawn(move || {
        let begun = Instant::now();
        let mut sent = 0_u32;
        while begun.elapsed() < Duration::from_secs(2) {
            flood.set("/layer/back/opacity", OscType::Float(sent as f32 % 2.0));
            sent += 1;
            let ahead = Duration::from_micros(100) * sent;
            std::thread::sleep(ahead.saturating_sub(begun.elapsed()));
        }
        let why = flood.told("/error");
        (sent, why)
    });
    let mut slowest = Duration::ZERO;
    for round in 0..20 {
        let on = round % 2 == 0;
        let pressed = Instant::now();
        page.set("/show/blackout", OscType::Bool(on));
        assert_eq!(page.told("/show/blackout"), [OscType::Bool(on)]);
        slowest = slowest.max(pressed.elapsed());
    }
    let (sent, why) = flooding.join().expect("floods");
    println!("{sent} messages came in two seconds; a press came back after {slowest:?} at most");
    let [OscType::String(why)] = &why[..] else { panic!("{why:?}") };
    assert!(why.contains("messages per second") || why.contains("busy"), "{why}");
    // Far more than a machine of two cores needs, and far less than a frozen page.
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    // The daemon lives on, and counts seconds as before.
    let [OscType::Float(first)] = page.told("/daemon/alive")[..] else { panic!("a number") };
    let [OscType::Float(second)] = page.told("/daemon/alive")[..] else { panic!("a number") };
    assert!(second - first >= 1.0);
}

/// What a browser on a host gets: the status and the head and body.
fn browse(host: &Host, keys: &Path, arguments: &[&str]) -> (String, String) {
    let mut command = host.command("curl");
    command.args(["-s", "-i", "-m", "10", "-H", "Accept: text/html", "-b"]).arg(keys).arg("-c").arg(keys);
    let output = said(&command.args(arguments).output().expect("curl runs"));
    let status = output.split_whitespace().nth(1).unwrap_or_default().to_owned();
    (status, output)
}

#[test]
fn a_browser_from_elsewhere_comes_in_by_a_code_and_is_sent_away_when_revoked() {
    if !allowed() {
        return;
    }
    let _turn = turn();
    let hosts = [Host::new(), Host::new()];
    let link = Link::between(&hosts[0], &hosts[1], 3);
    let directory = tempfile::tempdir().expect("a directory of the test's own");
    let jar = directory.path().join("cookies");
    let keys = format!("[show]\nkeys = {:?}\n[server]\nlisten = \"127.0.0.1:7600\"\n", directory.path().join("keys"));
    let _daemon = Daemon::start_on(&hosts[0], &config("0.0.0.0:7601", &keys), None);
    let page = format!("http://{}:7601", link.addresses()[0]);
    let ctl = |arguments: &[&str]| {
        let mut command = hosts[0].command(binary("downbeatctl"));
        command.env("DOWNBEAT_KEYS", directory.path().join("ctl")).args(arguments);
        said(&command.args(["--server", "127.0.0.1:7600"]).output().expect("downbeatctl runs"))
    };
    let get = |arguments: &[&str]| browse(&hosts[1], &jar, arguments);

    let (status, form) = get(&[&page]);
    assert_eq!(status, "401", "{form}");
    assert!(form.contains("name=\"code\""), "it is asked for a code: {form}");
    assert_eq!(get(&[&format!("{page}/show/blackout")]).0, "401");
    let enter = format!("{page}/enter");
    let (status, again) = get(&["-d", "code=000000", &enter]);
    assert!(status == "303" && again.contains("/ui/enter.html#wrong"), "{again}");

    let shown = ctl(&["web", "--name", "phone"]);
    assert!(shown.contains(&page), "it says where the page is: {shown}");
    let code = shown.split("code ").nth(1).and_then(|rest| rest.split("for").next()).expect("a code").trim().to_owned();
    let typed = format!("code={}", code.replace(' ', "+"));
    let (status, let_in) = get(&["-d", &typed, &enter]);
    assert!(status == "303" && let_in.contains("HttpOnly") && let_in.contains("SameSite=Strict"), "{let_in}");
    assert_eq!(get(&[&format!("{page}/show/blackout?VALUE")]).0, "200");
    assert_eq!(get(&[&page]).0, "200");
    assert_eq!(get(&["-d", &typed, &enter]).0, "303", "a code counts once");
    let evil = get(&["-H", "Origin: http://evil.example", &format!("{page}/show/blackout?VALUE")]);
    assert_eq!(evil.0, "401", "a page of another server may not use what this browser may: {}", evil.1);

    assert!(ctl(&["peers"]).contains("phone"));
    ctl(&["revoke", "phone"]);
    assert_eq!(get(&[&format!("{page}/show/blackout?VALUE")]).0, "401", "an old cookie");
    // On the daemon's own machine nobody is asked.
    assert_eq!(browse(&hosts[0], &jar, &["http://127.0.0.1:7601/show/blackout?VALUE"]).0, "200");
    let rebound = browse(&hosts[0], &jar, &["-H", "Host: evil.example", "http://127.0.0.1:7601/show/blackout?VALUE"]);
    assert_eq!(rebound.0, "401", "a name of somebody else's that leads here: {}", rebound.1);
}

#[test]
fn a_page_that_is_open_is_closed_when_its_browser_is_revoked() {
    let _turn = turn();
    let directory = tempfile::tempdir().expect("a directory of the test's own");
    let (web, nodes) = (free_port(), format!("127.0.0.1:{}", free_port()));
    let keys = format!("[show]\nkeys = {:?}\n[server]\nlisten = \"{nodes}\"\n", directory.path().join("keys"));
    let _daemon = Daemon::start(&config(&format!("127.0.0.1:{web}"), &keys), None);
    let ctl = |arguments: &[&str]| {
        let mut command = Command::new(binary("downbeatctl"));
        command.env("DOWNBEAT_KEYS", directory.path().join("ctl")).args(arguments);
        said(&command.args(["--server", &nodes]).output().expect("downbeatctl runs"))
    };
    // By a name that is not this machine's, a browser is let in by its token alone.
    let shown = ctl(&["web", "--name", "phone"]);
    let code = shown.split("code ").nth(1).and_then(|rest| rest.split("for").next()).expect("a code").replace(' ', "");
    let mut curl = Command::new("curl");
    curl.args(["-s", "-i", "-H", "Host: rig.example", "-d", &format!("code={code}")]);
    let let_in = said(&curl.arg(format!("http://127.0.0.1:{web}/enter")).output().expect("curl runs"));
    let token = let_in.split("downbeat=").nth(1).and_then(|rest| rest.split(';').next()).expect("a cookie");

    let mut request = "ws://rig.example/".into_client_request().expect("a request");
    request.headers_mut().insert("Cookie", format!("downbeat={token}").parse().expect("a header"));
    let stream = TcpStream::connect(("127.0.0.1", web)).expect("the daemon listens");
    stream.set_read_timeout(Some(LIMIT)).expect("set");
    let mut page = tungstenite::client(request, stream).expect("let in").0;
    let listen = r#"{"COMMAND":"LISTEN","DATA":"/show/blackout"}"#;
    page.send(tungstenite::Message::text(listen)).expect("sent");
    assert!(page.read().expect("told").is_binary(), "it is served");
    ctl(&["revoke", "phone"]);
    let closed = wait_for("the end of the page", LIMIT, || match page.read() {
        Ok(tungstenite::Message::Close(Some(close))) => Some(close.reason.to_string()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    });
    assert_eq!(closed, "this browser is no longer paired");
}
