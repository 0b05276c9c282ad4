//! A bot whose questions a model answers, and the model's provider: a server that says what a test tells it to.

use std::path::Path;

use llm::Kind;
use tempfile::TempDir;

use crate::provider::phrase::{Why, ended, streamed};
use crate::provider::{End, Script, Server as Provider};
use crate::support::bot_of;

/// What its article says, a sentence each.
pub(crate) const LEAVES: &str = "The whale watching boat leaves at nine.";
pub(crate) const TAKES: &str = "It takes twelve passengers.";
/// What is asked.
pub(crate) const QUESTION: &str = "when does the whale watching boat leave?";
/// What the author says when no answer can be had.
pub(crate) const ON_FAIL: &str = "I cannot answer that now.";

const TEMPLATES: &str = "welcome: Hello.\nnot_sure: I am not sure about that.\ncannot_answer: I cannot answer that now.\nthanks: Thanks.\n";
const INTENTS: &str = "intents:\n  thank_you:\n    examples: |\n      thank you\n      thanks a lot\n      many thanks\n";

/// A bot of this name that asks these targets, at the provider's address.
pub(crate) fn bot(name: &str, targets: &str, deadline: &str, provider: &Provider) -> TempDir {
    let bot = format!(
        "bot: {name}\nlocales: [en]\ntz: UTC\nunderstanding: {{ accept: 0.5, confirm: 0.3 }}\n\
         router: [{{ do: generate, model: helper }}]\nsession: {{ idle: 24h, greet: {{ first: {{ say: welcome }}, returning: {{ say: welcome }} }} }}\n\
         models:\n  helper:\n    targets: [{targets}]\n    limits: {{ tokens_max: 4000, deadline: {deadline} }}\n\
         \x20   check: {{ bands: {{ send: 0.7, with_sources: 0.6 }}, on_low: {{ say: not_sure }} }}\n    on_fail: {{ say: cannot_answer }}\n"
    );
    let address = format!("http://{}/v1", provider.address);
    let place = format!(
        "providers:\n  openai: {{ base_url: \"{address}\", key: sk-1 }}\n  anthropic: {{ base_url: \"{address}\", key: sk-2 }}\n"
    );
    let article = format!("# Whale watching\n\n{LEAVES} {TAKES} A trip lasts three hours.\n");
    bot_of(&[
        ("bot.yaml", &bot),
        ("switchboard.yaml", &place),
        ("templates/en/all.yaml", TEMPLATES),
        ("intents/en/all.yaml", INTENTS),
        (
            "flows/answers.yaml",
            "answers:\n  thank_you: { say: thanks }\n",
        ),
        ("knowledge/en/whales.md", &article),
    ])
}

/// Records every call of a bot's models.
pub(crate) fn record(bot: &Path, cassette: &Path) {
    let file = bot.join("switchboard.yaml");
    let place = std::fs::read_to_string(&file).expect("it was written");
    let record = format!("models: {{ record: \"{}\" }}\n", cassette.display());
    std::fs::write(&file, place + &record).expect("it can be written");
}

/// A whole answer.
pub(crate) fn whole(kind: Kind, words: &str) -> Script {
    streamed(kind, ended(kind, words, Why::Done))
}

/// The first words of an answer, and how it does not go on.
pub(crate) fn begun(kind: Kind, words: &str, end: End) -> Script {
    let first = ended(kind, words, Why::Done).swap_remove(0);
    streamed(kind, vec![first]).end(end)
}
