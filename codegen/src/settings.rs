//! What a user can choose about the generated code.

/// What texts of the formats `date` and `date-time` become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dates {
    /// `larder::formats::chrono`, with the feature `chrono` of the runtime, which is on by default.
    #[default]
    Chrono,
    /// `larder::formats::jiff`, with the feature `jiff` of the runtime.
    Jiff,
    /// `larder::formats::time`, with the feature `time` of the runtime.
    Time,
    /// `String`.
    Text,
}

impl Dates {
    /// What each is called in `larder.toml` and on the command line.
    pub(crate) const NAMES: [&'static str; 4] = ["chrono", "jiff", "time", "text"];

    /// The one with that name.
    pub(crate) fn named(name: &str) -> Option<Dates> {
        match name {
            "chrono" => Some(Dates::Chrono),
            "jiff" => Some(Dates::Jiff),
            "time" => Some(Dates::Time),
            "text" => Some(Dates::Text),
            _ => None,
        }
    }
}

/// What a user can choose about the generated code.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) dates: Dates,
    /// Objects keep the properties that the document does not declare.
    pub(crate) keep_unknown: bool,
    /// A module with a transport that answers with the document's examples.
    pub(crate) mock: bool,
    /// Every type can be read and written, whichever way it travels.
    pub(crate) both_directions: bool,
}
