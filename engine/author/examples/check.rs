//! Checks a bot's folder and prints what was found: `cargo run --release -p author --example check -- FOLDER`.

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let files = match author::read(folder.as_ref()) {
        Ok(files) => files,
        Err(error) => return eprintln!("{folder} cannot be read: {error}"),
    };
    let compiled = author::compile(&files, &author::Catalogue::default());
    print!(
        "{}",
        author::print::human(&compiled.diagnostics, &compiled.files)
    );
    println!(
        "{} found; bot: {}",
        compiled.diagnostics.len(),
        compiled.bot.is_some()
    );
}
