//! What the application shows: five scenes, each with counts that have to come out right.

mod crowd;
mod favourite;
mod many_details;
mod overlap;
mod two_lists;

use std::time::Duration;

use tokio::time::timeout;

use crate::finding::Outcome;
use crate::stage::{Failure, SharedTranscript, Stage};

/// A scene is over in well under a second, so this one would never end.
const TOO_LONG: Duration = Duration::from_secs(30);

/// One of the scenes, in the order in which they are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// One heart, and only the screen that shows it asks again.
    Favourite,
    /// A hundred posts are open, one is written, and only the list asks again.
    ManyDetails,
    /// Two lists of posts, and a new post belongs to one of them.
    TwoLists,
    /// A thousand callers share one request, and equal data wakes nobody.
    Crowd,
    /// A heart is given while the first, slow answer is still on its way.
    Overlap,
}

impl Scene {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Favourite, Self::ManyDetails, Self::TwoLists, Self::Crowd, Self::Overlap];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Favourite => favourite::TITLE,
            Self::ManyDetails => many_details::TITLE,
            Self::TwoLists => two_lists::TITLE,
            Self::Crowd => crowd::TITLE,
            Self::Overlap => overlap::TITLE,
        }
    }

    /// What is about to happen, and why it is hard.
    pub fn premise(self) -> &'static str {
        match self {
            Self::Favourite => favourite::PREMISE,
            Self::ManyDetails => many_details::PREMISE,
            Self::TwoLists => two_lists::PREMISE,
            Self::Crowd => crowd::PREMISE,
            Self::Overlap => overlap::PREMISE,
        }
    }

    /// Plays it with a server and a client of its own, and says what was counted.
    pub async fn play(self, transcript: &SharedTranscript) -> Result<Outcome, Failure> {
        let mut stage = Stage::open(transcript).await?;
        let findings = timeout(TOO_LONG, async {
            match self {
                Self::Favourite => favourite::play(&mut stage).await,
                Self::ManyDetails => many_details::play(&mut stage).await,
                Self::TwoLists => two_lists::play(&mut stage).await,
                Self::Crowd => crowd::play(&mut stage).await,
                Self::Overlap => overlap::play(&mut stage).await,
            }
        })
        .await
        .map_err(|_| format!("“{}” did not come to an end", self.title()))??;
        Ok(stage.close(findings))
    }
}
