//! Every encoder that this build knows keeps the contract, gives the vectors of the others, and refuses files that are not its own.
//!
//! Needs the encoders' files: `switchboard encoders get minilm` and `… get minilm-fp32` put them into the folder that
//! `SWITCHBOARD_ENCODERS` names.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use encode::{KINDS, Kind, Shelf, ShelfError};
use understand::{Encoder, check_encoder};

/// Texts as customers write them, short and long, with signs and letters that are rare.
const TEXTS: [&str; 8] = [
    "hi",
    "where is my card?",
    "I was charged twice for the same thing, once on Monday and once on Tuesday; please give me one of the two payments back.",
    "Überweisung nach Österreich",
    "can you close my account and send the rest to GB29 NWBK 6016 1331 9268 19",
    "日本語",
    "THIS IS NOT ACCEPTABLE!!!",
    "🙂",
];

/// How far two encoders with the same weights may lie apart, in each number of a vector.
const SAME_WEIGHTS: f32 = 1e-3;

/// How alike two encoders with the same weights are at least, as the cosine of their vectors.
const SAME_WEIGHTS_COSINE: f32 = 0.9999;

/// How alike weights of one byte are at least to those that they were made from.
const ONE_BYTE_COSINE: f32 = 0.996;

/// Of the public messages to a bank every so-manieth: from each intent a few.
const EVERY: usize = 97;

/// What customers really wrote, beside our own texts.
fn messages() -> Vec<String> {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../data/banking77/banking77.jsonl"
    );
    let lines = fs::read_to_string(file).expect("the corpus is there");
    let text = |line: &str| -> String {
        let line: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        line["text"].as_str().expect("it has a text").to_owned()
    };
    lines.lines().step_by(EVERY).map(text).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the files are, said by who runs the test"
)]
fn shelf() -> Shelf {
    let folder =
        std::env::var("SWITCHBOARD_ENCODERS").expect("SWITCHBOARD_ENCODERS names a folder");
    Shelf::new(PathBuf::from(folder))
}

fn open(kind: &'static Kind) -> Arc<dyn Encoder> {
    shelf().open(kind).expect("the encoder was fetched")
}

fn file(kind: &Kind, number: usize) -> Vec<u8> {
    fs::read(shelf().folder(kind).join(kind.files[number].name)).expect("it was fetched")
}

fn refused(kind: &Kind, model: Vec<u8>, tokenizer: &[u8]) -> String {
    let loaded = kind.load(model, tokenizer);
    loaded.err().expect("it must be refused")
}

#[test]
fn every_encoder_keeps_the_contract() {
    for kind in KINDS {
        assert_eq!(check_encoder(open(kind).as_ref()), Ok(()), "{}", kind.name);
    }
}

#[test]
fn the_same_text_has_the_same_vector_with_every_encoder() {
    let full = Kind::of("minilm-fp32").expect("it is known");
    let messages = messages();
    let texts: Vec<&str> = messages.iter().map(String::as_str).chain(TEXTS).collect();
    let expected = open(full).encode(&texts).expect("they can be encoded");
    for kind in KINDS {
        let vectors = open(kind).encode(&texts).expect("they can be encoded");
        let same_weights = kind.files[0] == full.files[0];
        for ((text, one), other) in texts.iter().zip(&vectors).zip(&expected) {
            let cosine: f32 = one.iter().zip(other).map(|(a, b)| a * b).sum();
            let apart = one.iter().zip(other).map(|(a, b)| (a - b).abs());
            let apart = apart.fold(0.0, f32::max);
            if same_weights {
                assert!(apart < SAME_WEIGHTS, "{} {text:?}: {apart}", kind.name);
                assert!(
                    cosine > SAME_WEIGHTS_COSINE,
                    "{} {text:?}: {cosine}",
                    kind.name
                );
            } else {
                assert!(cosine > ONE_BYTE_COSINE, "{} {text:?}: {cosine}", kind.name);
            }
        }
    }
}

#[test]
fn a_vector_is_that_of_its_text_alone() {
    for kind in KINDS {
        let encoder = open(kind);
        let together = encoder.encode(&TEXTS).expect("they can be encoded");
        for (text, vector) in TEXTS.iter().zip(&together) {
            let alone = encoder.encode(&[text]).expect("it can be encoded");
            assert_eq!(&alone[0], vector, "{} {text:?}", kind.name);
        }
        let again = open(kind).encode(&TEXTS).expect("they can be encoded");
        assert_eq!(again, together, "{}, loaded anew", kind.name);
    }
}

