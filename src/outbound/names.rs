//! What a domain says of itself in TXT records (RFC 1035 §3.3.14), asked of one name server: the configured one, or the
//! first that the system asks. One question with one answer; over TCP when the answer is too long for a datagram.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use rand::Rng as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::{FetchError, Outbound};

/// Where names are asked for, unless anything else is known (RFC 1035 §4.2).
const PORT: u16 = 53;
/// The type of TXT records, and the class of the internet.
const TXT: u16 = 16;
const INTERNET: u16 = 1;
/// A question that wants recursion.
const WANTED: u16 = 0x0100;
/// Bits of an answer: that it is one, that it was cut off, and how it ended.
const ANSWER: u16 = 0x8000;
const CUT: u16 = 0x0200;
const OUTCOME: u16 = 0x000f;
/// There is no such name.
const NO_NAME: u16 = 3;
/// How often is asked: datagrams get lost.
const TRIES: u32 = 3;

impl Outbound {
    /// The texts of a name; none when there is no such name.
    ///
    /// # Errors
    /// The name is none, or the name server does not answer.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, FetchError> {
        let server = match self.nameserver {
            Some(server) => server,
            None => of_system().await,
        };
        let id = rand::rng().next_u64().to_be_bytes();
        let question = question([id[0], id[1]], name).ok_or(FetchError::Url)?;
        let answer = ask(server, &question, self.patience).await?;
        texts(&question, &answer).ok_or(FetchError::Unreachable)
    }
}

async fn ask(server: SocketAddr, question: &[u8], patience: Duration) -> Result<Vec<u8>, FetchError> {
    for _ in 0..TRIES {
        let Ok(answer) = timeout(patience / TRIES, by_datagram(server, question)).await else { continue };
        let answer = answer.map_err(|_| FetchError::Unreachable)?;
        if flags(&answer) & CUT == 0 {
            return Ok(answer);
        }
        let whole = timeout(patience, by_stream(server, question)).await;
        return whole.map_err(|_| FetchError::Unreachable)?.map_err(|_| FetchError::Unreachable);
    }
    Err(FetchError::Unreachable)
}

/// Waits for an answer to this very question: others are somebody's guesses.
async fn by_datagram(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let here: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((here, 0)).await?;
    socket.connect(server).await?;
    socket.send(question).await?;
    let mut buffer = [0; 4_096];
    loop {
        let length = socket.recv(&mut buffer).await?;
        if answers(question, &buffer[..length]) {
            return Ok(buffer[..length].to_vec());
        }
    }
}

/// The same over TCP, where lengths go before (RFC 1035 §4.2.2).
async fn by_stream(server: SocketAddr, question: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.len()).unwrap_or_default();
    stream.write_all(&[&length.to_be_bytes()[..], question].concat()).await?;
    let length = stream.read_u16().await?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

/// Whom the system asks (resolv.conf(5)).
async fn of_system() -> SocketAddr {
    let text = tokio::fs::read_to_string("/etc/resolv.conf").await.unwrap_or_default();
    let mut named = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    let address = named.find_map(|rest| rest.trim().parse::<IpAddr>().ok());
    SocketAddr::new(address.unwrap_or(Ipv4Addr::LOCALHOST.into()), PORT)
}

/// A question for the texts of a name (RFC 1035 §4.1).
fn question(id: [u8; 2], name: &str) -> Option<Vec<u8>> {
    let mut message = id.to_vec();
    message.extend_from_slice(&WANTED.to_be_bytes());
    message.extend_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0]);
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        message.push(length);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&TXT.to_be_bytes());
    message.extend_from_slice(&INTERNET.to_be_bytes());
    // Header, and a name of up to 255 bytes with type and class.
    (message.len() <= 12 + 255 + 4 && name.is_ascii()).then_some(message)
}

/// Whether a message has the id and the question of ours; names may come back in other letters (RFC 4343).
fn answers(question: &[u8], message: &[u8]) -> bool {
    message.len() >= question.len()
        && flags(message) & ANSWER != 0
        && message[..2] == question[..2]
        && message[12..question.len()].eq_ignore_ascii_case(&question[12..])
}

fn flags(message: &[u8]) -> u16 {
    number(message, 2).unwrap_or_default()
}

