//! Plays the scenes one by one, tells what happens, and fails if a count is wrong.

use std::process::ExitCode;

use social::scenes::Scene;
use social::stage::{Failure, SharedTranscript};
use social::tally::Tally;
use social::transcript::Transcript;

const TITLE: &str = "Larder, shown by a small social network";
const TEXT: &str = "Each scene starts a real server with a database of its own, and a client made from the \
    server's OpenAPI document. Nobody wrote down which screen depends on what. The counts of requests are taken \
    at the server.";

#[tokio::main]
async fn main() -> ExitCode {
    let transcript = SharedTranscript::new(Transcript::for_people());
    match play_all(&transcript).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(failure) => {
            transcript.tell(Transcript::flush);
            eprintln!("The demonstration stopped: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Returns how many counts were wrong.
async fn play_all(transcript: &SharedTranscript) -> Result<usize, Failure> {
    let (mut requests, mut tally, mut wrong) = (0, Tally::default(), 0);
    transcript.tell(|told| told.open(TITLE, TEXT));
    for (place, scene) in Scene::ALL.into_iter().enumerate() {
        transcript.tell(|told| told.scene(place + 1, Scene::ALL.len(), scene.title(), scene.premise()));
        let outcome = scene.play(transcript).await?;
        transcript.tell(|told| told.findings(&outcome.findings));
        requests += outcome.requests;
        tally += outcome.tally;
        wrong += outcome.findings.iter().filter(|finding| !finding.holds()).count();
    }
    transcript.tell(|told| told.totals(requests, &tally, wrong));
    Ok(wrong)
}
