//! An answer that a model writes. It is cut into sentences while it comes, and each is checked before anybody sees it.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use dialog::{Doubt, EffectId, GenerateOutcome, Made, ModelDeclaration};
use futures_util::StreamExt;
use knowledge::check::{self, Verdict};
use knowledge::search::Found;
use knowledge::{Language, Sentences};
use llm::budget::Purse;
use llm::{Chain, Message, Model, Piece, Request, Stop, ToolCall};
use tokio::time::{Duration, Instant};
use tracing::info;

use super::draft::Draft;
use super::history::{Before, Digest};
use super::judge::{Grounds, Judge};
use super::tools::{Tools, Wish, done};
use super::{Wanted, failed, prompt, search};
use crate::deployment::Deployment;
use crate::job::Cause;
use crate::line::Line;
use crate::runtime::Inner;

/// An answer on its way.
pub(super) struct Writing<'a> {
    pub(super) inner: &'a Arc<Inner>,
    pub(super) purse: &'a Arc<Purse>,
    pub(super) line: &'a Arc<Line>,
    pub(super) effect: &'a EffectId,
    pub(super) wanted: &'a Wanted,
    pub(super) declaration: &'a ModelDeclaration,
    pub(super) deployment: &'a Arc<Deployment>,
    /// What was said before, once a model was shown it.
    pub(super) digest: OnceLock<Digest>,
}

/// What a model answered.
pub(super) struct Asked {
    /// The last that it was asked: with the results of the calls that it had made.
    pub(super) request: Request,
    /// What the answer was checked against.
    pub(super) grounds: Grounds,
    /// When all has to be over.
    pub(super) until: Instant,
}

/// Why writing ended before the model had said all.
enum Ended {
    /// A sentence did not pass.
    Low(Doubt),
    /// It wants to do what the customer has to agree to.
    Asks(GenerateOutcome),
    /// Something went wrong.
    Failed(String),
}

