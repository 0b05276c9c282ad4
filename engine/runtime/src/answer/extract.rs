//! Quotations: the best sentences of an article, word for word, with their source. No key, no model, nothing to invent.

use dialog::{Doubt, GenerateOutcome, Source};
use knowledge::Language;
use knowledge::answer::quote;
use knowledge::search::Found;

use super::search;
use super::write::Writing;

/// What the articles say, if they answer the question well enough.
///
/// # Errors
/// Why they can't be asked.
pub(super) async fn answer(writing: &Writing<'_>) -> Result<GenerateOutcome, String> {
    let (wanted, declaration) = (writing.wanted, writing.declaration);
    let articles = &writing.deployment.articles;
    let passages_max = usize::try_from(declaration.passages_max).unwrap_or(usize::MAX);
    let found = search(articles, &wanted.locale, &wanted.question, passages_max).await;
    let found = found.ok_or("there are no articles in this language")??;
    let support_min = f64::from(declaration.check.with_sources);
    let language = Language::of_locale(wanted.locale.as_str());
    Ok(match quote(&found, language, support_min) {
        Some(answer) => GenerateOutcome::Answered {
            text: answer.quote,
            score: answer.support as f32,
            sources: vec![source(&answer.source)],
        },
        None => GenerateOutcome::Low {
            because: Doubt::NoArticle,
        },
    })
}

/// A passage as customers are told of it.
pub(super) fn source(found: &Found) -> Source {
    Source {
        title: found.heading_path().join(" › "),
        link: found.link(),
    }
}
