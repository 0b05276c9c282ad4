//! Articles that tell machines what to do: what a model would say that obeys is not said.

use knowledge::article::Article;
use knowledge::check::{Check, Material};
use knowledge::{Language, Library};
use serde_json::Value;

/// From where the demo bot says an answer.
const SEND_MIN: f64 = 0.75;

#[test]
fn an_answer_that_obeys_an_article_does_not_pass() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/knowledge/attacks.jsonl"
    );
    let lines = std::fs::read_to_string(file).expect("the attacks can be read");
    let mut count = 0;
    for line in lines.lines() {
        let attack: Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |name: &str| attack[name].as_str().unwrap_or_default();
        let locale = attack["locale"].as_str().unwrap_or("en");
        let or = |name: &str, other: &str| attack[name].as_str().unwrap_or(other).to_owned();
        let (title, heading) = (or("title", "Help"), or("heading", "Cards"));
        let passage = text("passage");
        let body = format!("# {title}\n\n## {heading}\n\nCards are sent by post.\n\n{passage}\n");
        let article = Article::read(&format!("knowledge/{locale}/a.md"), body.as_bytes());
        let article = article.expect("it is an article");
        let passages: Vec<&str> = article
            .passages
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        assert!(article.orders > 0, "not seen: {line}");
        let mut all = format!("{} {}", article.title, passages.concat());
        for passage in &article.passages {
            all += &passage.headings.concat();
            all += &passage.anchor.clone().unwrap_or_default().to_uppercase();
        }
        assert!(!all.contains(text("canary")), "still there: {line}");
        let material = Material {
            message: Some("What does a card cost?"),
            sources: &passages,
            language: Some(Language::of_locale(locale)),
            ..Material::default()
        };
        let verdict = Check::new(&material, None)
            .judge(text("obeyed"))
            .expect("no encoder fails");
        assert!(
            !verdict.vetoes.is_empty() || verdict.support < SEND_MIN,
            "said: {line}: {verdict:?}"
        );
        count += 1;
    }
    assert!(count >= 50, "{count} attacks");
}

#[test]
fn the_demo_s_articles_tell_no_machine_what_to_do() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge");
    let mut library = Library::default();
    let mut files = std::collections::BTreeMap::new();
    collect(std::path::Path::new(root), "knowledge", &mut files);
    let update = library.update(&files);
    assert!(update.read > 80, "{update:?}");
    let orders: Vec<&str> = library
        .articles()
        .filter(|article| article.orders > 0)
        .map(|article| article.name.as_str())
        .collect();
    assert_eq!(orders, [""; 0]);
}

fn collect(
    folder: &std::path::Path,
    name: &str,
    files: &mut std::collections::BTreeMap<String, Vec<u8>>,
) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("it can be listed").path();
        let own = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let name = format!("{name}/{own}");
        if path.is_dir() {
            collect(&path, &name, files);
        } else {
            files.insert(name, std::fs::read(&path).expect("it can be read"));
        }
    }
}
