//! Every encoder that this build knows keeps the contract, and refuses files that are not its own.
//!
//! Needs the encoders' files: `switchboard encoders get minilm` and `… get minilm-fp32` put them into the folder that
//! `SWITCHBOARD_ENCODERS` names.

use std::path::PathBuf;

use encode::{KINDS, Kind, MiniLm, Shelf, ShelfError};
use understand::check_encoder;

#[expect(
    clippy::disallowed_methods,
    reason = "where the files are, said by who runs the test"
)]
fn shelf() -> Shelf {
    let folder =
        std::env::var("SWITCHBOARD_ENCODERS").expect("SWITCHBOARD_ENCODERS names a folder");
    Shelf::new(PathBuf::from(folder))
}

fn open(kind: &'static Kind) -> MiniLm {
    shelf().open(kind).expect("the encoder was fetched")
}

#[test]
fn every_encoder_keeps_the_contract() {
    for kind in KINDS {
        assert_eq!(check_encoder(&open(kind)), Ok(()), "{}", kind.name);
    }
}

#[test]
fn files_cut_short_or_changed_are_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let kind = &KINDS[0];
    let own = Shelf::new(folder.path().to_owned());
    let files: Vec<PathBuf> = kind
        .files
        .iter()
        .map(|file| shelf().folder(kind).join(file.name))
        .collect();
    own.put(kind, &files).expect("the files are right");
    let model = own.folder(kind).join("model.onnx");
    let whole = std::fs::read(&model).expect("it was put there");
    std::fs::write(&model, &whole[..whole.len() / 2]).expect("written");
    let error = own.open(kind).err().expect("it is cut short").to_string();
    assert!(
        error.contains("model.onnx") && error.contains("bytes instead of"),
        "{error}"
    );
    let mut changed = whole;
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    std::fs::write(&model, changed).expect("written");
    assert!(matches!(own.open(kind), Err(ShelfError::Wrong { .. })));
    assert!(own.remove(kind).expect("it can be removed"));
    assert!(matches!(own.open(kind), Err(ShelfError::Missing { .. })));
}

#[test]
fn a_model_of_another_shape_is_refused() {
    let tokenizer = shelf().folder(&KINDS[0]).join("tokenizer.json");
    let tokenizer = std::fs::read(tokenizer).expect("it was fetched");
    let refused = MiniLm::load(b"no model".to_vec(), &tokenizer, "x".to_owned());
    assert!(
        refused
            .err()
            .expect("it is none")
            .contains("model can't be read")
    );
}
