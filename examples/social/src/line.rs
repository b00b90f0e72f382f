//! One line of the story, and the sign and colour it is told with.

/// What sort of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A request leaves.
    Request,
    /// A caller is answered without a request.
    Cached,
    /// A caller waits for a request that is under way.
    Joined,
    /// An answer equals what was known.
    Same,
    /// A mutation starts, or settles.
    Mutation,
    /// Entries are asked for again.
    Refetch,
    /// An entry will be asked for again when it is next read.
    Stale,
    /// A request failed.
    Failure,
}

impl Sign {
    pub(crate) fn glyph(self) -> char {
        match self {
            Self::Request => '→',
            Self::Cached | Self::Joined => '·',
            Self::Same => '=',
            Self::Mutation => '✎',
            Self::Refetch => '↻',
            Self::Stale => '~',
            Self::Failure => '✗',
        }
    }

    pub(crate) fn colour(self) -> Colour {
        match self {
            Self::Request => Colour::Blue,
            Self::Cached | Self::Joined | Self::Same | Self::Stale => Colour::Grey,
            Self::Mutation => Colour::Yellow,
            Self::Refetch => Colour::Magenta,
            Self::Failure => Colour::Red,
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What sort of thing.
    pub sign: Sign,
    /// The operation it happened to. Lines of one sign and one operation repeat each other.
    pub operation: String,
    /// What to say first, such as `GET /timeline`.
    pub what: String,
    /// What to say about it in the second column; may be empty.
    pub note: String,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Colour {
    Bold,
    Grey,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
}

impl Colour {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Grey => "90",
            Self::Red => "31",
            Self::Green => "32",
            Self::Yellow => "33",
            Self::Blue => "34",
            Self::Magenta => "35",
        }
    }
}
