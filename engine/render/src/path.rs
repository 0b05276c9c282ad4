//! The name of a variable in a template: `slots.card.label`, `../this`, `@index`, `cards.[0]`.

/// A variable's name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// How many blocks outward it begins: one for each `../`.
    pub(crate) up: usize,
    /// Where it begins.
    pub(crate) start: Start,
    /// The names after that.
    pub(crate) names: Vec<String>,
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// With its first name, looked for inside out.
    Name,
    /// With the item or value of the innermost `#each` or `#with`.
    This,
    /// With the values of the response: `@root`.
    Root,
    /// With what `#each` knows of its loop.
    Loop(Loop),
}

/// What `#each` knows of its loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loop {
    /// `@index`, from 0.
    Index,
    /// `@key` of a map's field.
    Key,
    /// `@first`.
    First,
    /// `@last`.
    Last,
}

impl Path {
    /// Takes a name as Handlebars' parser leaves it; none if it means nothing here (`@unknown`).
    pub(crate) fn parse(raw: &str) -> Option<Path> {
        if let Some(rest) = raw.strip_prefix("@root") {
            let names = names(rest.trim_start_matches(['.', '/']));
            return Some(Path {
                up: 0,
                start: Start::Root,
                names,
            });
        }
        let local = raw.strip_prefix('@');
        let (up, rest) = strip_up(local.unwrap_or(raw));
        if local.is_some() {
            let start = Start::Loop(loop_name(rest)?);
            return Some(Path {
                up,
                start,
                names: Vec::new(),
            });
        }
        let (start, rest) = strip_this(rest);
        Some(Path {
            up,
            start,
            names: names(rest),
        })
    }
}

fn strip_up(mut rest: &str) -> (usize, &str) {
    let mut up = 0;
    while let Some(outer) = rest
        .strip_prefix("../")
        .or_else(|| rest.strip_prefix("..."))
    {
        up += 1;
        rest = outer;
    }
    (up, rest)
}

fn strip_this(rest: &str) -> (Start, &str) {
    match rest {
        "this" | "." => (Start::This, ""),
        _ => ["this.", "this/", "./"]
            .iter()
            .find_map(|prefix| rest.strip_prefix(prefix))
            .map_or((Start::Name, rest), |names| (Start::This, names)),
    }
}

fn loop_name(name: &str) -> Option<Loop> {
    Some(match name {
        "index" => Loop::Index,
        "key" => Loop::Key,
        "first" => Loop::First,
        "last" => Loop::Last,
        _ => return None,
    })
}

/// The names between dots or slashes; one in brackets may contain both.
fn names(mut rest: &str) -> Vec<String> {
    let mut names = Vec::new();
    while !rest.is_empty() {
        let (name, after) = match rest
            .strip_prefix('[')
            .and_then(|inner| inner.split_once(']'))
        {
            Some((name, after)) => (name, after),
            None => rest.split_at(rest.find(['.', '/']).unwrap_or(rest.len())),
        };
        names.push(name.to_owned());
        rest = after.trim_start_matches(['.', '/']);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let path = |raw| Path::parse(raw).unwrap();
        assert_eq!(path("slots.card/label").names, ["slots", "card", "label"]);
        assert_eq!(path("this.a").start, Start::This);
        assert_eq!(path("this").names.len(), 0);
        assert_eq!(
            (path("../../x").up, path("../../x").names),
            (2, vec!["x".to_owned()])
        );
        assert_eq!(
            path("@../index"),
            Path {
                up: 1,
                start: Start::Loop(Loop::Index),
                names: vec![]
            }
        );
        assert_eq!(path("@root.slots.[a.b].0").names, ["slots", "a.b", "0"]);
        assert_eq!(Path::parse("@level"), None);
    }
}
