//! A page of the daemon's web server.

use downbeat_log::one_line;
use std::io::{ErrorKind, Read, Result as IoResult, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long the whole page may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Maximum length, in bytes.
const LONGEST: usize = 16 << 20;
/// Maximum length of an error, in characters: anything may answer there.
const LONGEST_ERROR: usize = 200;

/// Gets it.
///
/// # Errors
/// If nobody answers, or with something else.
pub fn get(address: SocketAddr, path: &str) -> Result<String, String> {
    get_within(PATIENCE, address, path)
}

fn get_within(patience: Duration, address: SocketAddr, path: &str) -> Result<String, String> {
    let answer = answer(patience, address, path).map_err(|error| format!("no daemon answers at {address}: {error}"))?;
    body(&answer).map(str::to_owned).map_err(|why| format!("{address}{path}: {why}"))
}

/// What stands in an answer.
///
/// # Errors
/// If it is no HTTP, or not what was asked for.
pub fn body(answer: &str) -> Result<&str, String> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("no HTTP")?;
    let status = head.split_whitespace().nth(1).unwrap_or_default();
    if status == "200" { Ok(body) } else { Err(one_line(&format!("the answer is {status}: {body}"), LONGEST_ERROR)) }
}

fn answer(patience: Duration, address: SocketAddr, path: &str) -> IoResult<String> {
    let end = Instant::now() + patience;
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_write_timeout(Some(patience))?;
    // The old version: the answer comes in one piece, and then the connection ends.
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let (mut bytes, mut piece) = (Vec::new(), [0; 8192]);
    while bytes.len() < LONGEST {
        // One that says something now and then would otherwise hold us for ever.
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(ErrorKind::TimedOut.into()),
            Err(error) => return Err(error),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// Whoever comes is answered by this.
    fn served(answer: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || answer(listener.accept().expect("somebody comes").0));
        address
    }

    #[test]
    fn an_answer_that_never_ends_is_not_waited_for() {
        let address = served(|mut stream| {
            while stream.write_all(b"HTTP/1.0 200 OK\r\n").is_ok() {
                thread::sleep(Duration::from_millis(5));
            }
        });
        let (begun, patience) = (Instant::now(), Duration::from_millis(200));
        let why = get_within(patience, address, "/status").expect_err("endless");
        assert!(why.contains("timed out"), "{why}");
        // Half a minute is slack for a busy machine: it would be for ever.
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn what_another_program_answers_is_told_in_one_short_line() {
        let said = format!("HTTP/1.0 404 No\r\n\r\n\x1b[2Jstatus.json: fine\n{}", "x".repeat(1 << 20));
        let why = body(&said).expect_err("not the page");
        assert!(why.starts_with("the answer is 404: \\u{1b}[2Jstatus.json: fine\\nxx"), "{why}");
        assert!(why.lines().count() == 1 && why.len() < 300, "{why}");
    }
}
