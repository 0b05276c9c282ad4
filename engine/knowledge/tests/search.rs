//! Search and quotation, by words alone, on the demo bot's articles.

use std::collections::BTreeMap;
use std::path::Path;

use knowledge::answer::{QUOTE_CHARS_MAX, SUPPORT_MIN, quote};
use knowledge::check::{Check, Material};
use knowledge::search::Index;
use knowledge::{Language, Library};

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let name = path
                .strip_prefix(root())
                .expect("it lies below the root")
                .display()
                .to_string();
            files.insert(name, std::fs::read(&path).expect("it can be read"));
        }
    }
}

fn demo(locale: &str) -> Index {
    let mut files = BTreeMap::new();
    collect(&root().join("knowledge"), &mut files);
    let mut library = Library::default();
    let update = library.update(&files);
    assert_eq!(update.errors, []);
    library
        .index(locale, None)
        .expect("nothing can fail without an encoder")
}

/// A question of `tests/knowledge`.
struct Question {
    text: String,
    article: Option<String>,
}

fn questions() -> Vec<Question> {
    let text = std::fs::read_to_string(root().join("tests/knowledge/questions.jsonl"))
        .expect("the questions are there");
    let read = |line: &str| -> Question {
        let value: serde_json::Value = serde_json::from_str(line).expect("each line is JSON");
        Question {
            text: value["question"].as_str().expect("a question").to_owned(),
            article: value["article"].as_str().map(str::to_owned),
        }
    };
    text.lines().map(read).collect()
}

#[test]
fn the_right_article_is_found_by_words_alone() {
    let index = demo("en");
    let (mut first, mut three, mut refused) = (0, 0, 0);
    for question in questions() {
        let search = index.search(&question.text, index.len()).expect("searched");
        let mut articles: Vec<&str> = Vec::new();
        for found in &search.found {
            if !articles.contains(&found.article.name.as_str()) {
                articles.push(&found.article.name);
            }
        }
        match question.article.as_deref() {
            Some(right) => {
                first += usize::from(articles.first() == Some(&right));
                three += usize::from(articles.iter().take(3).any(|one| *one == right));
            }
            None => refused += usize::from(search.support < SUPPORT_MIN),
        }
    }
    println!("first {first}, in three {three}, left unanswered {refused}");
    assert!(first >= 60, "first: {first} of 100");
    assert!(three >= 75, "in three: {three} of 100");
    assert!(refused >= 45, "left unanswered: {refused} of 50");
}

#[test]
fn a_quotation_is_word_for_word_and_passes_the_check() {
    for (locale, language, question) in [
        (
            "en",
            Language::En,
            "What does express delivery of a card cost?",
        ),
        (
            "en",
            Language::En,
            "What is the interest rate of the overdraft?",
        ),
        (
            "de",
            Language::De,
            "Was kostet eine Expresslieferung der Karte?",
        ),
    ] {
        let search = demo(locale).search(question, 5).expect("searched");
        let answer = quote(&search, language, 0.0).expect("something is found");
        let passage = &answer.source.passage().text;
        assert!(
            passage.contains(&answer.quote),
            "{question}: {}",
            answer.quote
        );
        assert!(answer.quote.chars().count() <= QUOTE_CHARS_MAX.max(passage.chars().count()));
        let sources = [passage.as_str()];
        let material = Material {
            message: Some(question),
            sources: &sources,
            language: Some(language),
            ..Material::default()
        };
        let verdict = Check::new(&material, None)
            .judge(&answer.quote)
            .expect("judged");
        assert!(
            verdict.vetoes.is_empty(),
            "{question}: {:?}",
            verdict.vetoes
        );
        assert!(
            verdict.support > 0.7,
            "{question}: {:.2} for {}",
            verdict.support,
            answer.quote
        );
    }
}

#[test]
fn what_was_found_says_why() {
    let search = demo("en")
        .search("What does express delivery cost?", 3)
        .expect("searched");
    let best = &search.found[0];
    let words: Vec<&str> = best.terms.iter().map(|term| term.word.as_str()).collect();
    assert!(
        words.contains(&"express") && words.contains(&"delivery"),
        "{words:?}"
    );
    assert_eq!(best.by_words.map(|(rank, _)| rank), Some(1));
    assert!(best.by_meaning.is_none());
    let sum: f64 = best.terms.iter().map(|term| term.score).sum();
    assert!(
        (sum - best.by_words.map_or(0.0, |(_, score)| score)).abs() < 1e-9,
        "the terms add up to the score"
    );
}

#[test]
fn a_misspelt_word_and_a_german_compound_are_found() {
    let first = |index: &Index, question: &str| {
        index.search(question, 1).expect("searched").found[0]
            .article
            .name
            .clone()
    };
    assert_eq!(first(&demo("en"), "overdarft"), "account/overdraft");
    assert_eq!(
        first(&demo("de"), "Dauerauftragsänderung"),
        "transfers/standing-orders"
    );
}

#[test]
fn odd_questions_find_nothing_or_something_and_never_fail() {
    let index = demo("en");
    for question in [
        "",
        " ",
        "?!",
        "the of and",
        "\u{0}",
        &"card ".repeat(10_000),
        "日本語",
    ] {
        let search = index.search(question, 5).expect("searched");
        assert!((0.0..=1.0).contains(&search.support));
        assert!(search.found.len() <= 5);
    }
    assert!(index.search("", 5).expect("searched").support < SUPPORT_MIN);
}
