//! Judged answers, and what is made of them for fitting.

/// Where a case comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// As people judged it.
    Judged,
    /// The same among foreign sources.
    Among,
    /// Two answers as one, over the sources of both.
    Long,
    /// A grounded one with another figure.
    Figure,
    /// A grounded one that denies, or no longer does.
    Denied,
    /// A grounded one with a foreign word.
    Word,
}

impl Origin {
    pub(crate) const ALL: [Self; 6] = [
        Self::Judged,
        Self::Among,
        Self::Long,
        Self::Figure,
        Self::Denied,
        Self::Word,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::Among => "among",
            Self::Long => "long",
            Self::Figure => "figure",
            Self::Denied => "denied",
            Self::Word => "word",
        }
    }

    /// Whether it is never grounded.
    pub(crate) fn is_spoilt(self) -> bool {
        matches!(self, Self::Figure | Self::Denied | Self::Word)
    }

    pub(crate) fn weight(self) -> f64 {
        match self {
            Self::Judged => 1.0,
            Self::Among | Self::Long => 0.5,
            Self::Figure | Self::Denied => 0.4,
            Self::Word => 0.15,
        }
    }
}

/// An answer with its sources.
pub(crate) struct Case {
    pub(crate) origin: Origin,
    /// The rows it was made of.
    pub(crate) from: Vec<usize>,
    pub(crate) message: String,
    pub(crate) sources: Vec<String>,
    pub(crate) answer: String,
    pub(crate) grounded: bool,
}

#[derive(serde::Deserialize)]
struct Row {
    split: String,
    knowledge: String,
    message: String,
    response: String,
    label: String,
}

/// Foreign sources beside a row's own.
const FOREIGN: usize = 4;

/// All cases of the split `dev`.
pub(crate) fn cases(text: &str) -> anyhow::Result<Vec<Case>> {
    let rows: Vec<Row> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let rows: Vec<Row> = rows
        .into_iter()
        .filter(|row| row.split == "dev" && row.label != "Generic")
        .collect();
    let mut cases: Vec<Case> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| judged(at, row))
        .collect();
    for at in 0..rows.len() {
        cases.push(among(&rows, at));
        cases.push(long(&rows, at));
        cases.extend(spoilt(&rows, at));
    }
    Ok(cases)
}

fn judged(at: usize, row: &Row) -> Case {
    Case {
        origin: Origin::Judged,
        from: vec![at],
        message: row.message.clone(),
        sources: vec![row.knowledge.clone()],
        answer: row.response.clone(),
        grounded: row.label == "Fully attributable",
    }
}

fn among(rows: &[Row], at: usize) -> Case {
    let mut case = Case {
        origin: Origin::Among,
        ..judged(at, &rows[at])
    };
    let foreign = (0..FOREIGN as u64).map(|one| &rows[other(rows, at, one)].knowledge);
    case.sources.extend(foreign.cloned());
    // Its own source is not always the first.
    let place = scatter(at as u64) as usize % case.sources.len();
    case.sources.swap(0, place);
    case
}

/// Half of them of a grounded and any other, so that enough are grounded.
fn long(rows: &[Row], at: usize) -> Case {
    let mut case = Case {
        origin: Origin::Long,
        ..judged(at, &rows[at])
    };
    let wanted = |one: &usize| {
        !at.is_multiple_of(2) || (rows[*one].label == "Fully attributable") == case.grounded
    };
    let second = (0..8)
        .map(|try_| other(rows, at, 10 + try_))
        .find(wanted)
        .unwrap_or(at);
    let row = &rows[second];
    case.from.push(second);
    case.sources.push(row.knowledge.clone());
    case.answer = format!(
        "{}. {}",
        case.answer.trim_end_matches(['.', ' ']),
        row.response
    );
    case.grounded &= row.label == "Fully attributable";
    case
}

fn spoilt(rows: &[Row], at: usize) -> Vec<Case> {
    let case = |origin, answer: String| Case {
        origin,
        answer,
        grounded: false,
        ..judged(at, &rows[at])
    };
    let row = &rows[at];
    if row.label != "Fully attributable" {
        return Vec::new();
    }
    let mut made = Vec::new();
    made.extend(other_figure(&row.response).map(|answer| case(Origin::Figure, answer)));
    made.extend(denied(&row.response).map(|answer| case(Origin::Denied, answer)));
    made.extend(foreign_word(rows, at).map(|answer| case(Origin::Word, answer)));
    made
}

/// The first number that is written with digits, changed.
fn other_figure(answer: &str) -> Option<String> {
    let from = answer.find(|one: char| one.is_ascii_digit())?;
    let digits: String = answer[from..]
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let number: u64 = digits.parse().ok()?;
    Some(format!(
        "{}{}{}",
        &answer[..from],
        number + 7,
        &answer[from + digits.len()..]
    ))
}

/// A negation behind the first verb that takes one.
fn denied(answer: &str) -> Option<String> {
    let verb =
        |word: &&str| ["is", "was", "are", "were", "can", "has", "have", "will"].contains(word);
    let found = answer.split(' ').find(verb)?;
    let with = format!(" {found} not ");
    let without = format!(" {found} ");
    let padded = format!(" {answer} ");
    padded
        .contains(&without)
        .then(|| padded.replacen(&without, &with, 1).trim().to_owned())
}

/// The longest word replaced by the longest of another row's source.
fn foreign_word(rows: &[Row], at: usize) -> Option<String> {
    let longest = |text: &str| {
        let words = text
            .split(|one: char| !one.is_alphabetic())
            .map(str::to_owned);
        words.filter(|word| word.len() > 4).max_by_key(String::len)
    };
    let own = longest(&rows[at].response)?;
    let foreign = longest(&rows[other(rows, at, 30)].knowledge)?;
    let known = rows[at]
        .knowledge
        .to_lowercase()
        .contains(&foreign.to_lowercase());
    (!known).then(|| rows[at].response.replace(&own, &foreign))
}

/// Another row, always the same for the same arguments.
fn other(rows: &[Row], at: usize, which: u64) -> usize {
    let found = scatter((at as u64) << 8 | which) as usize % rows.len();
    if found == at {
        (at + 1) % rows.len()
    } else {
        found
    }
}

/// A number that looks like chance (splitmix64).
pub(crate) fn scatter(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
