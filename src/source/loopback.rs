//! A server for tests, on loopback, in as little HTTP as will do.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Answers requests until the test ends.
pub(super) struct Server {
    pub(super) host: String,
    requests: Receiver<String>,
}

/// Status and further lines, in which `HOST` stands for the server's own, and the body.
pub(super) type Answer = (&'static str, Vec<u8>);

impl Server {
    /// `answer` is given the path with its query.
    pub(super) fn new(answer: impl Fn(&str) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let host = address.to_string();
        let (sender, requests) = channel();
        let own_host = host.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that has gone away is no concern of the next one.
                let _ = serve(&stream, &own_host, &answer, &sender);
            }
        });
        Self { host, requests }
    }

    /// The paths that were asked for, each with the token that came along.
    pub(super) fn asked(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

fn serve(
    mut stream: &TcpStream,
    host: &str,
    answer: impl Fn(&str) -> Answer,
    asked: &Sender<String>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut entry = path.clone();
    for line in lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
    {
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("authorization")
        {
            entry = format!("{path} {value}");
        }
    }
    let _ = asked.send(entry);
    let (head, body) = answer(&path);
    let head = head.replace("HOST", host);
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}
