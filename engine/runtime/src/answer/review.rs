//! Who looks at a whole answer before it is said: the model's own further answers, another model, the author's moderation.

use dialog::{Doubt, GenerateOutcome, Writer};
use futures_util::StreamExt;
use knowledge::search::Found;
use llm::{Chain, Model, Piece, Request};
use tokio::time::Instant;
use tracing::info;

use super::draft::Draft;
use super::failed;
use super::prompt::fact;
use super::write::{Asked, Writing, stopped};

impl Writing<'_> {
    /// The answer as a whole, if nobody who looks at it has anything against it.
    pub(super) async fn reviewed(
        &self,
        chain: &Chain,
        draft: &Draft,
        passages: &[Found],
        asked: &Asked,
    ) -> GenerateOutcome {
        let outcome = draft.whole(self.declaration.check.cite, passages);
        let GenerateOutcome::Answered { text, .. } = &outcome else {
            return outcome;
        };
        match self.doubt(chain, draft, text, asked).await {
            Ok(None) => outcome,
            Ok(Some(because)) => {
                info!(model = self.declaration.name, %because, "An answer is not said.");
                GenerateOutcome::Low { because }
            }
            Err(why) => failed(&why),
        }
    }

    /// A question to the customer, which shows words of the model's too: the call's arguments.
    pub(super) async fn allowed(&self, asks: GenerateOutcome) -> GenerateOutcome {
        let GenerateOutcome::Asks { args, .. } = &asks else {
            return asks;
        };
        let words: Vec<String> = args.values().map(fact).collect();
        match self.moderate(&words.join("\n"), Writer::Model).await {
            Ok(None) => asks,
            Ok(Some(because)) => GenerateOutcome::Low { because },
            Err(why) => failed(&why),
        }
    }

    /// What speaks against the answer, if anything: what costs nothing more comes first.
    async fn doubt(
        &self,
        chain: &Chain,
        draft: &Draft,
        text: &str,
        asked: &Asked,
    ) -> Result<Option<Doubt>, String> {
        if let Some(doubt) = self.samples_doubt(chain, draft, asked).await {
            return Ok(Some(doubt));
        }
        if let Some(doubt) = self.judges_doubt(draft, asked).await {
            return Ok(Some(doubt));
        }
        self.moderate(text, Writer::Model).await
    }
}

/// What a model writes, as a whole.
///
/// # Errors
/// Why it can't be had.
pub(super) async fn heard(
    chain: &Chain,
    request: Request,
    until: Instant,
) -> Result<String, String> {
    let left = until.saturating_duration_since(Instant::now());
    let mut pieces = chain.stream(request, left);
    let mut text = String::new();
    while let Some(piece) = pieces.next().await {
        match piece.map_err(|error| error.to_string())? {
            Piece::Text(more) => text.push_str(&more),
            // Nobody makes it: a further answer works with the results of the first.
            Piece::Call(_) => {}
            Piece::End(end) => return stopped(end.stop).map(|()| text),
        }
    }
    Err("the answer stopped before its end".to_owned())
}
