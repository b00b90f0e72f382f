//! From a file's bytes to its text.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::Error;

/// All files of a document together may have this many bytes. The largest published documents have a third of it; what
/// is refused is refused before it is read.
pub(crate) const MAX_BYTES: u64 = 128 << 20;

/// Reads the file at `path`, which may have up to `limit` bytes.
///
/// # Errors
/// When it cannot be read, is larger, or is neither UTF-8 nor UTF-16.
pub(super) fn read(path: &Path, limit: u64) -> Result<String, Error> {
    let fail = |source| Error::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(|source| fail(explained(path, source)))?;
    let length = file.metadata().map_err(fail)?.len();
    if length > limit {
        return Err(Error::TooLarge { path: path.to_owned() });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // A pipe tells no length.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(Error::TooLarge { path: path.to_owned() });
    }
    decode(bytes).map_err(|offset| Error::Encoding { path: path.to_owned(), offset })
}

/// A URL stands where a file is wanted: nothing is fetched while code is generated, so that a build is the same without a network.
fn explained(path: &Path, source: io::Error) -> io::Error {
    let is_url = path.to_str().is_some_and(|path| path.starts_with("http://") || path.starts_with("https://"));
    if !is_url {
        return source;
    }
    let help = format!("documents are read from files; save it first: curl -o openapi.json {}", path.display());
    io::Error::new(source.kind(), help)
}

/// The text of a file, without its byte order mark; or the first byte that is no part of a character.
fn decode(bytes: Vec<u8>) -> Result<String, usize> {
    let wide = |from_bytes: fn([u8; 2]) -> u16| {
        let units = bytes.get(2..).unwrap_or_default().chunks(2);
        let units = units.map(|unit| unit.try_into().map_or(0xfffd, from_bytes));
        let mut text = String::with_capacity(bytes.len() / 2);
        let mut at = 2;
        for unit in char::decode_utf16(units) {
            let unit = unit.map_err(|_| at)?;
            at += 2 * unit.len_utf16();
            text.push(unit);
        }
        Ok(text)
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => return wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return wide(u16::from_be_bytes),
        _ => {}
    }
    let mut text = String::from_utf8(bytes).map_err(|error| error.utf8_error().valid_up_to())?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{decode, read};

    #[test]
    fn a_url_is_no_file() {
        let error = read(Path::new("https://example.com/v1/openapi.json"), 1).unwrap_err().to_string();
        assert!(error.ends_with("save it first: curl -o openapi.json https://example.com/v1/openapi.json"), "{error}");
        let error = read(Path::new("no-such.yaml"), 1).unwrap_err().to_string();
        assert!(!error.contains("curl"), "{error}");
    }

    #[test]
    fn byte_order_marks_tell_the_encoding() {
        let wide = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
            mark.into_iter().chain("a: \u{1f600}".encode_utf16().flat_map(bytes)).collect::<Vec<u8>>()
        };
        for bytes in [
            wide([0xff, 0xfe], u16::to_le_bytes),
            wide([0xfe, 0xff], u16::to_be_bytes),
            "\u{feff}a: \u{1f600}".as_bytes().to_vec(),
            "a: \u{1f600}".as_bytes().to_vec(),
        ] {
            assert_eq!(decode(bytes).as_deref(), Ok("a: \u{1f600}"));
        }
        assert_eq!(decode(vec![b'a', 0xff]), Err(1));
        assert_eq!(decode(vec![0xff, 0xfe, 0x00, 0xd8]), Err(2));
    }
}
