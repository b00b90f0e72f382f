//! Bytes as base64.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Format;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Written in the standard alphabet with padding; read in that and the URL-safe one, with or without padding, and with
/// line breaks as MIME has them.
impl Format for Vec<u8> {
    fn read(text: &str) -> Option<Vec<u8>> {
        let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        STANDARD.decode(&dense).or_else(|_| URL_SAFE.decode(&dense)).ok()
    }

    fn write(&self) -> String {
        STANDARD.encode(self)
    }
}
