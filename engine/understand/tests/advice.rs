//! What an author is told about a bot's examples: mistakes that were put into good ones are found, with their places.

use std::path::Path;
use std::time::Duration;

use understand::{
    Answered, CorpusLine, CorpusSplits, Deal, Examined, Places, Report, Suspect, Trainer,
    TrainingData, Written, cross_validate, group, leave_intents_out, nearest_examples,
    read_corpus_file,
};

/// Intents of the corpus that are used: enough to be told apart, few enough to be quick.
const INTENTS: usize = 25;
/// Examples of each.
const SHOTS: usize = 20;

fn lines() -> Vec<CorpusLine> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/banking77/banking77.jsonl");
    let text = std::fs::read_to_string(path).expect("the corpus is in the repository");
    let mut lines = read_corpus_file("bank.jsonl", &text).expect("it is well formed");
    let mut intents: Vec<String> = lines.iter().map(|line| line.intent.clone()).collect();
    intents.sort();
    intents.dedup();
    intents.truncate(INTENTS);
    lines.retain(|line| intents.contains(&line.intent));
    lines
}

fn splits() -> CorpusSplits {
    CorpusSplits {
        train: "train".to_owned(),
        test: Some("test".to_owned()),
        oos_label: None,
        shots: Some(SHOTS),
    }
}

struct Bot {
    data: TrainingData,
    places: Places,
}

impl Bot {
    fn new(lines: &[CorpusLine]) -> Self {
        Self {
            data: splits().training(lines, &"en".into()),
            places: splits().places(lines),
        }
    }

    fn examined<'a>(&'a self, deal: Option<&'a Deal>) -> Examined<'a> {
        Examined {
            data: &self.data,
            places: &self.places,
            deal,
        }
    }

    fn validated(&self) -> (Deal, Vec<Answered>) {
        let deal = Deal::of(&self.data);
        let answers = cross_validate(
            &mut Trainer::sparse(),
            self.examined(None),
            &deal,
            &mut |_| (),
            &mut || Duration::ZERO,
        );
        (deal, answers.expect("no encoder can fail"))
    }

    fn report(&self) -> Report {
        let (deal, answers) = self.validated();
        Report::of(&answers)
            .with_advice(&mut Trainer::sparse(), self.examined(Some(&deal)), &answers)
            .expect("no encoder can fail")
    }
}

/// The lines that are trained on, the first of each intent.
fn first_of(lines: &mut [CorpusLine], intent: &str, nth: usize) -> usize {
    let of_intent = |line: &CorpusLine| line.split == "train" && line.intent == intent;
    let at = lines.iter().enumerate().filter(|(_, line)| of_intent(line));
    at.map(|(index, _)| index)
        .nth(nth)
        .expect("there are as many")
}

#[test]
fn examples_under_the_wrong_intent_are_named_with_their_lines() {
    let mut lines = lines();
    let mut intents: Vec<String> = lines.iter().map(|line| line.intent.clone()).collect();
    intents.sort();
    intents.dedup();
    // One example of each intent goes to one far off in the alphabet.
    let mut moved = Vec::new();
    for (nth, from) in intents.iter().enumerate() {
        let index = first_of(&mut lines, from, nth % SHOTS / 2);
        let to = &intents[(nth + INTENTS / 2) % INTENTS];
        lines[index].intent.clone_from(to);
        moved.push((lines[index].place.clone(), to.clone(), from.clone()));
    }
    let advice = Bot::new(&lines).report().advice.expect("it was asked for");
    let is_moved = |one: &&Suspect| {
        let place = moved.iter().find(|(place, ..)| *place == one.place);
        place.is_some_and(|(_, to, from)| one.intent == *to && one.looks_like == *from)
    };
    let found = advice.suspects.iter().filter(is_moved).count();
    let first = advice.suspects.iter().take(10).filter(is_moved).count();
    assert!(
        found >= 8 && first >= 6,
        "{found} of {INTENTS}, {first} of the first ten"
    );
}

#[test]
fn nearly_the_same_examples_are_named_with_their_lines() {
    let mut lines = lines();
    let one = first_of(&mut lines, "age_limit", 0);
    let other = first_of(&mut lines, "atm_support", 0);
    "How old must my daughter be to have an account of her own?".clone_into(&mut lines[one].text);
    "how old must my daughters be to have an account of her own".clone_into(&mut lines[other].text);
    let advice = Bot::new(&lines).report().advice.expect("it was asked for");
    let twin = advice
        .twins
        .iter()
        .find(|twin| twin.first.place == lines[one].place);
    let twin = twin.expect("they are found");
    assert_eq!(
        (twin.second.place.clone(), twin.same),
        (lines[other].place.clone(), false)
    );
    assert!(
        advice
            .twins
            .iter()
            .all(|twin| twin.first.intent != twin.second.intent)
    );
}

