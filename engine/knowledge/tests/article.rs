//! Articles of every kind are read into the same passages, and hostile ones cost only themselves.

use std::collections::BTreeMap;

use knowledge::Library;
use knowledge::article::{Article, PASSAGE_CHARS_MAX};

const MARKDOWN: &str = "---\ntitle: Cards\nlink: https://bank.example/cards\n---\n\nAll about cards.\n\n## Delivery\n\nBy *letter*,\nMonday to \
    Friday.\n\n- first\n- second\n\n| to | standard | express |\n| --- | --- | --- |\n| Germany | 5 days | 2 days, €15.00 |\n\n### Abroad\n\nOnly in \
    the EEA.\n";
const HTML: &str = "<!doctype html><html><head><title>Cards | Bank</title><link rel=canonical href='https://bank.example/cards'><style>p{}</style>\
    </head><body><nav>Home Log in</nav><main><h1>Cards</h1><p>All about cards.<h2 id=delivery>Delivery</h2><p>By <em>letter</em>, Monday to \
    Friday.</p><ul><li>first<li>second</ul><table><tr><th>to<th>standard<th>express</tr><tr><td>Germany<td>5 days<td>2 days, €15.00</table>\
    <script>alert('x')</script><h3>Abroad</h3>Only in the EEA.</main><footer>Imprint</footer></body></html>";

fn read(path: &str, bytes: &[u8]) -> Article {
    Article::read(path, bytes).unwrap_or_else(|error| panic!("{error}"))
}

fn shown(article: &Article) -> Vec<(String, String)> {
    article
        .passages
        .iter()
        .map(|one| (one.headings.join(" › "), one.text.clone()))
        .collect()
}

#[test]
fn markdown_and_html_come_to_the_same_passages() {
    let wanted = [
        ("", "All about cards."),
        ("Delivery", "By letter, Monday to Friday.\nfirst\nsecond\nGermany: standard 5 days; express 2 days, €15.00"),
        ("Delivery › Abroad", "Only in the EEA."),
    ]
    .map(|(headings, text)| (headings.to_owned(), text.to_owned()));
    for (path, text) in [
        ("knowledge/en/help/cards.md", MARKDOWN),
        ("knowledge/en/help/cards.html", HTML),
    ] {
        let article = read(path, text.as_bytes());
        assert_eq!(shown(&article), wanted, "{path}");
        assert_eq!(
            (
                article.name.as_str(),
                article.locale.as_str(),
                article.title.as_str()
            ),
            ("help/cards", "en", "Cards")
        );
        assert_eq!(article.link.as_deref(), Some("https://bank.example/cards"));
        assert_eq!(article.passages[1].anchor.as_deref(), Some("delivery"));
    }
}

#[test]
fn plain_text_has_a_title_and_paragraphs() {
    let article = read(
        "knowledge/de/karten.txt",
        "Karten\r\n\r\nSie kommen\r\nper Brief.\n\nKostenlos.".as_bytes(),
    );
    assert_eq!(article.title, "Karten");
    assert_eq!(
        article.passages[0].text,
        "Sie kommen per Brief.\nKostenlos."
    );
}

/// A PDF of one page with one line, as small as they can be.
fn pdf(line: &str) -> Vec<u8> {
    let stream = format!("BT /F1 24 Tf 72 720 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let start = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        file += &format!("{place:010} 00000 n \n");
    }
    file += &format!(
        "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    );
    file.into_bytes()
}

#[test]
fn a_pdf_is_read_by_page() {
    let article = read(
        "knowledge/en/manual.pdf",
        &pdf("Cards arrive within five days."),
    );
    assert!(
        article.passages[0]
            .text
            .contains("Cards arrive within five days."),
        "{article:?}"
    );
    assert_eq!(article.passages[0].anchor.as_deref(), Some("page=1"));
}

#[test]
fn what_is_no_article_is_named() {
    for (path, bytes, reason) in [
        ("knowledge/en/a.pdf", b"%PDF-1.4 nothing".to_vec(), "PDF"),
        ("knowledge/en/a.pdf", pdf("x")[..200].to_vec(), "PDF"),
        ("knowledge/en/a.md", vec![b'a', 0xff], "UTF-8"),
        (
            "knowledge/en/a.html",
            b"<script>only</script>".to_vec(),
            "no text",
        ),
        ("knowledge/en/a.txt", vec![b' '; 11 << 20], "larger than"),
        ("knowledge/a.md", b"text".to_vec(), "locale"),
        ("knowledge/en/a.doc", b"text".to_vec(), "`doc`"),
    ] {
        let error = Article::read(path, &bytes).expect_err(path).to_string();
        assert!(error.starts_with(path) && error.contains(reason), "{error}");
    }
}

#[test]
fn hostile_pages_are_read_in_bounded_time_and_cut_into_bounded_passages() {
    let deep_html = "<div><table><tr><td>".repeat(50_000) + "text";
    let deep_markdown = "> ".repeat(10_000) + "text\n" + &"* ".repeat(10_000) + "more";
    let long_word = "x".repeat(100_000);
    let long_line = "word ".repeat(50_000);
    let many = "## a\n\nb\n\n".repeat(3_000);
    for (path, text) in [
        ("knowledge/en/a.html", &deep_html),
        ("knowledge/en/a.md", &deep_markdown),
        ("knowledge/en/a.txt", &long_word),
        ("knowledge/en/a.md", &long_line),
        ("knowledge/en/a.md", &many),
    ] {
        let article = read(path, text.as_bytes());
        assert!(
            article
                .passages
                .iter()
                .all(|one| one.text.chars().count() <= PASSAGE_CHARS_MAX + 1),
            "{path}"
        );
    }
    assert!(read("knowledge/en/a.md", many.as_bytes()).is_cut);
}

#[test]
fn only_changed_files_are_read_again_and_a_broken_one_keeps_its_earlier_version() {
    let file = |text: &str| text.as_bytes().to_vec();
    let mut files = BTreeMap::from([
        ("bot.yaml".to_owned(), file("bot: b")),
        ("knowledge/en/a.md".to_owned(), file("# A\n\none")),
        ("knowledge/en/b.md".to_owned(), file("# B\n\ntwo")),
    ]);
    let mut library = Library::default();
    let update = library.update(&files);
    assert_eq!((update.read, update.kept, update.removed), (2, 0, 0));
    files.insert("knowledge/en/a.md".to_owned(), file("# A\n\nchanged"));
    let update = library.update(&files);
    assert_eq!((update.read, update.kept), (1, 1));
    files.insert("knowledge/en/a.md".to_owned(), vec![0xff]);
    let update = library.update(&files);
    assert_eq!((update.read, update.errors.len()), (0, 1));
    assert_eq!(
        library.articles().next().expect("it stays").passages[0].text,
        "changed"
    );
    files.remove("knowledge/en/b.md");
    assert_eq!(library.update(&files).removed, 1);
}
