//! The shape of MiniLM, a small BERT: what its weights are called, how large each is, and what becomes of its last layer.

use understand::{EncodeError, Token, unit_mean};

/// Tokens that the model knows.
pub(crate) const VOCABULARY: usize = 30_522;

/// Places in a text that the model can tell apart.
pub(crate) const POSITIONS: usize = 512;

/// Parts of a text that the model can tell apart; a message is all of the first.
pub(crate) const PARTS: usize = 2;

/// Numbers of a vector.
pub(crate) const DIMENSIONS: usize = 384;

/// Numbers of a vector between the two halves of a layer.
pub(crate) const INNER: usize = 1_536;

/// Layers.
pub(crate) const LAYERS: usize = 6;

/// Heads of a layer, each of which looks at the text in its own way.
pub(crate) const HEADS: usize = 12;

/// What is added to a variance, so that nothing is divided by zero.
pub(crate) const EPSILON: f32 = 1e-12;

/// Tokens of a text that are read, the two marks at its ends among them: what the tokenizer of the model is set to. What comes
/// behind costs time and rarely changes what a message asks for.
pub(crate) const TOKENS_MAX: usize = 128;

/// A text's vector: the mean of its tokens', which stand one behind the other.
pub(crate) fn text_vector(numbers: &[f32]) -> Result<Vec<f32>, EncodeError> {
    unit_mean(numbers.chunks_exact(DIMENSIONS), DIMENSIONS)
        .ok_or_else(|| EncodeError("its vectors hold what is no number".to_owned()))
}

/// A text's tokens, each with its vector.
pub(crate) fn token_vectors(ids: Vec<u32>, numbers: &[f32]) -> Vec<Token> {
    let vectors = numbers.chunks_exact(DIMENSIONS).map(<[f32]>::to_vec);
    let tokens = ids.into_iter().zip(vectors);
    tokens.map(|(id, vector)| Token { id, vector }).collect()
}

/// Every weight's name and shape.
pub(crate) fn tensors() -> Vec<(String, Vec<usize>)> {
    let mut tensors = vec![
        table("word", VOCABULARY),
        table("position", POSITIONS),
        table("token_type", PARTS),
    ];
    tensors.extend(norm("embeddings"));
    for number in 0..LAYERS {
        let layer = format!("encoder.layer.{number}");
        for part in ["query", "key", "value"] {
            let name = format!("{layer}.attention.self.{part}");
            tensors.extend(linear(&name, DIMENSIONS, DIMENSIONS));
        }
        let attention = format!("{layer}.attention.output");
        tensors.extend(linear(
            &format!("{attention}.dense"),
            DIMENSIONS,
            DIMENSIONS,
        ));
        tensors.extend(norm(&attention));
        tensors.extend(linear(
            &format!("{layer}.intermediate.dense"),
            INNER,
            DIMENSIONS,
        ));
        tensors.extend(linear(&format!("{layer}.output.dense"), DIMENSIONS, INNER));
        tensors.extend(norm(&format!("{layer}.output")));
    }
    tensors
}

fn table(of: &str, rows: usize) -> (String, Vec<usize>) {
    let name = format!("embeddings.{of}_embeddings.weight");
    (name, vec![rows, DIMENSIONS])
}

fn norm(of: &str) -> [(String, Vec<usize>); 2] {
    let name = |end| format!("{of}.LayerNorm.{end}");
    [
        (name("weight"), vec![DIMENSIONS]),
        (name("bias"), vec![DIMENSIONS]),
    ]
}

/// As it is stored: a row for each number that comes out.
fn linear(name: &str, out: usize, into: usize) -> [(String, Vec<usize>); 2] {
    [
        (format!("{name}.weight"), vec![out, into]),
        (format!("{name}.bias"), vec![out]),
    ]
}
