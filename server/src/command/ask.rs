//! `switchboard ask`: what the articles say to a question, and why these were found.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use encode::Shelf;
use knowledge::answer::{Answer, quote};
use knowledge::search::{Found, Index, Parts, Search};
use knowledge::{Language, Library};
use serde_json::{Value, json};

use crate::config::Config;
use crate::{folder, reader};

/// Passages that are listed.
const SHOWN: usize = 5;
/// Articles that are listed for each question of a file.
const ARTICLES_SHOWN: usize = 3;

/// Search a bot's articles: what is found for a question and why, and what would be answered.
///
/// With a local encoder (`switchboard encoders get minilm`) words are found that the articles don't use. With --questions each
/// line of a file has a `question`, and each line of the output the articles that were found for it.
///
/// Example: switchboard ask "how long does a new card take?"
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The question
    #[arg(required_unless_present = "questions")]
    question: Option<String>,
    /// The bot's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Whose articles are searched
    #[arg(long, default_value = "en")]
    locale: String,
    /// With what texts are read: auto, sparse or an encoder's name
    #[arg(long, default_value = "auto")]
    encoder: String,
    /// From which support on a question is answered
    #[arg(long, default_value_t = knowledge::answer::SUPPORT_MIN)]
    support: f64,
    /// Ask every question of a file of JSON lines instead
    #[arg(long, value_name = "FILE", conflicts_with = "question")]
    questions: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let desk = Desk::open(args)?;
    if let Some(file) = &args.questions {
        return desk.ask_all(file);
    }
    let question = args.question.as_deref().unwrap_or_default();
    let (search, answer) = desk.ask(question)?;
    if args.json {
        super::show(serde_json::to_string_pretty(&as_json(
            &search,
            answer.as_ref(),
            SHOWN,
        ))?)?;
    } else {
        print(&search, answer.as_ref())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What answers: an index, and with what it reads.
struct Desk {
    index: Index,
    language: Language,
    support_min: f64,
}

impl Desk {
    fn open(args: &Args) -> anyhow::Result<Self> {
        let dir = &args.dir;
        let config = Config::load(dir, &[])?;
        let encoder = reader::open(&args.encoder, &Shelf::new(config.encoders(dir)))?;
        let kept = config.data(dir).join("knowledge.vectors");
        let (mut library, update) = library(dir, &kept)?;
        for error in &update.errors {
            eprintln!("{error}");
        }
        let index = library.index(&args.locale, encoder.clone())?;
        if index.is_empty() {
            bail!(
                "there are no articles in {}",
                dir.join("knowledge").join(&args.locale).display()
            );
        }
        if encoder.is_some() {
            folder::write(&kept, &library.vectors())?;
        }
        Ok(Self {
            index,
            language: Language::of_locale(&args.locale),
            support_min: args.support,
        })
    }

    fn ask(&self, question: &str) -> anyhow::Result<(Search, Option<Answer>)> {
        let search = self.index.search(question, SHOWN)?;
        let answer = quote(&search, self.language, self.support_min);
        Ok((search, answer))
    }

    fn ask_all(&self, file: &Path) -> anyhow::Result<ExitCode> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let asked: Value =
                serde_json::from_str(line).with_context(|| format!("in {}", file.display()))?;
            let question = asked["question"]
                .as_str()
                .context("a line has no `question`")?;
            // Enough passages that three articles are among them.
            let search = self.index.search(question, self.index.len())?;
            let answer = quote(&search, self.language, self.support_min);
            let mut articles: Vec<&str> = Vec::new();
            for found in &search.found {
                if articles.len() < ARTICLES_SHOWN
                    && !articles.contains(&found.article.name.as_str())
                {
                    articles.push(&found.article.name);
                }
            }
            let answer = answer.map(|answer| answer.quote);
            super::show(
                json!({ "question": question, "articles": articles, "support": search.support, "evidence": search.evidence, "answer": answer }),
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The articles of a bot's folder, with the vectors that were kept.
fn library(dir: &Path, kept: &Path) -> anyhow::Result<(Library, knowledge::Update)> {
    let files = author::read(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut library = Library::default();
    library.remember(&std::fs::read(kept).unwrap_or_default());
    let update = library.update(&files);
    Ok((library, update))
}

fn as_json(search: &Search, answer: Option<&Answer>, count: usize) -> Value {
    let found = search.found.iter().take(count).map(|found| {
        json!({
            "article": found.article.name, "headings": found.heading_path(), "link": found.link(), "text": found.passage().text,
            "score": found.score, "terms": found.terms,
            "by_words": found.by_words.map(|(rank, score)| json!({ "rank": rank, "score": score })),
            "by_meaning": found.by_meaning.map(|(rank, cosine)| json!({ "rank": rank, "cosine": cosine, "parts": found.parts })),
        })
    });
    let answer = answer.map(|answer| json!({ "quote": answer.quote, "article": answer.source.article.name, "link": answer.source.link() }));
    json!({ "support": search.support, "evidence": search.evidence, "answer": answer, "found": found.collect::<Vec<_>>() })
}

fn print(search: &Search, answer: Option<&Answer>) -> anyhow::Result<()> {
    match answer {
        Some(answer) => super::show(format!(
            "{}\n  — {}\n",
            answer.quote,
            answer.source.heading_path().join(" › ")
        ))?,
        None => super::show("The articles don't answer this.\n")?,
    }
    super::show(format!(
        "support {:.2}: of the question's words {:.0} % are in the best passage, {:.0} % in its article, {:.0} % in none{}",
        search.support,
        100.0 * search.evidence.in_passage,
        100.0 * search.evidence.in_article,
        100.0 * search.evidence.unknown,
        if search.evidence.near > 0.0 {
            format!("; nearness {:.2}", search.evidence.near)
        } else {
            String::new()
        }
    ))?;
    search
        .found
        .iter()
        .enumerate()
        .try_for_each(|(at, found)| super::show(line(at + 1, found)))
}

fn line(rank: usize, found: &Found) -> String {
    let terms: Vec<String> = found
        .terms
        .iter()
        .map(|term| format!("{} {:.1}", term.word, term.score))
        .collect();
    let by_words = found
        .by_words
        .map_or("no word".to_owned(), |(rank, score)| {
            format!("words {rank}. ({score:.1}: {})", terms.join(", "))
        });
    let parts = found.parts.map_or(String::new(), |parts| {
        let Parts {
            words,
            sentences,
            article,
        } = parts;
        format!(": words {words:.2}, sentences {sentences:.2}, article {article:.2}")
    });
    let by_meaning = found.by_meaning.map_or(String::new(), |(rank, near)| {
        format!("; meaning {rank}. ({near:.2}{parts})")
    });
    format!(
        "{rank}. {}  [{}]\n   {by_words}{by_meaning}",
        found.heading_path().join(" › "),
        found.article.name
    )
}