impl Writing<'_> {
    /// What these models say, if it passes.
    ///
    /// # Errors
    /// Why nothing was said: the next target may be tried.
    pub(super) async fn answer(
        &self,
        models: Vec<Arc<dyn Model>>,
        deadline: Duration,
    ) -> Result<GenerateOutcome, String> {
        let passages = self.passages().await?;
        let before = self.before().await;
        let _ = self.digest.set(before.digest.clone());
        let (request, count) = prompt::request(
            self.wanted,
            self.wanted.system.as_deref(),
            &passages,
            &before,
            self.tokens_max(),
        )?;
        let passages = &passages[..count];
        let mut draft = Draft {
            passages: count,
            ..Draft::default()
        };
        let chain = Chain::new(models);
        let until = Instant::now() + deadline;
        let ended = self
            .converse(
                &chain,
                request,
                self.grounds(passages, &before),
                until,
                &mut draft,
            )
            .await;
        match ended {
            Ok(asked) => Ok(self.reviewed(&chain, &draft, passages, &asked).await),
            Err(Ended::Low(because)) => Ok(GenerateOutcome::Low { because }),
            Err(Ended::Asks(asks)) => Ok(self.allowed(asks).await),
            Err(Ended::Failed(why))
                if draft.sentences.is_empty() || !self.declaration.streams() =>
            {
                Err(why)
            }
            Err(Ended::Failed(why)) => Ok(failed(&why)),
        }
    }

    /// What the answer itself may take: what it is compared with takes as much, and a judge reads the same passages.
    fn tokens_max(&self) -> u32 {
        let check = &self.declaration.check;
        let calls = check.samples + u32::from(check.judge.is_some());
        self.declaration.limits.tokens_max / calls.max(1)
    }

    async fn passages(&self) -> Result<Vec<Found>, String> {
        let count = usize::try_from(self.declaration.passages_max).unwrap_or(usize::MAX);
        let articles = &self.deployment.articles;
        let found = search(articles, &self.wanted.locale, &self.wanted.question, count).await;
        Ok(match found {
            Some(search) => search?.found,
            None => Vec::new(),
        })
    }

    fn grounds(&self, passages: &[Found], before: &Before) -> Grounds {
        let passage = |found: &Found| {
            let headings = found.heading_path().join(". ");
            format!("{headings}.\n{}", found.passage().text)
        };
        let question = self.wanted.question.as_str();
        let asked: Vec<&str> = std::iter::once(question)
            .chain(before.by_customer())
            .collect();
        let facts = self.wanted.values.values().map(prompt::fact);
        let facts = facts.chain(before.by_us().map(str::to_owned));
        let facts = facts.chain(self.wanted.made.iter().map(done));
        Grounds {
            question: asked.join("\n"),
            passages: passages.iter().map(passage).collect(),
            facts: facts.collect(),
        }
    }

    /// Asks, makes the calls that the model asks for, and asks again, until it has answered.
    async fn converse(
        &self,
        chain: &Chain,
        mut request: Request,
        mut grounds: Grounds,
        until: Instant,
        draft: &mut Draft,
    ) -> Result<Asked, Ended> {
        let mut tools = self.tools();
        let rounds = self.declaration.limits.turns_max.max(1);
        for round in 1..=rounds {
            // In the last round the tools are withheld: an answer must come.
            request.tools = match round < rounds {
                true => tools.schemas(),
                false => Vec::new(),
            };
            let judge = Judge::new(
                grounds.clone(),
                self.deployment.articles.clone(),
                self.wanted.locale.clone(),
            );
            let left = until.saturating_duration_since(Instant::now());
            let answer = chain.stream(request.clone(), left);
            let (text, calls) = self
                .listen(answer, !request.tools.is_empty(), &judge, draft)
                .await?;
            if calls.is_empty() {
                return Ok(Asked {
                    request,
                    grounds,
                    until,
                });
            }
            let results = tools
                .run(&calls)
                .await
                .map_err(|wish| self.asks(wish, &tools.made))?;
            request.messages.push(Message::Assistant { text, calls });
            request.messages.extend(results);
            grounds.facts.append(&mut tools.results);
        }
        Err(Ended::Failed(
            "no answer came within `turns_max`".to_owned(),
        ))
    }

    fn tools(&self) -> Tools<'_> {
        let bot = &self.deployment.bot;
        let declared = self.declaration.tools.iter();
        let declared = declared.map(|id| &bot.tools[id.index()]).collect();
        Tools::new(
            &self.deployment.tools,
            declared,
            self.effect,
            &self.wanted.made,
        )
    }

    /// The answer ends with a question to the customer; it goes on with all that was found out before.
    fn asks(&self, wish: Wish, made: &[Made]) -> Ended {
        Ended::Asks(GenerateOutcome::Asks {
            tool: wish.tool,
            args: wish.args,
            question: self.wanted.question.clone(),
            made: [&self.wanted.made, made].concat(),
        })
    }

    /// Takes an answer as it comes: its text, and the calls that the model asks for. Where it may ask for some, nothing is said
    /// before it is clear that it doesn't: what stands before a call is no answer.
    async fn listen(
        &self,
        mut pieces: llm::Answer,
        may_call: bool,
        judge: &Judge,
        draft: &mut Draft,
    ) -> Result<(String, Vec<ToolCall>), Ended> {
        let (mut whole, mut calls) = (String::new(), Vec::new());
        let mut held = Vec::new();
        let mut sentences = Sentences::new(Language::of_locale(self.wanted.locale.as_str()));
        while let Some(piece) = pieces.next().await {
            match piece.map_err(|error| Ended::Failed(error.to_string()))? {
                Piece::Text(text) => {
                    whole.push_str(&text);
                    for sentence in sentences.push(&text) {
                        match may_call {
                            true => held.push(sentence),
                            false => self.take(&sentence, judge, draft).await?,
                        }
                    }
                }
                Piece::Call(call) => calls.push(call),
                Piece::End(end) => {
                    stopped(end.stop).map_err(Ended::Failed)?;
                    if calls.is_empty() {
                        for sentence in held.into_iter().chain(sentences.end()) {
                            self.take(&sentence, judge, draft).await?;
                        }
                    }
                    return Ok((whole, calls));
                }
            }
        }
        Err(Ended::Failed(
            "the answer stopped before its end".to_owned(),
        ))
    }

    /// Checks a sentence, and says it if it passes.
    async fn take(&self, sentence: &str, judge: &Judge, draft: &mut Draft) -> Result<(), Ended> {
        let cited = check::citations(sentence);
        let plain = check::without_citations(sentence);
        let has_words = plain.chars().any(char::is_alphanumeric);
        if cited
            .iter()
            .any(|number| !(1..=draft.passages).contains(number))
        {
            info!(
                model = self.declaration.name,
                "A sentence names a passage that there is not."
            );
            return Err(Ended::Low(Doubt::Citation));
        }
        if has_words && !draft.said.insert(plain.trim().to_lowercase()) {
            info!(model = self.declaration.name, "A sentence was said before.");
            return Err(Ended::Low(Doubt::Repeated));
        }
        if has_words {
            let verdict = judge.judge(&plain).await.map_err(Ended::Failed)?;
            if let Some(doubt) = self.doubts(&verdict) {
                return Err(Ended::Low(doubt));
            }
            let support = verdict.support;
            draft.support = Some(draft.support.map_or(support, |least| least.min(support)));
        }
        draft.cited.extend(cited);
        draft.text.push_str(sentence);
        if has_words {
            let text = plain.trim().to_owned();
            if self.declaration.streams() {
                self.inner.tell(
                    self.line,
                    Cause::Sentence {
                        effect: self.effect.clone(),
                        n: draft.sentences.len() as u32,
                        text: text.clone(),
                        score: draft.support.unwrap_or_default() as f32,
                    },
                );
            }
            draft.sentences.push(text);
        }
        Ok(())
    }

    /// What the check has against a sentence, if anything.
    fn doubts(&self, verdict: &Verdict) -> Option<Doubt> {
        let support = verdict.support;
        let doubt = if !verdict.vetoes.is_empty() {
            let causes = verdict.vetoes.iter().map(|veto| name(veto.cause));
            let causes: BTreeSet<String> = causes.collect();
            Doubt::Vetoed {
                causes: causes.into_iter().collect(),
            }
        } else if support < f64::from(self.declaration.check.with_sources) {
            Doubt::Support {
                support: support as f32,
            }
        } else {
            return None;
        };
        // Never the words: they are a customer's business.
        info!(
            model = self.declaration.name,
            %doubt,
            support,
            "A sentence did not pass the check."
        );
        Some(doubt)
    }
}

/// A veto's cause as `why` names it.
fn name(cause: check::Cause) -> String {
    format!("{cause:?}").to_lowercase()
}

/// Whether an answer came to its end.
///
/// # Errors
/// Why not.
pub(super) fn stopped(stop: Stop) -> Result<(), String> {
    Err(match stop {
        Stop::Done | Stop::Calls => return Ok(()),
        Stop::Length => "the answer was cut off at its limit of tokens",
        Stop::Refused => "the provider refused to go on",
    }
    .to_owned())
}
