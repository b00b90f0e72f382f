//! Bodies of several parts, `multipart/form-data` (RFC 7578), and the files in them.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::hash::{BuildHasher as _, DefaultHasher, Hasher, RandomState};

use bytes::{BufMut, Bytes, BytesMut};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};
use serde_json::Value as Json;

use crate::upload::RequestBody;

/// A file in a multipart body: its bytes, and how it is called. Cheap to clone.
///
/// ```
/// use larder::FilePart;
///
/// let photo = FilePart::new("cat.png", vec![0x89, 0x50]).content_type("image/png");
/// let unnamed = FilePart::from("just text");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct FilePart {
    bytes: Bytes,
    /// What is sent in place of the bytes, piece by piece.
    source: Option<RequestBody>,
    name: Option<String>,
    content_type: Option<String>,
}

impl FilePart {
    /// A file of this name.
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> FilePart {
        FilePart { bytes: bytes.into(), source: None, name: Some(name.into()), content_type: None }
    }

    /// A file of this name that is sent as it comes.
    pub fn stream(name: impl Into<String>, body: RequestBody) -> FilePart {
        FilePart { source: Some(body), ..FilePart::new(name, Bytes::new()) }
    }

    /// A file on this machine, which is read while it is sent. Natively only.
    ///
    /// # Errors
    /// As [`RequestBody::file`].
    #[cfg(not(target_arch = "wasm32"))]
    pub async fn open(path: impl AsRef<std::path::Path>) -> std::io::Result<FilePart> {
        let path = path.as_ref();
        Ok(FilePart::stream(crate::upload::name_of(path), RequestBody::file(path).await?))
    }

    /// The same file with this content type; without one it is `application/octet-stream`.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> FilePart {
        self.content_type = Some(content_type.into());
        self
    }

    /// What is in it. Nothing, where that comes only when it is sent.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

impl<B: Into<Bytes>> From<B> for FilePart {
    /// A file without a name of its own: it is sent as `file`, because many servers take a part without a name for text.
    fn from(bytes: B) -> FilePart {
        FilePart { bytes: bytes.into(), source: None, name: None, content_type: None }
    }
}

/// Shows how large it is, never what is in it.
impl fmt::Debug for FilePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FilePart").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

thread_local! {
    /// The files met so far while a multipart body is being written on this thread.
    static FILES: RefCell<Option<Vec<FilePart>>> = const { RefCell::new(None) };
}

/// What stands for a file in the JSON that a body becomes on its way; its value is the index.
const MARK: &str = "\u{0}larder file";

/// In a multipart body this is a part of its own. In JSON, where some documents have such fields, it is its text.
impl Serialize for FilePart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let index = FILES.with_borrow_mut(|files| {
            let files = files.as_mut()?;
            files.push(self.clone());
            Some(files.len() - 1)
        });
        if let Some(index) = index {
            let mut mark = serializer.serialize_map(Some(1))?;
            mark.serialize_entry(MARK, &index)?;
            return mark.end();
        }
        match std::str::from_utf8(&self.bytes) {
            _ if self.source.is_some() => {
                Err(S::Error::custom("a file that is sent as it comes can only be sent in a multipart body"))
            }
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Err(S::Error::custom("a file that is no text can only be sent in a multipart body")),
        }
    }
}

impl<'de> Deserialize<'de> for FilePart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FilePart, D::Error> {
        String::deserialize(deserializer).map(FilePart::from)
    }
}

/// A body of several parts.
pub(crate) enum Written {
    Whole(Bytes),
    Stream(RequestBody),
}

/// A body as JSON with marks where its files are.
pub(crate) struct Collected {
    body: Json,
    files: Vec<FilePart>,
}

/// Runs a serialiser and keeps the files that it meets.
pub(crate) fn collect(serialise: impl FnOnce() -> serde_json::Result<Json>) -> serde_json::Result<Collected> {
    /// Ends the collection even when the serialiser panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            FILES.set(None);
        }
    }
    let _end = End;
    FILES.set(Some(Vec::new()));
    let body = serialise()?;
    Ok(Collected { body, files: FILES.take().unwrap_or_default() })
}

struct Part<'a> {
    name: Cow<'a, str>,
    file: Option<&'a FilePart>,
    content_type: Option<&'a str>,
    content: Bytes,
}

