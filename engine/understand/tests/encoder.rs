//! What an encoder adds: words that no example has, a model that belongs to its encoder, vectors that are kept. The encoder
//! here is a toy that knows a few words that mean the same; the real ones are tested in `encode`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use understand::{
    EncodeError, Encoder, EncoderFault, Example, IntentExamples, Model, ModelError, Token, Trainer,
    TrainingData, check_encoder,
};

/// Words of one line mean the same.
const MEANINGS: [&str; 6] = [
    "card plastic",
    "lost gone vanished misplaced",
    "rate course conversion",
    "dollars greenbacks pounds",
    "open unlocked serving",
    "sunday weekend saturday hours",
];

const DIMENSIONS: usize = 32;

/// Each meaning is an axis; other words are spread over the rest.
#[derive(Default)]
struct Toy {
    name: &'static str,
    encoded: AtomicUsize,
    broken: AtomicBool,
}

impl Encoder for Toy {
    fn fingerprint(&self) -> &str {
        self.name
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(EncodeError("it is broken".to_owned()));
        }
        self.encoded.fetch_add(texts.len(), Ordering::Relaxed);
        Ok(texts.iter().map(|text| vector(text)).collect())
    }
}

fn vector(text: &str) -> Vec<f32> {
    let mut vector = [0.01; DIMENSIONS];
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        let word = word.to_lowercase();
        let meaning = MEANINGS
            .iter()
            .position(|of| of.split(' ').any(|one| one == word));
        let other = || {
            MEANINGS.len()
                + word.bytes().map(usize::from).sum::<usize>() % (DIMENSIONS - MEANINGS.len())
        };
        let weight = if meaning.is_some() { 1.0 } else { 0.1 };
        vector[meaning.unwrap_or_else(other)] += weight;
    }
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter().map(|x| x / length).collect()
}

fn toy(name: &'static str) -> Arc<Toy> {
    Arc::new(Toy {
        name,
        ..Toy::default()
    })
}

fn data() -> TrainingData {
    let intents = BTreeMap::from([
        (
            "lost_card",
            [
                "I lost my card",
                "my card is gone",
                "card lost",
                "the card is gone",
                "lost the card",
            ],
        ),
        (
            "exchange_rate",
            [
                "the rate for dollars",
                "rate of pounds",
                "what rate for dollars",
                "dollars rate",
                "pounds rate",
            ],
        ),
        (
            "opening_hours",
            [
                "open on sunday",
                "are you open at the weekend",
                "which hours are you open",
                "sunday open",
                "open hours",
            ],
        ),
    ]);
    let intent = |(name, examples): (&str, [&str; 5])| IntentExamples {
        intent: name.to_owned(),
        locale: "en".into(),
        examples: examples.map(Example::from).into(),
    };
    TrainingData {
        locales: vec!["en".into()],
        intents: intents.into_iter().map(intent).collect(),
        entities: Vec::new(),
    }
}

fn train(encoder: Arc<Toy>) -> Model {
    Trainer::with(encoder, &[])
        .train(&data(), &mut |_| ())
        .expect("the toy works")
}

fn best(model: &Model, text: &str) -> String {
    model
        .classify(text)
        .intents
        .first()
        .map_or(String::new(), |best| best.intent.clone())
}

#[test]
fn words_that_no_example_has_are_understood() {
    let sparse = Model::train(&data(), &mut |_| ());
    let model = train(toy("toy"));
    let texts = [
        ("misplaced plastic", "lost_card"),
        ("conversion to greenbacks", "exchange_rate"),
        ("serving saturday", "opening_hours"),
    ];
    let right = |model: &Model| {
        texts
            .iter()
            .filter(|(text, intent)| best(model, text) == *intent)
            .count()
    };
    assert_eq!(right(&model), 3);
    assert!(right(&sparse) < 3, "the texts are too easy for this test");
}

#[test]
fn a_kept_model_belongs_to_its_encoder() {
    let model = train(toy("toy"));
    let bytes = model.to_bytes();
    let kept = Model::from_bytes_with(&bytes, toy("toy")).expect("it was just written");
    for text in ["misplaced plastic", "what rate", "xyzzy"] {
        assert_eq!(kept.classify(text), model.classify(text));
    }
    let needed = |given: &str| ModelError::Encoder {
        needed: "toy".to_owned(),
        given: given.to_owned(),
    };
    assert_eq!(
        Model::from_bytes_with(&bytes, toy("another")).err(),
        Some(needed("another"))
    );
    assert_eq!(Model::from_bytes(&bytes).err(), Some(needed("no encoder")));
    for length in [12, 60, bytes.len() / 2, bytes.len() - 1] {
        assert_eq!(
            Model::from_bytes_with(&bytes[..length], toy("toy")).err(),
            Some(ModelError::Damaged),
            "{length}"
        );
    }
}

