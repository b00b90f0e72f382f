//! UUIDs by the crate `uuid`.

use uuid::Uuid;

use super::Format;

impl Format for Uuid {
    fn read(text: &str) -> Option<Uuid> {
        text.parse().ok()
    }

    fn write(&self) -> String {
        self.to_string()
    }
}
