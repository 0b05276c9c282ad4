//! A process that commits as fast as it can and says what was acknowledged; and what must be true of its folder afterwards.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use store::suite::Trial;
use store::{
    BodyHash, Changes, Commit, CommitOutcome, Duplicate, Head, Lane, MessageKey, Options,
    OutboxRow, OwnerKind, Scope, Sled, Store, StoreError, Stored, Term, TurnRecord, Version,
};

use dialog::{ConversationId, EffectId, Turn};
use jiff::{SignedDuration, Timestamp};

/// How many conversations write at once.
pub(crate) const CONVERSATIONS: usize = 16;

/// Names the folder to a child process.
const FOLDER: &str = "STORE_LOAD_FOLDER";

/// Commits in the folder that the parent named, until the process is killed or the store breaks; returns at once in the
/// parent. A test that starts children calls it first, as the child runs the same test.
pub(crate) fn be_the_child() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let why = runtime.block_on(write_on(Path::new(&folder)));
    say(&format!("broken {why}"));
    std::process::exit(74);
}

async fn write_on(folder: &Path) -> StoreError {
    let store: Arc<dyn Store> = Arc::new(Sled::open(folder, Options::default()).unwrap());
    let term = store.take_over().await.unwrap();
    let writers = (0..CONVERSATIONS)
        .map(|number| tokio::spawn(converse(Arc::clone(&store), term, format!("c{number}"))));
    let writers: Vec<_> = writers.collect();
    tokio::spawn(read(Arc::clone(&store)));
    let mut why = None;
    for writer in writers {
        why = Some(writer.await.unwrap());
    }
    assert!(!store.healthy(), "a broken store takes nothing any more");
    for number in 0..CONVERSATIONS {
        // It may answer, but not with what it could not write.
        let _ = show(&*store, number).await;
    }
    why.unwrap()
}

/// Reads as long as the store answers.
async fn read(store: Arc<dyn Store>) {
    for number in (0..CONVERSATIONS).cycle() {
        if show(&*store, number).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// What a reader is shown must not be lost either: says the turn that it sees.
async fn show(store: &dyn Store, number: usize) -> Result<(), StoreError> {
    let id = format!("c{number}");
    let stored = store.load(&id.as_str().into()).await?;
    let turn = stored.map_or(0, |stored| stored.turn.0);
    say(&format!("read {id} {turn}"));
    Ok(())
}

/// One turn after another; each is said as soon as it is acknowledged. Gives why there will be no more.
async fn converse(store: Arc<dyn Store>, term: Term, id: String) -> StoreError {
    let mut before = store.load(&id.as_str().into()).await.unwrap();
    loop {
        let commit = turn(&id, term, before.as_ref());
        let effect = commit.outbox.add[0].id.clone();
        let number = commit.turn.turn;
        match store.commit(commit).await {
            Ok(CommitOutcome::Committed(_)) => say(&format!("turn {id} {number}")),
            Ok(other) => panic!("nobody else writes to {id}: {other:?}"),
            Err(why) => return why,
        }
        match store.mark_begun(term, &effect).await {
            Ok(_) => say(&format!("mark {id} {number}")),
            Err(why) => return why,
        }
        before = match store.load(&id.as_str().into()).await {
            Ok(stored) => stored,
            Err(why) => return why,
        };
    }
}

/// Says a line to the parent at once: what is in the pipe survives the process.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The parent may have heard enough.
    let _ = out
        .write_all(format!("{line}\n").as_bytes())
        .and_then(|()| out.flush());
}

/// A turn that adds an effect, removes the one before, moves the timer and changes the state.
fn turn(id: &str, term: Term, before: Option<&Stored>) -> Commit {
    let number = before.map_or(0, |before| before.turn.0) + 1;
    Commit {
        conversation: id.into(),
        term,
        expected: before.map_or(Version(0), |before| before.version),
        at: at(number),
        duplicate: Some(Duplicate {
            key: message(id, number),
            body: BodyHash([7; 32]),
        }),
        head: Head {
            user: format!("user of {id}").into(),
            bot: "v1".into(),
            owner: OwnerKind::Bot,
            epoch: 0,
            timer: Some(deadline(number)),
        },
        state: state(number),
        turn: TurnRecord {
            turn: Turn(number),
            at: at(number),
            event: b"event".repeat(20),
            first_seq: before.map_or(0, |before| before.last_seq) + 1,
            feed: vec![format!("message {number}").into_bytes(); 2],
            trace: b"trace".to_vec(),
        },
        bot_spoke_in: Some(0),
        outbox: Changes {
            add: vec![call(id, number, false)],
            remove: vec![call(id, number - 1, false).id],
        },
        scheduled: Changes::default(),
        dead_letters: Changes::default(),
        memory: BTreeMap::from([("turns".to_owned(), Some(number.to_string().into_bytes()))]),
    }
}

fn at(number: u64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + i64::try_from(number).unwrap()).unwrap()
}

fn deadline(number: u64) -> Timestamp {
    at(number) + SignedDuration::from_hours(1)
}

fn state(number: u64) -> Vec<u8> {
    format!("state {number} ").repeat(150).into_bytes()
}

fn message(id: &str, number: u64) -> MessageKey {
    MessageKey {
        scope: Scope::Conversation(id.into()),
        source: "load".into(),
        id: format!("m{number}"),
    }
}

fn call(id: &str, number: u64, begun: bool) -> OutboxRow {
    let id = EffectId {
        conversation: id.into(),
        turn: Turn(number),
        index: 0,
    };
    OutboxRow {
        id,
        lane: Lane::Call,
        payload: b"call".to_vec(),
        begun,
    }
}