#[test]
fn files_cut_short_empty_changed_or_of_another_encoder_are_refused_by_name() {
    for kind in KINDS {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Shelf::new(folder.path().to_owned());
        let files = kind.files.iter();
        let files: Vec<PathBuf> = files
            .map(|file| shelf().folder(kind).join(file.name))
            .collect();
        own.put(kind, &files).expect("the files are right");
        assert!(own.open(kind).is_ok(), "{}", kind.name);
        for file in &kind.files {
            let path = own.folder(kind).join(file.name);
            let whole = fs::read(&path).expect("it was put there");
            for (damage, content) in damaged(&whole) {
                fs::write(&path, content).expect("written");
                let error = own.open(kind).err().expect("it is damaged");
                assert!(matches!(error, ShelfError::Wrong { .. }), "{error}");
                let path = path.display().to_string();
                assert!(error.to_string().contains(&path), "{damage}: {error}");
            }
            fs::write(&path, whole).expect("written");
        }
        assert!(own.remove(kind).expect("it can be removed"));
        assert!(matches!(own.open(kind), Err(ShelfError::Missing { .. })));
    }
}

fn damaged(whole: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    let mut flipped = whole.to_vec();
    flipped[whole.len() / 2] ^= 1;
    let half = whole[..whole.len() / 2].to_vec();
    let another = br#"{"model":{"vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2}}}"#.to_vec();
    [
        ("cut short", half),
        ("empty", Vec::new()),
        ("one bit", flipped),
        ("another file", another),
    ]
}

#[test]
fn a_model_that_is_none_is_refused() {
    for kind in KINDS {
        for model in [Vec::new(), b"no model".to_vec(), vec![0; 4096]] {
            let error = refused(kind, model, &file(kind, 1));
            assert!(error.contains("can't be read"), "{}: {error}", kind.name);
        }
    }
}

#[test]
fn weights_of_another_shape_are_refused_with_the_name_of_the_weight() {
    for kind in KINDS
        .iter()
        .filter(|kind| kind.files[0].name == "model.safetensors")
    {
        let whole = file(kind, 0);
        let start = 8 + u64::from_le_bytes(whole[..8].try_into().expect("eight")) as usize;
        let header = String::from_utf8(whole[8..start].to_vec()).expect("it is JSON");
        // As long as before, so that nothing else moves.
        let changes = [
            (
                "[30522,384]",
                "[30521,384]",
                "`embeddings.word_embeddings.weight`",
            ),
            (
                "layer.5.output.dense.bias",
                "layer.7.output.dense.bias",
                "no `encoder.layer.5.output.dense.bias`",
            ),
            (
                "\"F32\",\"shape\":[512,384]",
                "\"F16\",\"shape\":[512,384]",
                "F16 [512, 384] instead of F32",
            ),
        ];
        for (before, after, expected) in changes {
            assert!(header.contains(before), "{before}");
            let mut other = whole.clone();
            other[8..start].copy_from_slice(header.replace(before, after).as_bytes());
            let error = refused(kind, other, &file(kind, 1));
            assert!(error.contains(expected), "{}: {error}", kind.name);
        }
        let error = refused(kind, whole[..whole.len() / 2].to_vec(), &file(kind, 1));
        assert!(error.contains("is cut short"), "{}: {error}", kind.name);
    }
}

#[test]
fn a_model_that_is_no_encoder_of_texts_is_refused() {
    // ONNX of one operator: an input is given back.
    let mut model = b"\x08\x09".to_vec();
    let graph = b"\x0a\x10\x0a\x01x\x12\x01y\x22\x08Identity\x5a\x03\x0a\x01x\x62\x03\x0a\x01y";
    model.extend([0x3a, graph.len() as u8]);
    model.extend(graph);
    model.extend(b"\x42\x04\x0a\x00\x10\x14");
    let kind = Kind::of("minilm").expect("it is known");
    let error = refused(kind, model, &file(kind, 1));
    assert!(error.contains("no input `input_ids`"), "{error}");
}

#[test]
fn a_tokenizer_of_another_model_is_refused() {
    for kind in KINDS {
        let mut json: serde_json::Value =
            serde_json::from_slice(&file(kind, 1)).expect("it is JSON");
        let vocabulary = json["model"]["vocab"].as_object_mut().expect("a map");
        // The last one, so that the others are still numbered from 0 on.
        vocabulary.retain(|_, id| *id != 30_521);
        let error = refused(kind, file(kind, 0), json.to_string().as_bytes());
        assert!(
            error.contains("knows 30521 tokens instead of 30522"),
            "{}: {error}",
            kind.name
        );
    }
}