#[test]
fn each_encoder_has_models_of_its_own() {
    let data = data();
    let hashes = [
        Trainer::sparse().hash(&data),
        Trainer::with(toy("one"), &[]).hash(&data),
        Trainer::with(toy("two"), &[]).hash(&data),
    ];
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2]);
    assert_eq!(train(toy("one")).hash(), hashes[1]);
}

#[test]
fn texts_are_encoded_once_and_the_bytes_are_the_same() {
    let first = toy("toy");
    let mut trainer = Trainer::with(first.clone(), &[]);
    let model = trainer.train(&data(), &mut |_| ()).expect("the toy works");
    let vectors = trainer.vectors().expect("there is an encoder");
    // Fifteen examples and three names.
    assert_eq!(first.encoded.load(Ordering::Relaxed), 18);
    let second = toy("toy");
    let again = Trainer::with(second.clone(), &vectors)
        .train(&data(), &mut |_| ())
        .expect("the toy works");
    assert_eq!(second.encoded.load(Ordering::Relaxed), 0);
    assert_eq!(again.to_bytes(), model.to_bytes());
    for useless in [
        &vectors[..vectors.len() - 1],
        &vectors[..10],
        b"something else",
    ] {
        let third = toy("toy");
        let model = Trainer::with(third.clone(), useless).train(&data(), &mut |_| ());
        assert!(model.is_ok() && third.encoded.load(Ordering::Relaxed) == 18);
    }
}

#[test]
fn without_its_encoder_a_model_answers_from_words_alone() {
    let encoder = toy("toy");
    let model = train(encoder.clone());
    encoder.broken.store(true, Ordering::Relaxed);
    assert_eq!(best(&model, "I lost my card"), "lost_card");
    let mut trainer = Trainer::with(encoder, &[]);
    assert!(trainer.train(&data(), &mut |_| ()).is_err());
}

/// Gives another vector each time.
struct Unsteady(AtomicUsize);

impl Encoder for Unsteady {
    fn fingerprint(&self) -> &str {
        "unsteady"
    }

    fn dimensions(&self) -> usize {
        2
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let axis = self.0.fetch_add(1, Ordering::Relaxed) % 2;
        let vector = vec![axis as f32, 1.0 - axis as f32];
        Ok(vec![vector; texts.len()])
    }
}

/// Its tokens are those of another text.
struct Torn;

impl Encoder for Torn {
    fn fingerprint(&self) -> &str {
        "torn"
    }

    fn dimensions(&self) -> usize {
        2
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        Ok(vec![vec![0.0, 1.0]; texts.len()])
    }

    fn tokens(&self, texts: &[&str]) -> Result<Vec<Vec<Token>>, EncodeError> {
        let vector = vec![1.0, 0.0];
        Ok(vec![vec![Token { id: 1, vector }]; texts.len()])
    }
}

#[test]
fn the_suite_finds_what_is_wrong() {
    let fault = check_encoder(&Torn);
    assert!(matches!(fault, Err(EncoderFault::Tokens(_))), "{fault:?}");
    let fault = check_encoder(&Unsteady(AtomicUsize::new(0)));
    assert!(matches!(fault, Err(EncoderFault::Unsteady(_))), "{fault:?}");
    let broken = toy("toy");
    broken.broken.store(true, Ordering::Relaxed);
    assert!(matches!(
        check_encoder(broken.as_ref()),
        Err(EncoderFault::Error(_))
    ));
    // The toy knows none of the suite's words.
    assert!(matches!(
        check_encoder(toy("toy").as_ref()),
        Err(EncoderFault::Meaning(..))
    ));
}

/// Vectors that say nothing about what a text means, as those of an encoder that does not know the language.
struct Noise;

impl Encoder for Noise {
    fn fingerprint(&self) -> &str {
        "noise"
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let noise = |text: &&str| {
            let mut state = text.bytes().fold(7_u32, |state, byte| {
                (state ^ u32::from(byte)).wrapping_mul(0x0100_0193)
            });
            let mut vector = [0.0_f32; DIMENSIONS];
            for x in &mut vector {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *x = (state >> 16) as f32 / 32_768.0 - 1.0;
            }
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            vector.iter().map(|x| x / length).collect()
        };
        Ok(texts.iter().map(noise).collect())
    }
}

