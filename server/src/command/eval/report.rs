//! A report as text.

use understand::{Advice, Bin, Confused, Confusion, IntentReport, Place, Report, Stands};

use super::measure::Measured;

/// Confusions that are listed, the most frequent first, and the messages of each.
const CONFUSIONS_SHOWN: usize = 10;
const MESSAGES_SHOWN: usize = 2;
/// Intents that are listed, the least understood first.
const INTENTS_SHOWN: usize = 10;
/// Entries of each list of advice; `--json` has all.
const ADVICE_SHOWN: usize = 10;

/// The width of a bar that means all.
const BAR_WIDTH: f64 = 40.0;

pub(super) fn text(measured: &Measured) -> String {
    let report = &measured.report;
    let mut out = String::new();
    figures(&mut out, measured);
    reliability(&mut out, &report.calibration.bins);
    confusions(&mut out, &report.confusions);
    least_understood(&mut out, report);
    if let Some(advice) = &report.advice {
        self::advice(&mut out, advice);
    }
    out
}

/// Adds a line.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{
        $out.push_str(&format!($($arg)*));
        $out.push('\n');
    }};
}
pub(super) use line;

fn figures(out: &mut String, measured: &Measured) {
    let report = &measured.report;
    let how = match measured.cross_validated {
        true => "by cross-validation on its own examples",
        false => "on messages of their own",
    };
    line!(
        out,
        "measured            {how}, in {:.0} s",
        measured.took_s
    );
    line!(out, "read with           {}", measured.encoder);
    line!(
        out,
        "accuracy            {:.2} %  of {} messages",
        100.0 * report.accuracy,
        report.messages
    );
    line!(
        out,
        "calibration error   {:.2} %  (15 bins)",
        100.0 * report.calibration.ece
    );
    let latency = report.latency;
    line!(
        out,
        "latency             {:.0} µs median, {:.0} µs p99",
        latency.median_us,
        latency.p99_us
    );
    if let Some(found) = &report.out_of_scope {
        let foreign = match measured.cross_validated {
            true => "messages of intents left out for this",
            false => "messages",
        };
        line!(
            out,
            "out of scope        AUROC {:.2} %, FPR95 {:.2} %, {:.1} % found where 95 % are accepted ({} {foreign})",
            100.0 * found.auroc,
            100.0 * found.fpr95,
            100.0 * found.recall95,
            found.messages
        );
    }
}

fn reliability(out: &mut String, bins: &[Bin]) {
    line!(
        out,
        "\nreliability: of the messages with about this confidence, so many were right"
    );
    for bin in bins.iter().filter(|bin| bin.messages > 0) {
        let bar = "█".repeat((bin.accuracy * BAR_WIDTH).round() as usize);
        line!(
            out,
            "  {:.2}–{:.2}  {:>6}  said {:>5.1} %  was {:>5.1} %  {bar}",
            bin.from,
            bin.to,
            bin.messages,
            100.0 * bin.confidence,
            100.0 * bin.accuracy
        );
    }
}

fn confusions(out: &mut String, all: &[Confusion]) {
    if all.is_empty() {
        return;
    }
    line!(
        out,
        "\nmost often confused; below each the surest messages, and what drew them over"
    );
    for one in all.iter().take(CONFUSIONS_SHOWN) {
        line!(
            out,
            "  {:>4}  {} taken for {}",
            one.messages,
            one.intent,
            one.taken_for
        );
        for message in one.examples.iter().take(MESSAGES_SHOWN) {
            confused(out, message);
        }
    }
    more(out, all.len(), CONFUSIONS_SHOWN);
}

fn confused(out: &mut String, message: &Confused) {
    line!(
        out,
        "        “{}”{}, {:.0} % sure",
        message.text,
        at(message.place.as_ref()),
        100.0 * message.confidence
    );
    if let Some(near) = message.nearest.first() {
        line!(
            out,
            "          near “{}”{}",
            near.text,
            at(near.place.as_ref())
        );
    }
}

fn least_understood(out: &mut String, report: &Report) {
    let mut intents: Vec<&IntentReport> = report.intents.iter().collect();
    intents.sort_by(|a, b| a.recall.total_cmp(&b.recall).then(a.intent.cmp(&b.intent)));
    line!(out, "\nleast understood");
    for one in intents.into_iter().take(INTENTS_SHOWN) {
        line!(
            out,
            "  recall {:>5.1} %  precision {:>5.1} %  {} ({} messages)",
            100.0 * one.recall,
            100.0 * one.precision,
            one.intent,
            one.messages
        );
    }
}

fn advice(out: &mut String, advice: &Advice) {
    if !advice.suspects.is_empty() {
        line!(
            out,
            "\nperhaps under the wrong intent: another claims them much more surely"
        );
        for one in advice.suspects.iter().take(ADVICE_SHOWN) {
            line!(
                out,
                "  {:>3.0} %  “{}”{}",
                100.0 * one.confidence,
                one.text,
                at(one.place.as_ref())
            );
            line!(
                out,
                "         under {}, looks like {}",
                one.intent,
                one.looks_like
            );
        }
        more(out, advice.suspects.len(), ADVICE_SHOWN);
    }
    if !advice.twins.is_empty() {
        line!(out, "\nnearly the same example under two intents");
        for one in advice.twins.iter().take(ADVICE_SHOWN) {
            line!(out, "  {}", stands(&one.first));
            line!(out, "  {}\n", stands(&one.second));
        }
        more(out, advice.twins.len(), ADVICE_SHOWN);
    }
    if !advice.scarce.is_empty() {
        line!(out, "\nfew examples");
        for one in advice.scarce.iter().take(ADVICE_SHOWN) {
            line!(
                out,
                "  {:>4}  {} (recall {:.0} %)",
                one.examples,
                one.intent,
                100.0 * one.recall
            );
        }
        more(out, advice.scarce.len(), ADVICE_SHOWN);
    }
}

fn stands(one: &Stands) -> String {
    format!(
        "{:<28} “{}”{}",
        one.intent,
        one.text,
        at(one.place.as_ref())
    )
}

/// Says that there is more than was shown.
pub(super) fn more(out: &mut String, all: usize, shown: usize) {
    if all > shown {
        line!(out, "  … and {} more; --json has them all", all - shown);
    }
}

/// ` (intents/en/cards.yaml:12)`; nothing where the place is not known.
pub(super) fn at(place: Option<&Place>) -> String {
    place.map(|place| format!(" ({place})")).unwrap_or_default()
}
