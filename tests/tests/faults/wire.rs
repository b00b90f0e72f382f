//! HTTP/1.1 on a socket, by hand, so that it can be done wrong.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// The path and the query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    /// Empty as long as it was not read.
    pub body: Vec<u8>,
}

/// An answer as it will be sent.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The code and its words, such as `200 OK`.
    pub status: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The method and the path below the API's own, such as `GET /posts/7`.
    pub fn line(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        format!("{} {}", self.method, path.trim_start_matches("/api"))
    }
}

impl Answer {
    /// Puts a header in place of others of its name, or takes them out.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    }

    pub fn head(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("HTTP/1.1 {}\r\n{}\r\n", self.status, headers.collect::<String>())
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The lines up to the empty one, or nothing at the end of the connection.
async fn head(stream: &mut (impl AsyncBufReadExt + Unpin)) -> io::Result<Option<(String, Vec<(String, String)>)>> {
    let (mut first, mut headers) = (String::new(), Vec::new());
    if stream.read_line(&mut first).await? == 0 {
        return Ok(None);
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
            None => return Ok(Some((first.trim_end().to_owned(), headers))),
        }
    }
}

/// Reads a request up to its body, or nothing when the client is gone.
pub async fn read_head(stream: &mut BufReader<impl AsyncRead + Unpin>) -> io::Result<Option<Request>> {
    let Some((line, headers)) = head(stream).await? else { return Ok(None) };
    let mut words = line.split(' ').map(str::to_owned);
    let mut word = || words.next().unwrap_or_default();
    Ok(Some(Request { method: word(), target: word(), headers, body: Vec::new() }))
}

/// Reads the rest of a request.
pub async fn read_body(stream: &mut BufReader<impl AsyncRead + Unpin>, request: &mut Request) -> io::Result<()> {
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = vec![0; length];
    stream.read_exact(&mut request.body).await.map(drop)
}

/// Has the API answer.
pub async fn forward(api: SocketAddr, request: &Request) -> io::Result<Answer> {
    let Request { method, target, body, .. } = request;
    let length = body.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: api\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n"
    );
    let mut stream = BufReader::new(TcpStream::connect(api).await?);
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    let (line, mut headers) = self::head(&mut stream).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut body = Vec::new();
    stream.read_to_end(&mut body).await?;
    headers.retain(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let status = line.split_once(' ').map(|(_, status)| status.to_owned()).unwrap_or_default();
    Ok(Answer { status, headers, body })
}