/// An intent's German examples: each frame with each other word at `*` and the name at `#`.
fn german(intent: &str, name: &str, others: [&str; 3], frames: [&str; 4]) -> IntentExamples {
    IntentExamples {
        intent: intent.to_owned(),
        locale: "de".into(),
        examples: frames
            .iter()
            .flat_map(|frame| others.map(|other| frame.replace('*', other).replace('#', name)))
            .map(|text| Example::from(text.as_str()))
            .collect(),
    }
}

#[test]
fn an_encoder_that_does_not_help_is_not_used() {
    let words = [
        ("verloren", ["Karte", "Ausweis", "Schlüssel"]),
        ("Wechselkurs", ["Dollar", "Pfund", "Franken"]),
        ("geöffnet", ["Sonntag", "Samstag", "abends"]),
    ];
    let frames = ["Ist * #?", "# * bitte", "* #", "Wie ist das mit # und *"];
    let intent = |(name, others): (&str, [&str; 3])| german(name, name, others, frames);
    let data = TrainingData {
        locales: vec!["de".into()],
        intents: words.map(intent).into(),
        entities: Vec::new(),
    };
    let model = Trainer::with(Arc::new(Noise), &[])
        .train(&data, &mut |_| ())
        .expect("noise works");
    assert!(model.encoder().is_none());
    assert_eq!(best(&model, "Wechselkurs für Dollar"), "Wechselkurs");
    let kept = Model::from_bytes_with(&model.to_bytes(), Arc::new(Noise))
        .expect("it was trained with this encoder");
    assert_eq!(
        kept.classify("Dollar geöffnet"),
        model.classify("Dollar geöffnet")
    );
    assert!(Model::from_bytes(&model.to_bytes()).is_err());
}

/// The toy for English, noise for German, which it knows by a few words.
#[derive(Default)]
struct EnglishOnly {
    english: Toy,
    german: AtomicUsize,
}

impl Encoder for EnglishOnly {
    fn fingerprint(&self) -> &str {
        "english"
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        let one = |text: &&str| {
            let german = text
                .split(' ')
                .any(|word| ["ist", "bitte", "der"].contains(&word));
            match german {
                true => {
                    self.german.fetch_add(1, Ordering::Relaxed);
                    Noise.encode(&[text])
                }
                false => self.english.encode(&[text]),
            }
        };
        texts
            .iter()
            .map(|text| one(text).map(|mut all| all.remove(0)))
            .collect()
    }
}

#[test]
fn each_language_is_read_by_what_reads_it_best() {
    let words = [
        (
            "lost_card",
            "verloren",
            ["die Karte", "der Ausweis", "die Visa"],
        ),
        (
            "exchange_rate",
            "Wechselkurs",
            ["der Dollar", "das Pfund", "der Franken"],
        ),
        (
            "opening_hours",
            "geöffnet",
            ["der Sonntag", "am Samstag", "abends"],
        ),
    ];
    let frames = [
        "ist * # bitte",
        "# ist * bitte",
        "warum ist * #",
        "wie ist das mit # und *",
    ];
    let german = words.map(|(intent, name, others)| german(intent, name, others, frames));
    // Each word stands in one English example only: the others are known by what they mean.
    let english = [
        ("lost_card", [0, 1]),
        ("exchange_rate", [2, 3]),
        ("opening_hours", [4, 5]),
    ];
    let english = english.map(|(intent, meanings)| IntentExamples {
        intent: intent.to_owned(),
        locale: "en".into(),
        examples: meanings
            .iter()
            .flat_map(|meaning| MEANINGS[*meaning].split(' '))
            .map(|word| Example::from(format!("can you please help me with {word}").as_str()))
            .collect(),
    });
    let mut data = TrainingData {
        locales: vec!["en".into(), "de".into()],
        intents: english.into(),
        entities: Vec::new(),
    };
    data.intents.extend(german);
    let encoder = Arc::new(EnglishOnly::default());
    let model = Trainer::with(encoder.clone(), &[])
        .train(&data, &mut |_| ())
        .expect("the toy works");
    assert!(model.encoder().is_some(), "it helps in English");
    assert_eq!(best(&model, "misplaced plastic"), "lost_card");
    assert_eq!(
        model
            .language("wie ist der Kurs bitte")
            .map(|locale| locale.as_str()),
        Some("de")
    );
    let read = encoder.german.load(Ordering::Relaxed);
    let text = "wie ist der Kurs für die Ausweise bitte";
    assert!(!best(&model, text).is_empty());
    let now = encoder.german.load(Ordering::Relaxed);
    assert_eq!(now, read, "the encoder was asked");
}
