//! A comparison as text.

use std::path::Path;

use understand::{Comparison, Flip, FlipKind};

use super::measure::Compared;
use super::report::{at, line, more};

/// Flips of each kind that are listed; `--json` has all.
const FLIPS_SHOWN: usize = 15;

pub(super) fn text(compared: &Compared, now: &Path, before: &Path) -> String {
    let comparison = &compared.comparison;
    let mut out = String::new();
    line!(
        out,
        "{} → {}, read with {}",
        before.display(),
        now.display(),
        compared.encoder
    );
    line!(
        out,
        "messages            {} that both were asked about",
        comparison.messages
    );
    line!(
        out,
        "accuracy            {:.2} % → {:.2} %",
        100.0 * comparison.accuracy_before,
        100.0 * comparison.accuracy_now
    );
    line!(
        out,
        "flips               {} mended, {} broken, {} wrong in another way",
        comparison.mended,
        comparison.broken,
        comparison.otherwise_wrong
    );
    line!(out, "                    {}", verdict(comparison));
    let aside = [
        (comparison.relabelled, "stand under another intent now"),
        (comparison.only_now, "only now"),
        (comparison.only_before, "only before"),
    ];
    for (count, what) in aside.into_iter().filter(|(count, _)| *count > 0) {
        line!(out, "not compared        {count} {what}");
    }
    for (kind, title) in [
        (FlipKind::Broken, "broken: right before, wrong now"),
        (FlipKind::Mended, "mended: wrong before, right now"),
        (
            FlipKind::OtherwiseWrong,
            "wrong before and now, in another way",
        ),
    ] {
        let flips: Vec<&Flip> = comparison
            .flips
            .iter()
            .filter(|flip| flip.kind == kind)
            .collect();
        if flips.is_empty() {
            continue;
        }
        line!(out, "\n{title}");
        for flip in flips.iter().take(FLIPS_SHOWN) {
            self::flip(&mut out, flip);
        }
        more(&mut out, flips.len(), FLIPS_SHOWN);
    }
    out
}

/// What the flips say, for people who do not know statistics.
pub(super) fn verdict(comparison: &Comparison) -> String {
    let (mended, broken) = (comparison.mended, comparison.broken);
    if mended + broken == 0 {
        return "no message flips between right and wrong".to_owned();
    }
    let times = match comparison.chance {
        chance if chance < 0.001 => "in less than 1 of 1000 cases".to_owned(),
        chance => format!("in {:.0} of 1000 cases", 1000.0 * chance),
    };
    let direction = if mended > broken { "better" } else { "worse" };
    match comparison.more_than_chance {
        true => format!("{direction}, by more than chance: chance alone would do as much {times}"),
        false => format!("may well be chance: chance alone would do as much {times}"),
    }
}

fn flip(out: &mut String, flip: &Flip) {
    line!(out, "  “{}”{}", flip.text, at(flip.place.as_ref()));
    line!(
        out,
        "      means {}: was {} {:.2}, is {} {:.2}",
        flip.intent.as_deref().unwrap_or("nothing the bot knows"),
        flip.before.intent,
        flip.before.confidence,
        flip.now.intent,
        flip.now.confidence
    );
}