#[test]
fn a_confusion_names_what_drew_the_message_over() {
    let report = Bot::new(&lines()).report();
    assert_eq!(report.messages, INTENTS * SHOTS);
    assert!(report.accuracy > 0.7, "{}", report.accuracy);
    let all = report
        .confusions
        .iter()
        .flat_map(|one| one.examples.iter().map(move |message| (one, message)));
    let mut seen = 0;
    for (confusion, message) in all {
        assert!(message.place.is_some());
        assert!(
            message
                .nearest
                .iter()
                .all(|near| near.intent == confusion.taken_for && near.place.is_some())
        );
        assert!(message.nearest.is_sorted_by(|a, b| a.cosine >= b.cosine));
        seen += message.nearest.len();
    }
    assert!(seen > 20, "{seen}");
    let on_diagonal: usize = (0..report.matrix.intents.len())
        .map(|at| report.matrix.messages[at][at])
        .sum();
    assert!(on_diagonal > 50, "{on_diagonal}");
}

#[test]
fn messages_come_back_in_order_whatever_fold_held_them_out() {
    let bot = Bot::new(&lines());
    let (_, answers) = bot.validated();
    let asked: Vec<&str> = answers
        .iter()
        .map(|one| one.message.text.as_str())
        .collect();
    let lists = bot.data.intents.iter();
    let examples: Vec<&str> = lists
        .flat_map(|of| of.examples.iter().map(|one| one.text.as_str()))
        .collect();
    assert_eq!(asked, examples);
}

#[test]
fn intents_that_were_left_out_are_foreign() {
    let bot = Bot::new(&lines());
    let deal = Deal::of(&bot.data);
    let answers = leave_intents_out(
        &mut Trainer::sparse(),
        bot.examined(None),
        &deal,
        &mut |_| (),
        &mut || Duration::ZERO,
    );
    let answers = answers.expect("no encoder can fail");
    let foreign = answers.iter().filter(|one| one.message.intent.is_none());
    // Three of 25 whole, a fifth of the other 22.
    assert_eq!(
        (foreign.count(), answers.len()),
        (3 * SHOTS, 3 * SHOTS + 22 * SHOTS / 5)
    );
    let found = Report::default()
        .with_foreign(&answers)
        .out_of_scope
        .expect("there were some");
    assert!(found.auroc > 0.6, "{}", found.auroc);
}

#[test]
fn the_nearest_examples_of_a_message_come_first() {
    let bot = Bot::new(&lines());
    let text = bot.data.intents[3].examples[5].text.to_uppercase();
    let near = nearest_examples(&mut Trainer::sparse(), bot.examined(None), &text)
        .expect("no encoder can fail");
    assert_eq!(near[0].text, bot.data.intents[3].examples[5].text);
    assert!(near[0].cosine > 0.99 && near[1].cosine < near[0].cosine);
}

#[test]
fn messages_that_ask_for_the_same_are_grouped_whatever_their_order() {
    let bot = Bot::new(&lines());
    let mut trainer = Trainer::sparse();
    let model = trainer
        .train(&bot.data, &mut |_| ())
        .expect("no encoder can fail");
    let written = |text: &str, times| Written {
        text: text.to_owned(),
        times,
    };
    let mut messages = vec![
        written("do you sell holiday insurance", 3),
        written("I want holiday insurance", 1),
        written("Holiday insurance?", 1),
        written("holiday insurance", 2),
        written("is there a parking lot at the branch", 1),
        written("parking lot at your branch", 1),
        written("???", 5),
        written("qwertz", 1),
    ];
    let mut of = |messages: &[Written]| {
        group(&mut trainer, bot.examined(None), &model, messages).expect("no encoder can fail")
    };
    let grouped = of(&messages);
    let counts: Vec<(usize, usize)> = grouped
        .groups
        .iter()
        .map(|one| (one.messages, one.texts.len()))
        .collect();
    assert_eq!(counts, [(7, 3), (2, 2)]);
    // Written the most often, and one with the same without its question mark.
    assert!(
        grouped.groups[0]
            .texts
            .iter()
            .any(|one| one.text == "holiday insurance" && one.times == 3)
    );
    assert_eq!(grouped.alone.len(), 1);
    assert!(grouped.groups.iter().all(|one| !one.nearest.is_empty()));
    messages.reverse();
    assert_eq!(of(&messages), grouped);
}

#[test]
fn most_of_a_group_has_one_meaning() {
    let lines = lines();
    let bot = Bot::new(&lines);
    let mut trainer = Trainer::sparse();
    let model = trainer
        .train(&bot.data, &mut |_| ())
        .expect("no encoder can fail");
    let asked: Vec<&CorpusLine> = lines.iter().filter(|line| line.split == "test").collect();
    let written: Vec<Written> = asked
        .iter()
        .map(|line| Written {
            text: line.text.clone(),
            times: 1,
        })
        .collect();
    let grouped = group(&mut trainer, bot.examined(None), &model, &written);
    let grouped = grouped.expect("no encoder can fail");
    let (mut together, mut alike) = (0, 0);
    for one in &grouped.groups {
        let mut counts = std::collections::BTreeMap::new();
        for text in &one.texts {
            let line = asked.iter().find(|line| line.text == text.text);
            let intent = &line.expect("it is one of the messages").intent;
            *counts.entry(intent).or_insert(0) += 1;
        }
        together += one.texts.len();
        alike += counts.values().max().expect("a group has texts");
    }
    let (of_all, pure) = (
        together as f64 / asked.len() as f64,
        f64::from(alike) / together as f64,
    );
    println!(
        "{together} of {} in {} groups, {pure:.3} of them with most of their group",
        asked.len(),
        grouped.groups.len()
    );
    assert!(of_all > 0.5 && pure > 0.7, "{of_all:.3} {pure:.3}");
}