impl Collected {
    /// The content type with its boundary, and the body; `None` when there is none.
    pub(crate) fn write(&self, content_types: &[(&str, &str)]) -> Option<(String, Written)> {
        let mut parts = Vec::new();
        match &self.body {
            Json::Null => return None,
            Json::Object(members) if self.file(&self.body).is_none() => {
                for (name, value) in members {
                    let content_type = content_types.iter().find(|(field, _)| field == name).map(|(_, ty)| *ty);
                    self.add(Cow::Borrowed(name), value, content_type, &mut parts);
                }
            }
            // A body without names: each element is a part.
            body => self.add(Cow::Borrowed(""), body, None, &mut parts),
        }
        parts.sort_by(|one, other| (one.file.is_some(), &one.name).cmp(&(other.file.is_some(), &other.name)));
        let streamed = self.files.iter().any(|file| file.source.is_some());
        let boundary = boundary(&parts, streamed);
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let mut pieces = Vec::new();
        let size = parts.iter().map(|part| part.content.len() + 256).sum();
        let mut body = BytesMut::with_capacity(size);
        for part in &parts {
            body.put_slice(format!("--{boundary}\r\n{}\r\n\r\n", part.head()).as_bytes());
            body.put_slice(&part.content);
            if let Some(source) = part.file.and_then(|file| file.source.clone()) {
                pieces.extend([RequestBody::bytes(body.split().freeze()), source]);
            }
            body.put_slice(b"\r\n");
        }
        body.put_slice(format!("--{boundary}--\r\n").as_bytes());
        let end = body.freeze();
        if pieces.is_empty() {
            return Some((content_type, Written::Whole(end)));
        }
        pieces.push(RequestBody::bytes(end));
        Some((content_type, Written::Stream(RequestBody::joined(pieces))))
    }

    fn add<'a>(
        &'a self,
        name: Cow<'a, str>,
        value: &'a Json,
        content_type: Option<&'a str>,
        parts: &mut Vec<Part<'a>>,
    ) {
        let is_json = content_type.is_some_and(|ty| ty.contains("json"));
        let (file, own_type, content) = match value {
            Json::Null => return,
            Json::Array(items) if !is_json => {
                return items.iter().for_each(|item| self.add(name.clone(), item, content_type, parts));
            }
            Json::Object(members)
                if self.file(value).is_none() && members.values().any(|value| self.holds_file(value)) =>
            {
                // A file cannot be within JSON.
                for (key, value) in members {
                    self.add(Cow::Owned(format!("{name}[{key}]")), value, None, parts);
                }
                return;
            }
            value => match self.file(value) {
                Some(file) => {
                    let own_type = file.content_type.as_deref().or(content_type);
                    (Some(file), own_type.or(Some("application/octet-stream")), file.bytes.clone())
                }
                None => match value {
                    Json::String(text) if !is_json => (None, content_type, Bytes::from(text.clone())),
                    value => {
                        let usual = (value.is_object() || value.is_array()).then_some("application/json");
                        (None, content_type.or(usual), Bytes::from(crate::param::json(value)))
                    }
                },
            },
        };
        parts.push(Part { name, file, content_type: own_type, content });
    }

    fn holds_file(&self, value: &Json) -> bool {
        self.file(value).is_some()
            || value.as_object().is_some_and(|members| members.values().any(|value| self.holds_file(value)))
            || value.as_array().is_some_and(|items| items.iter().any(|value| self.holds_file(value)))
    }

    /// The file that a mark stands for.
    fn file(&self, value: &Json) -> Option<&FilePart> {
        let members = value.as_object().filter(|members| members.len() == 1)?;
        self.files.get(usize::try_from(members.get(MARK)?.as_u64()?).ok()?)
    }
}

impl Part<'_> {
    fn head(&self) -> String {
        let mut head = "Content-Disposition: form-data".to_owned();
        if !self.name.is_empty() {
            head.push_str(&format!("; name=\"{}\"", quoted(&self.name)));
        }
        if let Some(file) = self.file {
            head.push_str(&format!("; filename=\"{}\"", quoted(file.name.as_deref().unwrap_or("file"))));
        }
        if let Some(content_type) = self.content_type {
            // A line break would begin a header of its own.
            head.push_str(&format!("\r\nContent-Type: {}", content_type.replace(char::is_control, " ")));
        }
        head
    }
}

/// A name as browsers write it between quotes.
fn quoted(name: &str) -> String {
    name.replace('\r', "%0D").replace('\n', "%0A").replace('"', "%22")
}

/// A line that occurs in no part, and is the same for the same parts. What is still to come cannot be looked through: there
/// nobody can know the line before.
fn boundary(parts: &[Part<'_>], streamed: bool) -> String {
    let mut hasher = DefaultHasher::new();
    if streamed {
        // Keys that nobody else knows.
        hasher.write_u64(RandomState::new().hash_one(parts.len()));
    }
    for part in parts {
        hasher.write(part.name.as_bytes());
        hasher.write(&part.content);
    }
    loop {
        let boundary = format!("larder-{:016x}", hasher.finish());
        let occurs = |part: &Part<'_>| part.content.windows(boundary.len()).any(|text| text == boundary.as_bytes());
        if !parts.iter().any(occurs) {
            return boundary;
        }
        hasher.write(boundary.as_bytes());
    }
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;
