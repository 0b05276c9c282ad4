//! What models cost, kept in the data folder: `costs.jsonl`, a line a call. Nobody's words are in it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use llm::Usage;
use llm::budget::{Bill, Spent};
use runtime::Expense;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tracing::error;

/// A call's line.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    pub(crate) bot: String,
    /// The model's name in bot.yaml.
    pub(crate) model: String,
    /// As `provider:name`.
    pub(crate) target: String,
    /// A hash of the user's id: enough to hold a visitor's limit, not enough to know who it was.
    pub(crate) visitor: String,
    #[serde(flatten)]
    pub(crate) usage: Usage,
    /// Millionths of a US dollar; none = nobody knows the price.
    pub(crate) micro_usd: Option<u64>,
}

/// The file, open for adding to it.
pub(crate) struct Journal(Mutex<File>);

impl Journal {
    /// The journal of a data folder.
    ///
    /// # Errors
    /// When it can't be written.
    pub(crate) fn open(data: &Path) -> anyhow::Result<Self> {
        let path = path(data);
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self(Mutex::new(file)))
    }
}

impl runtime::Journal for Journal {
    fn note(&self, expense: &Expense) {
        let Bill {
            target,
            usage,
            spent,
        } = &expense.bill;
        let line = Line {
            at: expense.at,
            bot: expense.bot.clone(),
            model: expense.model.clone(),
            target: target.clone(),
            visitor: hashed(&expense.visitor),
            usage: *usage,
            micro_usd: (!spent.unpriced).then_some(spent.micro_usd),
        };
        let mut text = serde_json::to_vec(&line).expect("plain data always serialises");
        text.push(b'\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // An answer that is paid for is not held back because the disk is full; the operator is told.
        if let Err(problem) = file.write_all(&text).and_then(|()| file.sync_data()) {
            error!(%problem, tokens = spent.tokens, micro_usd = spent.micro_usd, "What a model's call cost could not be written down.");
        }
    }

    fn visitor(&self, user: &str) -> String {
        hashed(user)
    }
}

/// Goes through the lines of a data folder, oldest first; what a crash left half written is passed over.
///
/// # Errors
/// When the file is there but can't be read.
pub(crate) fn read(data: &Path, mut take: impl FnMut(Line)) -> anyhow::Result<()> {
    let path = path(data);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(format!("cannot read {}", path.display())),
    };
    for line in BufReader::new(file).split(b'\n') {
        let line = line.with_context(|| format!("cannot read {}", path.display()))?;
        if let Ok(line) = serde_json::from_slice(&line) {
            take(line);
        }
    }
    Ok(())
}

/// What was spent today before this process.
///
/// # Errors
/// As [`read`].
pub(crate) fn today(data: &Path, now: Timestamp) -> anyhow::Result<Vec<Expense>> {
    let (today, mut expenses) = (day(now), Vec::new());
    read(data, |line| {
        if day(line.at) == today {
            expenses.push(line.expense());
        }
    })?;
    Ok(expenses)
}

/// The day of UTC.
pub(crate) fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Line {
    fn expense(self) -> Expense {
        let tokens = self.usage.input.saturating_add(self.usage.output);
        Expense {
            at: self.at,
            bot: self.bot,
            model: self.model,
            visitor: self.visitor,
            bill: Bill {
                target: self.target,
                usage: self.usage,
                spent: Spent::new(tokens, self.micro_usd),
            },
        }
    }
}

fn path(data: &Path) -> PathBuf {
    data.join("costs.jsonl")
}

fn hashed(user: &str) -> String {
    let hash = Sha256::digest(user);
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
