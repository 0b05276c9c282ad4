//! What understanding needs of an encoder, and the suite that every encoder passes. The encoders themselves are in `encode`.

/// From texts to vectors: texts that mean the same lie near each other.
pub trait Encoder: Send + Sync {
    /// A name for exactly this encoder with exactly these weights. A model trained with one can only be used with it.
    fn fingerprint(&self) -> &str;

    /// How many numbers a vector has.
    fn dimensions(&self) -> usize;

    /// The texts' vectors, each of length 1. The same text gives the same vector, bit by bit, whatever stands beside it. Any
    /// text can be encoded, in a bounded time.
    ///
    /// # Errors
    /// When the encoder can't be run.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError>;
}

/// Why a text has no vector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a text can't be encoded: {0}")]
pub struct EncodeError(pub String);

/// What an encoder does that it must not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncoderFault {
    /// It gave none.
    #[error(transparent)]
    Error(#[from] EncodeError),
    /// Another number of vectors than of texts, or of numbers than it says, or another length than 1.
    #[error("{0:?} has a vector of another shape")]
    Shape(String),
    /// A vector that depends on more than its text.
    #[error("{0:?} has another vector the second time or beside other texts")]
    Unsteady(String),
    /// A text that is further from one that means the same than from one that does not.
    #[error("{0:?} lies nearer to {2:?} than to {1:?}")]
    Meaning(&'static str, &'static str, &'static str),
}

/// A text, one that means the same in other words, and one that does not.
const MEANINGS: [[&str; 3]; 4] = [
    [
        "where is my card?",
        "my bank card has not arrived yet",
        "where is the nearest cinema?",
    ],
    [
        "how do i change my pin",
        "i want to set another pin code",
        "how do i bake bread",
    ],
    [
        "i was charged twice",
        "the payment was taken two times",
        "i like to play chess",
    ],
    [
        "close my account",
        "i no longer want to be a customer",
        "what is the weather like",
    ],
];

/// Texts that no customer should write, and some do.
fn odd() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "🙂🙂",
        "12345",
        "\u{0}\u{7}",
        "\u{202e}drac\u{202c}",
        "日本語",
    ]
    .map(str::to_owned)
    .into();
    texts.push("card ".repeat(20_000));
    texts.push("x".repeat(100_000));
    texts
}

/// Looks whether an encoder does what [`Encoder`] promises.
///
/// # Errors
/// The first promise that it does not keep.
pub fn check_encoder(encoder: &dyn Encoder) -> Result<(), EncoderFault> {
    let odd = odd();
    let mut texts: Vec<&str> = MEANINGS.iter().flatten().copied().collect();
    texts.extend(odd.iter().map(String::as_str));
    let together = encoder.encode(&texts)?;
    if together.len() != texts.len() {
        return Err(EncoderFault::Shape("the list of all texts".to_owned()));
    }
    for (text, vector) in texts.iter().zip(&together) {
        check_shape(encoder, text, vector)?;
        if encoder.encode(&[text])?.first() != Some(vector) {
            return Err(EncoderFault::Unsteady(shown(text)));
        }
    }
    for ([text, same, other], vectors) in MEANINGS.iter().zip(together.chunks(3)) {
        let near =
            |other: &[f32]| -> f32 { vectors[0].iter().zip(other).map(|(a, b)| a * b).sum() };
        if near(&vectors[1]) <= near(&vectors[2]) {
            return Err(EncoderFault::Meaning(text, same, other));
        }
    }
    Ok(())
}

fn check_shape(encoder: &dyn Encoder, text: &str, vector: &[f32]) -> Result<(), EncoderFault> {
    let square: f32 = vector.iter().map(|x| x * x).sum();
    let right = vector.len() == encoder.dimensions() && (square - 1.0).abs() < 1e-3;
    right
        .then_some(())
        .ok_or_else(|| EncoderFault::Shape(shown(text)))
}

/// The beginning of a text, for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
