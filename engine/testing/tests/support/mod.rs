//! A small shop's bot, and the demo bot, ready to be talked to.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses some of it; one that cannot be set up should stop there"
)]

use std::path::Path;
use std::sync::Arc;

use author::{Catalogue, Compiled, Files};
use knowledge::{Articles, Library};
use runtime::Deployment;
use testing::{Options, Report, Test};
use tools::Toolbox;
use understand::Model;

/// A bot with a call that must not be made twice, one that may, and a question with a time-out.
const SHOP: &[(&str, &str)] = &[
    (
        "bot.yaml",
        "bot: shop\nlocales: [en]\ntz: UTC\nslots:\n  nickname: { type: text, scope: user }\n\
         desks: { team: { via: console, closed: { say: sorry }, gave_up: { say: sorry }, after: { say: hello } } }\n\
         anywhere:\n  intent.cancel: { cancel: flow }\n  intent.talk_to_person: { handoff: team, why: asked }\n\
         router: [ { do: say, say: rephrase } ]\nsession: { greet: { first: { say: hello }, returning: { say: hello_again } } }\n",
    ),
    (
        "tools.yaml",
        "tools:\n  find: { description: Finds an order, http: \"GET http://shop.invalid/orders\", args: { last4: { type: text, in: query } }, \
         returns: { paid: bool }, retry: { max: 1, backoff: 1s }, repeat: safe, timeout: 5s }\n  \
         refund: { description: Pays back, http: \"POST http://shop.invalid/refunds\", args: { last4: { type: text, in: body } }, repeat: never, confirm: user, timeout: 5s }\n",
    ),
    (
        "flows/refund.yaml",
        "flow: refund\ndescription: Pay an order back\nstart: { intent: money_back }\nslots:\n  \
         last4: { type: text, pattern: '[0-9]{4}' }\ninitial: which\nstates:\n  which:\n    collect: [ { slot: last4, ask: ask_order } ]\n    \
         no_input: { 5m: { say: still_there }, 20m: left }\n    attempts: { max: 3, then: { say: sorry, target: left } }\n    done: lookup\n  lookup:\n    call: find\n    with: { last4: slots.last4 }\n    \
         done:\n      - { guard: result.paid, target: confirm }\n      - { say: not_paid, target: left }\n    error: { say: not_paid, target: left }\n  \
         confirm: { say: ask_sure, choices: [affirm, deny], on: { intent.affirm: paying, intent.deny: { say: sorry, target: left }, no_match: { say: rephrase } }, attempts: { max: 3, then: { say: sorry, target: left } } }\n  \
         paying:\n    call: refund\n    with: { last4: slots.last4 }\n    done: { say: paid_back, target: left }\n    error:\n      \
         - { guard: 'error.kind == \"unknown\"', say: unclear, target: left }\n      - { say: not_paid, target: left }\n  left: { final: true }\n",
    ),
    (
        "templates/en/shop.yaml",
        "hello: Hello\nhello_again: Hello again\nsorry: Nobody is here.\nrephrase: Could you say that differently?\nask_order: Which order?\nstill_there: Are you there?\n\
         not_paid: It was not paid.\nask_sure: \"Pay back order {{slots.last4}}?\"\npaid_back: Done.\nunclear: I can't tell whether that worked.\n\
         labels: { affirm: \"Yes\", deny: \"No\" }\n",
    ),
    (
        "intents/en/shop.yaml",
        "intents:\n  money_back:\n    examples: |\n      I want my money back\n      refund my order\n      please pay back what I paid\n      can I get a refund\n      give me my money back\n      I would like a refund for my order\n",
    ),
];

/// A deployment and the files that it is made of.
pub(crate) struct Place {
    pub(crate) deployment: Deployment,
    pub(crate) training: understand::TrainingData,
    pub(crate) files: Files,
}

/// The shop, with this file as its only test.
pub(crate) fn shop(test: &str) -> Place {
    let mut files: Files = SHOP
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    files.insert(
        "tests/conversations/one.yaml".to_owned(),
        test.as_bytes().to_vec(),
    );
    place(files)
}

/// The demo bot in the repository's root.
pub(crate) fn demo() -> Place {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    place(author::read(&root).unwrap())
}

/// A bot elsewhere in the repository.
pub(crate) fn bot(folder: &str) -> Place {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    place(author::read(&root.join(folder)).unwrap())
}

fn place(files: Files) -> Place {
    let compiled = author::compile(&files, &Catalogue::default());
    let wrong = author::print::human(&compiled.diagnostics, &files);
    let Compiled {
        bot: Some(bot),
        templates: Some(templates),
        training: Some(training),
        ..
    } = compiled
    else {
        panic!("{wrong}");
    };
    let model = Model::train(&training, &mut |_| {});
    let mut library = Library::default();
    library.update(&files);
    let articles = Articles::new(&mut library, |_| None).expect("words need no encoder");
    let deployment = Deployment {
        bot,
        templates: Arc::new(templates),
        model: Arc::new(model),
        tools: Toolbox::default(),
        articles: Arc::new(articles),
        targets: std::collections::BTreeMap::new(),
    };
    Place {
        deployment,
        training,
        files,
    }
}

impl Place {
    /// The tests of the files, none of which may be wrong.
    pub(crate) fn tests(&self) -> Vec<Test> {
        let (tests, wrong) = testing::decode(&self.files, &self.deployment.bot);
        assert!(
            wrong.is_empty(),
            "{}",
            author::print::human(&wrong, &self.files)
        );
        tests
    }

    pub(crate) fn run(&self, options: &Options) -> Report {
        testing::run(&self.deployment, &self.tests(), options, &|_| {})
    }
}
