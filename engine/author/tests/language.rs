//! The example of the language's description, whole: it compiles, and what it is made of is there.

use std::path::Path;

use author::{Catalogue, Compiled, Severity};
use dialog::{SlotKind, StateKind, Then, Trigger};

fn tern() -> Compiled {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tern");
    let files = author::read(&root).expect("the example lies beside its tests");
    author::compile(&files, &Catalogue::default())
}

#[test]
fn the_example_of_the_description_compiles() {
    let compiled = tern();
    let loud: Vec<String> = compiled
        .diagnostics
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert_eq!(loud, Vec::<String>::new());
    let bot = compiled.bot.unwrap();
    let flow = &bot.flows[bot.flow("replace_card").unwrap().index()];
    let paths: Vec<&str> = flow
        .states
        .iter()
        .map(|state| state.path.as_str())
        .collect();
    assert_eq!(paths[..4], ["details", "lookup", "which", "verify"]);
    assert!(matches!(
        flow.slots[4].kind,
        SlotKind::ItemOf { max: None, .. }
    ));
    let StateKind::Call { done, .. } = &flow.states[1].kind else {
        panic!("`lookup` calls a tool");
    };
    assert_eq!(done.len(), 3);
    assert!(done[2].miss && matches!(done[2].then, Then::Target(_)));
    assert_eq!(
        bot.transitions[done[2].id.index()].label,
        "replace_card.lookup done #3"
    );
    assert!(matches!(bot.anywhere.0[0].0, Trigger::Intent(_)));
}

#[test]
fn examples_do_not_change_the_version_but_entities_do() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tern");
    let files = author::read(&root).unwrap();
    let version = |file: &str, from: &str, to: &str| {
        let mut files = files.clone();
        let text = String::from_utf8(files[file].clone()).unwrap();
        assert!(text.contains(from));
        files.insert(file.to_owned(), text.replacen(from, to, 1).into_bytes());
        author::compile(&files, &Catalogue::default())
            .bot
            .unwrap()
            .version
            .clone()
    };
    let cards = "intents/en/cards.yaml";
    let same = version(cards, "my card is gone", "my card is gone");
    assert_eq!(version(cards, "my card is gone", "my card went away"), same);
    assert_ne!(version(cards, "EC card", "bank card"), same);
    assert_ne!(
        version("templates/en/cards.yaml", "Which card is it?", "Which one?"),
        same
    );
}

/// The bounds that follow from these costs: from where on the bot does it, and from where on it asks back.
fn bands(costs: &str) -> (f32, f32) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tern");
    let mut files = author::read(&root).expect("the example lies beside its tests");
    let text = String::from_utf8(files["bot.yaml"].clone()).expect("it is a text");
    let given = "{ encoder: auto, accept: 0.75, confirm: 0.40, several: in_turn }";
    assert!(text.contains(given));
    let text = text.replacen(given, &format!("{{ costs: {costs} }}"), 1);
    files.insert("bot.yaml".to_owned(), text.into_bytes());
    let compiled = author::compile(&files, &Catalogue::default());
    let bands = compiled.bot.expect("it compiles").bands;
    (bands.accept, bands.confirm)
}

#[test]
fn the_bounds_follow_from_what_mistakes_cost() {
    assert_eq!(bands("{ wrong: 10, ask: 1, person: 4 }"), (0.9, 0.25));
    // A person costs less than asking: so nothing is asked, and a mistake must be rarer than a person is cheap.
    assert_eq!(bands("{ wrong: 10, ask: 4, person: 1 }"), (0.9, 0.9));
    assert_eq!(bands("{ wrong: 10, ask: 20, person: 5 }"), (0.5, 0.5));
    // A mistake costs less than anything else: then it is always done.
    assert_eq!(bands("{ wrong: 1, ask: 2, person: 4 }"), (0.0, 0.0));
}

/// How many of an intent's examples are the author's, and how many are built in, by the tern bot with these English ones.
fn examples(of: &str, intents: &str) -> (usize, usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tern");
    let mut files = author::read(&root).expect("the example lies beside its tests");
    files.insert(
        "intents/en/further.yaml".to_owned(),
        intents.as_bytes().to_vec(),
    );
    let compiled = author::compile(&files, &Catalogue::default());
    let data = compiled.training.expect("it compiles");
    let is_it = |one: &understand::IntentExamples| one.intent == of && one.locale.as_str() == "en";
    let at = data.intents.iter().position(is_it).expect("it is there");
    let places = &compiled.places.0[at];
    assert_eq!(places.len(), data.intents[at].examples.len());
    let own = places.iter().flatten().count();
    (own, places.len() - own)
}

#[test]
fn own_examples_of_a_built_in_intent_stand_beside_ours_or_instead_of_them() {
    let (none, ours) = examples("help", "intents: {}\n");
    assert!(none == 0 && ours >= 30, "{none} {ours}");
    let added = "intents: { help: { examples: [sos, mayday, I am at sea] } }\n";
    assert_eq!(examples("help", added), (3, ours));
    assert_eq!(examples("cancel", added).0, 0);
    let instead = added.replace("{ examples", "{ built_in: false, examples");
    assert_eq!(examples("help", &instead), (3, 0));
    assert!(examples("cancel", &instead).1 >= 30);
}
