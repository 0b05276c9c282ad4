//! A fragment of YAML laid over a file, key by key: what a page shows of a file instead of all of it.

/// One key of a map in block style: its lines, with their indentation below the key's own.
struct Entry {
    key: String,
    lines: Vec<String>,
}

/// The keys that only a whole file has.
const WHOLE: &[&str] = &["bot", "flow", "test"];

/// The file with the fragment's keys: a map is laid over a map, anything else takes the place of what was there. A fragment
/// that is a whole bot, flow or test takes the file's place.
pub(crate) fn lay_over(file: &str, fragment: &str) -> String {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let mut entries = self::entries(&lines(file));
    let over = self::entries(&lines(fragment));
    if over.iter().any(|one| WHOLE.contains(&one.key.as_str())) {
        return fragment.to_owned();
    }
    merge(&mut entries, over);
    print(&entries)
}

fn merge(entries: &mut Vec<Entry>, over: Vec<Entry>) {
    for new in over {
        let Some(old) = entries.iter_mut().find(|old| old.key == new.key) else {
            entries.push(new);
            continue;
        };
        let (Some(mut inside), Some(more)) = (old.map(), new.map()) else {
            *old = new;
            continue;
        };
        merge(&mut inside, more);
        old.lines.truncate(1);
        let lines = print(&inside);
        old.lines
            .extend(lines.lines().map(|line| format!("  {line}")));
    }
}

fn print(entries: &[Entry]) -> String {
    let lines = entries.iter().flat_map(|one| &one.lines);
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

impl Entry {
    /// The keys below this one, if it holds a map in block style.
    fn map(&self) -> Option<Vec<Entry>> {
        let head = self.lines[0].split(" #").next().unwrap_or_default();
        let first = self.lines[1..].iter().find(|line| is_content(line))?;
        let block = head.trim_end().ends_with(':') && !first.trim_start().starts_with("- ");
        block.then(|| entries(&self.lines[1..]))
    }
}

fn entries(lines: &[String]) -> Vec<Entry> {
    let content = lines.iter().filter(|line| is_content(line));
    let indent = content.map(|line| indent_of(line)).min().unwrap_or(0);
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines {
        let rest = line.get(indent..).unwrap_or_default().to_owned();
        match (key(line, indent), entries.last_mut()) {
            (Some(key), _) => entries.push(Entry {
                key,
                lines: vec![rest],
            }),
            (None, Some(last)) => last.lines.push(rest),
            (None, None) => {} // a comment before the first key
        }
    }
    entries
}

fn is_content(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The key that begins on this line, at this indentation.
fn key(line: &str, indent: usize) -> Option<String> {
    let begins = is_content(line) && indent_of(line) == indent;
    let (key, rest) = line.trim().split_once(':')?;
    (begins && (rest.is_empty() || rest.starts_with(' '))).then(|| key.trim().to_owned())
}

#[test]
fn a_fragment_is_laid_over_key_by_key() {
    let file =
        "name: shop\nslots:\n  a: { type: text }\n  b:\n    type: text\nrouter:\n  - { do: say }\n";
    let fragment = "# bot.yaml\nslots:                # shared\n    b:\n        secret: true\n    c: { type: bool }\nrouter:\n  - { do: handoff }\n";
    let whole = "name: shop\nslots:\n  a: { type: text }\n  b:\n    type: text\n    secret: true\n  c: { type: bool }\nrouter:\n  - { do: handoff }\n";
    assert_eq!(lay_over(file, fragment), whole);
}

#[test]
fn a_whole_flow_takes_the_place_of_one() {
    let fragment = "# flows/a.yaml\nflow: a\ninitial: b\n";
    assert_eq!(lay_over("flow: a\nslots: {}\n", fragment), fragment);
}
