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

    /// The texts token by token, in order: each token's vector in its place, so that texts can be compared word by word. Their mean,
    /// brought to length 1, is the text's vector, and what [`Encoder::encode`] promises holds here too. An encoder that doesn't
    /// know tokens takes a text for one.
    ///
    /// # Errors
    /// As [`Encoder::encode`].
    fn tokens(&self, texts: &[&str]) -> Result<Vec<Vec<Token>>, EncodeError> {
        let whole = |vector| vec![Token { id: 0, vector }];
        Ok(self.encode(texts)?.into_iter().map(whole).collect())
    }
}

/// A part of a text as an encoder reads it: a word, a part of one, a mark.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The same for the same part of any text.
    pub id: u32,
    /// Of any length.
    pub vector: Vec<f32>,
}

/// The mean of vectors, of length 1; none when it has no length, or holds what is no number.
pub fn unit_mean<'a>(
    vectors: impl Iterator<Item = &'a [f32]>,
    dimensions: usize,
) -> Option<Vec<f32>> {
    let mut mean = vec![0.0_f32; dimensions];
    for vector in vectors {
        mean.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
    }
    let length = mean.iter().map(|x| x * x).sum::<f32>().sqrt();
    (length.is_finite() && length > 0.0).then(|| mean.iter().map(|x| x / length).collect())
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
    /// Tokens whose mean is not the text's vector.
    #[error("the tokens of {0:?} have another mean than its vector")]
    Tokens(String),
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
        check_tokens(encoder, text, vector)?;
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

fn check_tokens(encoder: &dyn Encoder, text: &str, vector: &[f32]) -> Result<(), EncoderFault> {
    let tokens = encoder.tokens(&[text])?.pop().unwrap_or_default();
    let dimensions = encoder.dimensions();
    let all = tokens.iter().map(|token| token.vector.as_slice());
    let right = tokens.iter().all(|token| token.vector.len() == dimensions)
        && unit_mean(all, dimensions).is_some_and(|mean| mean == vector);
    match right || is_one(&tokens, vector) {
        true => Ok(()),
        false => Err(EncoderFault::Tokens(shown(text))),
    }
}

/// A text that is taken for one token.
fn is_one(tokens: &[Token], vector: &[f32]) -> bool {
    matches!(tokens, [one] if one.vector == vector)
}

/// The beginning of a text, for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
