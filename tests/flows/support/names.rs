//! A name server on this machine that knows the texts that a test tells it (RFC 1035).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

/// Datagrams are no longer than this, so that longer answers have to be asked for by TCP.
const DATAGRAM: usize = 512;

/// The server.
#[derive(Clone)]
pub struct NameServer {
    /// `ADDRESS:PORT`.
    pub address: String,
    texts: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

impl NameServer {
    /// One that knows nothing yet.
    pub async fn start() -> Self {
        let stream = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = stream.local_addr().unwrap();
        let datagrams = UdpSocket::bind(address).await.unwrap();
        let server = Self { address: address.to_string(), texts: Arc::default() };
        let (one, two) = (server.clone(), server.clone());
        tokio::spawn(async move {
            let mut buffer = [0; DATAGRAM];
            while let Ok((length, peer)) = datagrams.recv_from(&mut buffer).await {
                let mut answer = one.answer(&buffer[..length]);
                if answer.len() > DATAGRAM {
                    answer.truncate(length);
                    answer[2] |= 0x02;
                    answer[7] = 0;
                }
                drop(datagrams.send_to(&answer, peer).await);
            }
        });
        tokio::spawn(async move {
            while let Ok((mut peer, _)) = stream.accept().await {
                let length = peer.read_u16().await.unwrap_or_default();
                let mut question = vec![0; usize::from(length)];
                drop(peer.read_exact(&mut question).await);
                let answer = two.answer(&question);
                let length = u16::try_from(answer.len()).unwrap().to_be_bytes();
                drop(peer.write_all(&[&length[..], &answer].concat()).await);
            }
        });
        server
    }

    /// Gives a name these texts, and no others.
    pub fn tell(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.texts.lock().unwrap().insert(name.to_owned(), texts);
    }

    fn answer(&self, question: &[u8]) -> Vec<u8> {
        let texts = self.texts.lock().unwrap().get(&name_of(question)).cloned();
        let mut answer = question.to_vec();
        answer[2] = 0x81;
        answer[3] = if texts.is_some() { 0x80 } else { 0x83 };
        let texts = texts.unwrap_or_default();
        answer[7] = u8::try_from(texts.len()).unwrap();
        for text in texts {
            let pieces: Vec<u8> = text
                .as_bytes()
                .chunks(255)
                .flat_map(|piece| [&[u8::try_from(piece.len()).unwrap()], piece].concat())
                .collect();
            answer.extend_from_slice(&[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60]);
            answer.extend_from_slice(&u16::try_from(pieces.len()).unwrap().to_be_bytes());
            answer.extend_from_slice(&pieces);
        }
        answer
    }
}

fn name_of(question: &[u8]) -> String {
    let (mut at, mut labels) = (12, Vec::new());
    while let Some(length) = question.get(at).copied().filter(|length| *length > 0) {
        let end = at + 1 + usize::from(length);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).into_owned());
        at = end;
    }
    labels.join(".")
}
