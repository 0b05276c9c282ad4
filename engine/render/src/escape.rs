//! Inserted values can't become markup: each is escaped for the format that it is inserted into. The author's own words are not.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The format of a channel's texts. It says how inserted values are escaped; the author's words stay as they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Nothing has a meaning: nothing is escaped.
    #[default]
    Plain,
    /// CommonMark and its relatives.
    Markdown,
    /// HTML, in an element or a quoted attribute.
    Html,
}

impl Format {
    /// Appends a value so that it shows as it is.
    pub(crate) fn append(self, out: &mut String, value: &str) {
        match self {
            Format::Plain => out.push_str(value),
            Format::Markdown => append_markdown(out, value),
            Format::Html => append_html(out, value),
        }
    }

    /// A text that shows as it is.
    pub(crate) fn escaped(self, value: &str) -> String {
        let mut out = String::with_capacity(value.len());
        self.append(&mut out, value);
        out
    }
}

/// How values are inserted into one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// As in the channel's texts.
    Text(Format),
    /// As in an address: a value that is the whole of it stays, one inside it is percent-encoded.
    Address,
}

impl Escape {
    pub(crate) fn append(self, out: &mut String, value: &str) {
        match self {
            Escape::Text(format) => format.append(out, value),
            Escape::Address if out.is_empty() => out.push_str(value),
            Escape::Address => out.extend(utf8_percent_encode(value, ENCODED)),
        }
    }
}

/// Everything but RFC 3986's unreserved characters is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Whether an address leads where a customer's client may follow: http, https, mailto, tel, or a path.
pub(crate) fn is_harmless(address: &str) -> bool {
    let scheme = address
        .split(['/', '?', '#'])
        .next()
        .and_then(|start| start.split_once(':'))
        .map(|(scheme, _)| scheme);
    let known = scheme.is_none_or(|scheme| {
        ["http", "https", "mailto", "tel"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme))
    });
    known && !address.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn append_html(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// A backslash before what means something anywhere, and before what means something where a line begins
/// (<https://spec.commonmark.org/0.31.2/#backslash-escapes>). No more: "5 - 3 = 2." stays readable where Markdown is shown raw.
fn append_markdown(out: &mut String, value: &str) {
    let mut line = Line::last_of(out);
    for c in value.chars() {
        let escape = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '|' | '&' => true,
            '#' | '+' | '-' | '=' => line == Line::Blank,
            '.' | ')' => line == Line::Digits,
            _ => false,
        };
        if escape {
            out.push('\\');
        }
        out.push(c);
        line = line.then(c);
    }
}

/// What stands on a line so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    /// Nothing but blanks: a dash here would begin a list.
    Blank,
    /// Nothing but digits: a full stop behind them would begin a numbered list.
    Digits,
    /// Something else.
    Text,
}

impl Line {
    fn last_of(text: &str) -> Self {
        let line = text.rsplit('\n').next().unwrap_or_default();
        line.chars().fold(Line::Blank, Line::then)
    }

    fn then(self, c: char) -> Self {
        match (self, c) {
            (_, '\n') => Line::Blank,
            (Line::Blank, ' ' | '\t') => Line::Blank,
            (Line::Blank | Line::Digits, '0'..='9') => Line::Digits,
            _ => Line::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_a_value_as_it_is() {
        let escaped = |value| Format::Markdown.escaped(value);
        assert_eq!(
            escaped("*bold* [link](x) <b> a_b `c`"),
            r"\*bold\* \[link\](x) \<b\> a\_b \`c\`"
        );
        assert_eq!(
            escaped("- one\n# two\n1. three\n5 - 3 = 2."),
            "\\- one\n\\# two\n1\\. three\n5 - 3 = 2."
        );
    }

    #[test]
    fn markdown_knows_what_stands_before_a_value() {
        let mut out = "Balance: ".to_owned();
        Format::Markdown.append(&mut out, "-5.00");
        assert_eq!(out, "Balance: -5.00");
    }

    #[test]
    fn html_shows_a_value_as_it_is() {
        assert_eq!(
            Format::Html.escaped("<a href='x'>\"&</a>"),
            "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&lt;/a&gt;"
        );
    }
}
