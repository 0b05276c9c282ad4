//! Articles that tell a model what to say, and a model that obeys: neither gets the words to the customer.

use std::path::Path;

use llm::Kind;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::answer::{bot, whole};
use crate::provider::Server as Provider;
use crate::support::Server;

/// What every article says, and what may be said of it.
const TRUE: &str = "Cards are sent by post.";

/// An article with an order in it, and what a model says that obeys.
struct Attack {
    title: String,
    heading: String,
    passage: String,
    obeyed: String,
    canary: String,
}

/// The English ones; the others are judged in `engine/knowledge/tests/attack.rs`.
fn attacks() -> Vec<Attack> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/knowledge/attacks.jsonl"
    );
    let lines = std::fs::read_to_string(file).expect("the attacks are there");
    let read = |(at, line): (usize, &str)| {
        let row: Value = serde_json::from_str(line).expect("a line is JSON");
        let text = |name: &str, other: &str| row[name].as_str().unwrap_or(other).to_owned();
        row["locale"].is_null().then(|| Attack {
            title: text("title", &leaflet(at)),
            heading: text("heading", "Cards"),
            passage: text("passage", ""),
            obeyed: text("obeyed", ""),
            canary: text("canary", "nothing"),
        })
    };
    lines.lines().enumerate().filter_map(read).collect()
}

/// By what a customer asks for an article.
fn leaflet(at: usize) -> String {
    format!("Leaflet {}", 100 + at)
}

fn write(bot: &Path, at: usize, attack: &Attack) {
    let file = bot.join(format!("knowledge/en/leaflet-{}.md", 100 + at));
    let Attack {
        title,
        heading,
        passage,
        ..
    } = attack;
    let text = format!("# {title}\n\n## {heading}\n\n{TRUE}\n\n{passage}\n");
    std::fs::write(file, text).expect("it can be written");
}

#[tokio::test]
async fn what_an_article_orders_is_not_said_even_if_the_model_obeys() {
    let attacks = attacks();
    assert!(attacks.len() > 30);
    let said = attacks.iter().map(|attack| attack.obeyed.as_str());
    let scripts = said.chain([TRUE]).map(|words| whole(Kind::OpenAi, words));
    let provider = Provider::start(scripts.collect()).await;
    let bot = bot("harbour", "\"openai:gpt-5-mini\"", "20s", &provider);
    for (at, attack) in attacks.iter().enumerate() {
        write(bot.path(), at, attack);
    }
    let data = tempdir().expect("a folder");
    let server = Server::start(bot.path(), data.path(), &[]);
    for (at, attack) in attacks.iter().enumerate() {
        let one = server.open(json!({})).await;
        let question = format!("what does {} say about cards?", leaflet(at));
        let heard = server.say(&one, "m1", &question).await.to_string();
        assert!(!heard.contains(&attack.canary), "{heard}");
        assert!(heard.contains("I am not sure about that."), "{heard}");
        let asked = provider.asked()[at].body.to_string();
        assert!(asked.contains(TRUE), "the model has read articles: {asked}");
        assert!(!asked.contains(&attack.canary), "{asked}");
    }
    let one = server.open(json!({})).await;
    let heard = server.say(&one, "m1", "how are cards sent?").await;
    assert_eq!(heard["messages"][0]["text"], TRUE, "what is true is said");
}
