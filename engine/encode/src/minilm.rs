//! MiniLM and its like (a BERT whose last layer's vectors are averaged) on rten.

use std::sync::Arc;

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, NdTensorView};
use understand::{EncodeError, Encoder};

use crate::wordpiece::WordPiece;

/// Tokens of a text that are read, the two marks at its ends among them: what the tokenizer of the model is set to. What comes
/// behind costs time and rarely changes what a message asks for.
const TOKENS_MAX: usize = 128;

/// Numbers of a vector.
const DIMENSIONS: usize = 384;

/// The model's inputs, in this order.
const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];

/// A loaded encoder.
pub struct MiniLm {
    model: Model,
    inputs: [NodeId; 3],
    output: NodeId,
    tokenizer: WordPiece,
    /// One thread: a short text gains nothing from more, and a server has other messages for the other ones.
    pool: Arc<ThreadPool>,
    fingerprint: String,
}

impl MiniLm {
    /// From an ONNX model and a tokenizer's JSON.
    ///
    /// # Errors
    /// A sentence when they can't be read, or are of another shape than this kind of encoder has.
    pub fn load(model: Vec<u8>, tokenizer: &[u8], fingerprint: String) -> Result<Self, String> {
        let model =
            Model::load(model).map_err(|error| format!("its model can't be read: {error}"))?;
        let tokenizer = WordPiece::from_json(tokenizer)?;
        let input = |name| {
            model
                .find_node(name)
                .ok_or_else(|| format!("its model has no input `{name}`"))
        };
        let [ids, mask, types] = INPUTS;
        let encoder = Self {
            inputs: [input(ids)?, input(mask)?, input(types)?],
            output: *model
                .output_ids()
                .first()
                .ok_or("its model has no output")?,
            tokenizer,
            pool: Arc::new(ThreadPool::with_num_threads(1)),
            fingerprint,
            model,
        };
        // The first text shows whether the output has the shape that is expected, and lets the library lay its weights out.
        encoder
            .encode_one("hello")
            .map_err(|error| error.to_string())?;
        Ok(encoder)
    }

    fn encode_one(&self, text: &str) -> Result<Vec<f32>, EncodeError> {
        let tokens = self.tokenizer.tokens(text, TOKENS_MAX);
        let output = self.run(tokens.into_iter().map(|id| id as i32).collect())?;
        let [_, _, width] = output.shape();
        if width != DIMENSIONS {
            return Err(EncodeError(format!(
                "its vectors have {width} numbers instead of {DIMENSIONS}"
            )));
        }
        unit_mean(output.slice(0))
            .ok_or_else(|| EncodeError("its vectors hold what is no number".to_owned()))
    }

    fn run(&self, tokens: Vec<i32>) -> Result<NdTensor<f32, 3>, EncodeError> {
        let length = tokens.len();
        let ids = NdTensor::from_data([1, length], tokens);
        let mask = NdTensor::<i32, 2>::full([1, length], 1);
        let types = NdTensor::<i32, 2>::full([1, length], 0);
        let [ids_node, mask_node, types_node] = self.inputs;
        let inputs = vec![
            (ids_node, ids.view().into()),
            (mask_node, mask.view().into()),
            (types_node, types.view().into()),
        ];
        let options = RunOptions::default().with_thread_pool(Some(self.pool.clone()));
        let [output] = self
            .model
            .run_n(inputs, [self.output], Some(options))
            .map_err(|error| EncodeError(error.to_string()))?;
        output
            .try_into()
            .map_err(|_| EncodeError("its output is no list of vectors".to_owned()))
    }
}

impl Encoder for MiniLm {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    /// One text after the other: padding texts to one length costs more than it gains, and a vector then never depends on
    /// its neighbours.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        texts.iter().map(|text| self.encode_one(text)).collect()
    }
}

/// The mean of the tokens' vectors, of length 1; none when there is none.
fn unit_mean(tokens: NdTensorView<f32, 2>) -> Option<Vec<f32>> {
    let [count, width] = tokens.shape();
    let mut mean = vec![0.0_f32; width];
    for token in 0..count {
        let vector = tokens.slice(token);
        mean.iter_mut()
            .zip(vector.iter())
            .for_each(|(sum, x)| *sum += x);
    }
    let length = mean.iter().map(|x| x * x).sum::<f32>().sqrt();
    (length.is_finite() && length > 0.0).then(|| mean.iter().map(|x| x / length).collect())
}