/// A child process that writes.
pub(crate) struct Load {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// What a child was acknowledged or shown, by conversation: the last turn, and the last mark.
#[derive(Debug, Default)]
pub(crate) struct Acknowledged {
    pub(crate) turns: BTreeMap<String, u64>,
    pub(crate) marks: BTreeMap<String, u64>,
    /// How many turns in all.
    pub(crate) count: u64,
    /// What the child said last, if its store broke.
    pub(crate) broken: Option<String>,
}

impl Load {
    /// Starts this test again as a child that writes to a folder, by way of a shell's words if there are some.
    pub(crate) fn start(test: &str, folder: &Path, shell: Option<&str>) -> Self {
        let program = std::env::current_exe().unwrap().into_os_string();
        let arguments = ["--exact", test, "--nocapture", "--test-threads=1"].map(OsString::from);
        let mut command = match shell {
            None => Command::new(program),
            Some(words) => {
                let mut command = Command::new("sh");
                command
                    .args(["-c", &format!("{words}; exec \"$0\" \"$@\"")])
                    .arg(program);
                command
            }
        };
        command
            .args(arguments)
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Kills the child once this many turns were acknowledged; gives all that were, also those since.
    pub(crate) fn kill_after(mut self, turns: u64) -> Acknowledged {
        let mut acknowledged = Acknowledged::default();
        while acknowledged.count < turns && self.hear(&mut acknowledged) {}
        self.child.kill().unwrap();
        while self.hear(&mut acknowledged) {}
        self.child.wait().unwrap();
        acknowledged
    }

    /// Waits until the child ends by itself.
    pub(crate) fn end(mut self) -> (Acknowledged, Option<i32>) {
        let mut acknowledged = Acknowledged::default();
        while self.hear(&mut acknowledged) {}
        (acknowledged, self.child.wait().unwrap().code())
    }

    /// Takes one line; false at the end.
    fn hear(&mut self, acknowledged: &mut Acknowledged) -> bool {
        let mut line = String::new();
        // A line that was cut off by the kill was not said.
        if self.lines.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
            return false;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["turn" | "read", id, number] => {
                let known = acknowledged.turns.entry(id.to_owned()).or_default();
                *known = number.parse::<u64>().unwrap().max(*known);
                acknowledged.count += u64::from(words[0] == "turn");
            }
            ["mark", id, number] => {
                acknowledged
                    .marks
                    .insert(id.to_owned(), number.parse().unwrap());
            }
            ["broken", ..] => acknowledged.broken = Some(line),
            // The test harness talks as well.
            _ => {}
        }
        true
    }
}

/// Opens the folder and checks that nothing acknowledged is lost and nothing is torn.
pub(crate) fn check(folder: &Path, acknowledged: &Acknowledged) {
    let trial = Trial::new(Sled::open(folder, Options::default()).unwrap());
    for number in 0..CONVERSATIONS {
        let id = format!("c{number}");
        let known = acknowledged.turns.get(&id).copied().unwrap_or(0);
        let last = check_conversation(&trial, &id);
        assert!(
            last >= known,
            "{id}: turn {known} was acknowledged, and there are {last}"
        );
        let marked = acknowledged.marks.get(&id).copied().unwrap_or(0);
        let effect = &trial.get(trial.store.outbox_of(&id.as_str().into()));
        assert!(
            marked < last || effect.iter().all(|row| row.begun),
            "{id}: the mark of turn {marked} is lost"
        );
    }
    check_counters(&trial);
}

/// Every part of the conversation's last commit is there, and no part of another. Gives its last turn.
fn check_conversation(trial: &Trial, id: &str) -> u64 {
    let conversation = ConversationId::from(id);
    let Some(stored) = trial.load(id) else {
        return 0;
    };
    let last = stored.turn.0;
    assert_eq!(
        (stored.version, stored.last_seq, &stored.state),
        (Version(last), 2 * last, &state(last))
    );
    let turns: Vec<u64> = trial
        .get(trial.store.turns(&conversation, Turn(0), usize::MAX))
        .iter()
        .map(|turn| turn.turn.0)
        .collect();
    assert_eq!(turns, (1..=last).collect::<Vec<_>>());
    let outbox = trial.get(trial.store.outbox_of(&conversation));
    assert_eq!(
        outbox.iter().map(|row| &row.id).collect::<Vec<_>>(),
        [&call(id, last, false).id]
    );
    assert!((1..=last).all(|number| {
        trial
            .get(trial.store.seen(&message(id, number), at(last)))
            .is_some()
    }));
    let memory = trial.get(trial.store.memory(&stored.head.user));
    assert_eq!(
        memory,
        BTreeMap::from([("turns".to_owned(), last.to_string().into_bytes())])
    );
    let timers = trial.get(trial.store.due_timers(Timestamp::MAX, usize::MAX));
    let theirs: Vec<Timestamp> = timers
        .iter()
        .filter(|timer| timer.conversation == conversation)
        .map(|timer| timer.at)
        .collect();
    assert_eq!(theirs, [deadline(last)]);
    last
}

/// What the store counted is what is there: a copy, counted anew, has as much.
fn check_counters(trial: &Trial) {
    let mut stream = Vec::new();
    trial.get(store::export(&*trial.store, &mut stream));
    let folder = tempfile::tempdir().unwrap();
    let copy = Trial::new(Sled::open(folder.path(), Options::default()).unwrap());
    copy.get(store::import(&*copy.store, &mut &*stream));
    let (mine, anew) = (
        trial.get(trial.store.status()),
        copy.get(copy.store.status()),
    );
    assert_eq!(
        (mine.conversations, mine.outbox, mine.rows, mine.live_bytes),
        (anew.conversations, anew.outbox, anew.rows, anew.live_bytes)
    );
}
