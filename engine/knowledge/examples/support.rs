//! Makes the weights of a search's support from questions of which it is known whether the articles answer them, and says how well
//! these are found and quoted.
//!
//! ```text
//! cargo run --release -p knowledge --example support -- . tests/knowledge/tuning.jsonl [ENCODERS]
//! ```
//! The first is a bot's folder; ENCODERS is the folder of local encoders (`.switchboard/encoders`), and without it words alone are
//! read. A question has an `article` that answers it, or none; `says` are parts of sentences of which a good quotation has one. The first
//! one's `locale` says whose articles are searched, English ones without.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use encode::{Kind, Shelf};
use knowledge::answer::{SUPPORT_MIN, quote};
use knowledge::fit::{Fit, auroc, fit};
use knowledge::search::{Index, Search};
use knowledge::{Language, Library};
use serde_json::Value;
use understand::Encoder;

/// Strong, since the questions are few.
const PENALTY: f64 = 2.0;
/// Of the foreign questions that sound like the bot's own (`words: near`) so many are to stay below the bound, by
/// words and with an encoder; where nine of ten did with one, it were fewer of the questions that are measured.
const REFUSED: [f64; 2] = [0.9, 0.95];

/// Which numbers of the evidence count, by words and with an encoder: beside near and margin, words added nothing to questions
/// that were held out.
const COUNTS: [[f64; 5]; 2] = [[1.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 1.0]];

struct Asked {
    article: Option<String>,
    /// Foreign, but of the bot's own trade.
    is_near: bool,
    says: Vec<String>,
    question: String,
    search: Search,
    quote: String,
}

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let bot = PathBuf::from(args.next().context("a bot's folder")?);
    let file = args.next().context("a file of questions")?;
    let encoder = args.next().map(open).transpose()?;
    let rows: Vec<Value> = std::fs::read_to_string(file)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let locale = rows.first().and_then(|row| row["locale"].as_str());
    let index = index(&bot, locale.unwrap_or("en"), encoder.clone())?;
    let asked: Vec<Asked> = rows
        .iter()
        .map(|row| ask(&index, row))
        .collect::<anyhow::Result<_>>()?;
    show_misses(&asked);
    show_found(&asked);
    show_fit(&asked, usize::from(encoder.is_some()));
    Ok(())
}

fn open(folder: String) -> anyhow::Result<Arc<dyn Encoder>> {
    let kind = Kind::of("minilm").context("this version knows no such encoder")?;
    Ok(Shelf::new(PathBuf::from(folder)).open(kind)?)
}

fn index(bot: &Path, locale: &str, encoder: Option<Arc<dyn Encoder>>) -> anyhow::Result<Index> {
    let mut files = BTreeMap::new();
    collect(bot, &bot.join("knowledge"), &mut files)?;
    let mut library = Library::default();
    library.update(&files);
    Ok(library.index(locale, encoder)?)
}

fn collect(bot: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(bot, &path, files)?;
        } else {
            let name = path.strip_prefix(bot)?.display().to_string();
            files.insert(name, std::fs::read(&path)?);
        }
    }
    Ok(())
}

fn ask(index: &Index, row: &Value) -> anyhow::Result<Asked> {
    let question = row["question"].as_str().context("a question")?.to_owned();
    let search = index.search(&question, index.len())?;
    let quoted = quote(&search, Language::of_locale(index.locale()), 0.0);
    let says = row["says"].as_array().into_iter().flatten();
    Ok(Asked {
        article: row["article"].as_str().map(str::to_owned),
        says: says
            .filter_map(|one| Some(one.as_str()?.to_lowercase()))
            .collect(),
        is_near: row["words"] == "near",
        quote: quoted.map(|answer| answer.quote).unwrap_or_default(),
        question,
        search,
    })
}

impl Asked {
    /// The right article's rank, from 1.
    fn rank(&self) -> Option<usize> {
        let right = self.article.as_deref()?;
        let mut above = BTreeSet::new();
        for found in &self.search.found {
            if found.article.name == right {
                return Some(above.len() + 1);
            }
            above.insert(&found.article.name);
        }
        None
    }

    fn is_quoted_right(&self) -> bool {
        let quote = self.quote.to_lowercase();
        self.says.iter().any(|says| quote.contains(says))
    }
}

fn show_misses(asked: &[Asked]) {
    for one in asked {
        let mark = match (&one.article, one.is_quoted_right()) {
            (None, _) => "foreign",
            (_, true) => "right",
            (_, false) => "wrong",
        };
        let (rank, support) = (one.rank().unwrap_or(0), one.search.support);
        println!(
            "{mark} {rank} {support:.2} {}\n    {}",
            one.question,
            one.quote.replace('\n', " / ")
        );
    }
}

fn show_found(asked: &[Asked]) {
    let within = |count: usize| {
        let ranks = asked.iter().filter_map(Asked::rank);
        ranks.filter(|rank| *rank <= count).count()
    };
    let own = asked.iter().filter(|one| one.article.is_some());
    let answered = |own: bool| {
        let of = asked.iter().filter(|one| one.article.is_some() == own);
        of.filter(|one| one.search.support >= SUPPORT_MIN).count()
    };
    let near = || asked.iter().filter(|one| one.is_near);
    println!(
        "of {}: first {}, among three {}, quoted right {}; at {SUPPORT_MIN} answered {}, of foreign ones {} of {} (near: {} of {})",
        own.count(),
        within(1),
        within(3),
        asked.iter().filter(|one| one.is_quoted_right()).count(),
        answered(true),
        answered(false),
        asked.iter().filter(|one| one.article.is_none()).count(),
        near()
            .filter(|one| one.search.support >= SUPPORT_MIN)
            .count(),
        near().count(),
    );
}

fn show_fit(asked: &[Asked], kind: usize) {
    let rows: Vec<Vec<f64>> = asked
        .iter()
        .map(|one| {
            let row = one.search.evidence.row().into_iter().zip(COUNTS[kind]);
            row.map(|(number, counts)| number * counts).collect()
        })
        .collect();
    let labels: Vec<bool> = asked.iter().map(|one| one.article.is_some()).collect();
    let mut fitted = fit(&rows, &labels, &vec![1.0; rows.len()], PENALTY);
    let scores: Vec<f64> = rows.iter().map(|row| fitted.probability(row)).collect();
    let auroc = auroc(&scores, &labels);
    let near = asked.iter().zip(&scores).filter(|(one, _)| one.is_near);
    let bound = move_to_bound(
        &mut fitted,
        near.map(|(_, score)| *score).collect(),
        REFUSED[kind],
    );
    let answered = scores.iter().zip(&labels);
    let answered = answered
        .filter(|(score, own)| **own && **score > bound)
        .count();
    println!(
        "weights: {:.3?}, offset: {:.3}; AUROC on the same questions {auroc:.3}, answered at the bound {answered}",
        fitted.weights, fitted.offset
    );
}

/// Moves the offset, as if foreign questions were more or less frequent, so that this share of the scores lies below
/// [`SUPPORT_MIN`]; gives the probability that was there before.
fn move_to_bound(fitted: &mut Fit, mut scores: Vec<f64>, share: f64) -> f64 {
    scores.sort_by(f64::total_cmp);
    let at = (scores.len() as f64 * share) as usize;
    let Some(bound) = scores.get(at).or(scores.last()).copied() else {
        return SUPPORT_MIN;
    };
    let logit = |one: f64| libm::log(one / (1.0 - one));
    fitted.offset += logit(SUPPORT_MIN) - logit(bound);
    bound
}