fn number(message: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]))
}

/// The texts that an answer holds; `None`: it is none.
fn texts(question: &[u8], message: &[u8]) -> Option<Vec<String>> {
    if !answers(question, message) {
        return None;
    }
    match flags(message) & OUTCOME {
        0 => {}
        NO_NAME => return Some(Vec::new()),
        _ => return None,
    }
    let (mut at, mut found) = (question.len(), Vec::new());
    for _ in 0..number(message, 6)? {
        at = after_name(message, at)?;
        let (kind, class) = (number(message, at)?, number(message, at + 2)?);
        let length = usize::from(number(message, at + 8)?);
        let data = message.get(at + 10..at + 10 + length)?;
        if (kind, class) == (TXT, INTERNET) {
            found.push(joined(data)?);
        }
        at += 10 + length;
    }
    Some(found)
}

/// Where a name ends that begins here: with an empty label, or with a reference to another place.
fn after_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            reference if reference & 0xc0 == 0xc0 => return Some(at + 2),
            label if label & 0xc0 == 0 => at += 1 + usize::from(label),
            _ => return None,
        }
    }
}

/// The pieces of a text, each with its length before it.
fn joined(mut data: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let piece = rest.get(..usize::from(*length))?;
        text.extend_from_slice(piece);
        data = &rest[piece.len()..];
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Vec<u8> {
        question([7, 8], "_chancery.acme.test").unwrap()
    }

    /// An answer with these texts, each in pieces, after an alias.
    fn answer(texts: &[&[&str]]) -> Vec<u8> {
        let mut message = asked();
        message[2..4].copy_from_slice(&0x8180_u16.to_be_bytes());
        message[6..8].copy_from_slice(&u16::try_from(texts.len() + 1).unwrap().to_be_bytes());
        // An alias (CNAME) comes first, named by reference.
        message.extend_from_slice(&[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12]);
        for pieces in texts {
            let data: Vec<u8> = pieces
                .iter()
                .flat_map(|piece| [&[u8::try_from(piece.len()).unwrap()], piece.as_bytes()].concat())
                .collect();
            message.extend_from_slice(&[1, b'x', 0, 0, 16, 0, 1, 0, 0, 0, 9]);
            message.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
            message.extend_from_slice(&data);
        }
        message
    }

    #[test]
    fn texts_are_read_behind_aliases_and_out_of_pieces() {
        let found = texts(&asked(), &answer(&[&["v=spf1"], &["chancery-", "domain=x"], &[]])).unwrap();
        assert_eq!(found, ["v=spf1", "chancery-domain=x", ""]);
        assert_eq!(texts(&asked(), &answer(&[])), Some(vec![]));
    }

    #[test]
    fn another_id_another_question_or_a_failure_is_no_answer() {
        let good = answer(&[&["x"]]);
        let with = |at: usize, byte: u8| {
            let mut other = good.clone();
            other[at] = byte;
            texts(&asked(), &other)
        };
        assert!(with(0, 9).is_none() && with(13, b'x').is_none(), "somebody guesses");
        assert!(with(2, 0).is_none(), "a question is no answer");
        assert!(with(3, 0x82).is_none(), "the server failed");
        assert_eq!(with(3, 0x83), Some(vec![]), "there is no such name");
        assert_eq!(with(14, good[14].to_ascii_uppercase()), Some(vec!["x".to_owned()]));
    }

    #[test]
    fn z1_what_is_cut_off_or_points_nowhere_is_no_answer_and_stops_nothing() {
        let good = answer(&[&["some text"], &["another"]]);
        for length in 0..good.len() {
            assert!(texts(&asked(), &good[..length]).is_none(), "cut at {length}");
        }
        for at in asked().len()..good.len() {
            for byte in [0, 0x3f, 0x40, 0xc0, 0xff] {
                let mut other = good.clone();
                other[at] = byte;
                drop(texts(&asked(), &other));
            }
        }
    }

    #[test]
    fn what_is_no_name_is_not_asked_for() {
        for bad in ["", "a..b", ".a", &"x".repeat(64), &["x"; 130].join("."), "ä.test"] {
            assert!(question([0, 0], bad).is_none(), "{bad}");
        }
    }
}
