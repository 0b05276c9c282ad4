//! YAML as an ordered tree.

use saphyr_parser::{Event, Parser};

/// A tree of texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

/// The text's only document.
pub fn parse(text: &str) -> Node {
    let mut events = Parser::new_from_str(text)
        .map(|event| event.expect("the test's YAML is well formed").0)
        .filter(|event| !matches!(event, Event::StreamStart | Event::DocumentStart(_)))
        .collect::<Vec<_>>()
        .into_iter();
    node(&mut events).expect("the test's YAML has a value")
}

fn node<'a>(events: &mut impl Iterator<Item = Event<'a>>) -> Option<Node> {
    Some(match events.next()? {
        Event::Scalar(text, ..) => Node::Text(text.into_owned()),
        Event::SequenceStart(..) => {
            let mut list = Vec::new();
            while let Some(item) = node(events) {
                list.push(item);
            }
            Node::List(list)
        }
        Event::MappingStart(..) => {
            let mut map = Vec::new();
            while let Some(key) = node(events) {
                let value = node(events).expect("a key has a value");
                map.push((key.text().to_owned(), value));
            }
            Node::Map(map)
        }
        _ => return None,
    })
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, node)| node)
    }

    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).map(Node::text)
    }

    pub fn text(&self) -> &str {
        match self {
            Node::Text(text) => text,
            other => panic!("a text is wanted, not {other:?}"),
        }
    }

    /// A map's entries; of anything else none.
    pub fn map(&self) -> &[(String, Node)] {
        match self {
            Node::Map(map) => map,
            _ => &[],
        }
    }

    /// A list's items; anything else is a list of itself.
    pub fn list(&self) -> &[Node] {
        match self {
            Node::List(list) => list,
            other => std::slice::from_ref(other),
        }
    }

    pub fn is_true(&self) -> bool {
        self.text() == "true"
    }
}
