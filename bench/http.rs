//! One kept-alive HTTP/1.1 connection, as cheap as a client can be: the generator must not be what is measured.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failed;

/// A connection and what was read on it.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What came back; it borrows the connection's buffer.
pub struct Answer<'a> {
    /// The three digits.
    pub status: u16,
    /// Status line and headers.
    pub head: &'a str,
    /// The body.
    pub body: &'a str,
}

impl Answer<'_> {
    /// The value of a header, by its lower-case name.
    pub fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers(name).next()
    }

    /// All values of a header.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.lines().filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// A string member of a flat JSON body, without parsing the rest of it.
    pub fn text(&self, member: &str) -> Option<&str> {
        let (_, after) = self.body.split_once(&format!("\"{member}\":\""))?;
        after.split_once('"').map(|(value, _)| value)
    }
}

impl Connection {
    /// Connects to a port of this machine.
    pub async fn open(port: u16) -> Result<Self, Failed> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(16 * 1024) })
    }

    /// Sends one request and reads its whole answer.
    pub async fn round(&mut self, request: &[u8]) -> Result<Answer<'_>, Failed> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let (head_end, total) = loop {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(end) = find_end(&self.read) {
                break (end, end + body_length(&self.read[..end])?);
            }
        };
        while self.read.len() < total {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err("the server closed the connection within a body".into());
            }
        }
        let head = std::str::from_utf8(&self.read[..head_end])?;
        let status = head.get(9..12).ok_or("no status line")?.parse()?;
        Ok(Answer { status, head, body: std::str::from_utf8(&self.read[head_end..total])? })
    }
}

fn find_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn body_length(head: &[u8]) -> Result<usize, Failed> {
    let head = std::str::from_utf8(head)?;
    for line in head.lines() {
        if let Some((name, value)) = line.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                return Ok(value.trim().parse()?);
            }
            if name.eq_ignore_ascii_case("transfer-encoding") {
                return Err("chunked answers are not measured here".into());
            }
        }
    }
    Ok(0)
}

/// The bytes of a GET.
pub fn get(path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    request("GET", path, headers, "")
}

/// The bytes of a POST of a form.
pub fn post_form(path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Vec<u8> {
    let body = form(fields);
    let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    request("POST", path, &all, &body)
}

/// The bytes of a POST of JSON.
pub fn post_json(path: &str, body: &str) -> Vec<u8> {
    request("POST", path, &[("content-type", "application/json")], body)
}

/// Fields in the spelling of forms and query strings.
pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The bytes of a request.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let head = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect::<Vec<_>>().concat();
    let length = if method == "GET" { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{head}{length}\r\n{body}").into_bytes()
}
