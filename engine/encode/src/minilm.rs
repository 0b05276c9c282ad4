//! MiniLM (a small BERT whose last layer's vectors are averaged) on rten: from an ONNX model, or from published weights.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use understand::{EncodeError, Encoder, Token};

use crate::bert::{self, DIMENSIONS, TOKENS_MAX};
use crate::graph;
use crate::weights::Weights;
use crate::wordpiece::WordPiece;

/// The inputs of a model that comes as ONNX, in this order; one that we write has only the first.
const INPUTS: [&str; 3] = [graph::INPUT, "attention_mask", "token_type_ids"];

/// A loaded encoder.
pub(crate) struct MiniLm {
    model: Model,
    inputs: Vec<NodeId>,
    output: NodeId,
    tokenizer: WordPiece,
    /// One thread each, as many as there are cores: a short text gains nothing from two, several texts do.
    pools: Vec<Arc<ThreadPool>>,
    /// The pool whose turn it is.
    turn: AtomicUsize,
    fingerprint: String,
}

impl MiniLm {
    /// From an ONNX model.
    ///
    /// # Errors
    /// A sentence when it can't be read, or is of another shape than this kind of encoder has.
    pub(crate) fn from_onnx(
        model: Vec<u8>,
        tokenizer: WordPiece,
        fingerprint: String,
    ) -> Result<Self, String> {
        let model = Model::load(model).map_err(|error| unreadable(&error))?;
        Self::new(model, &INPUTS, tokenizer, fingerprint)
    }

    /// From weights as they are published.
    ///
    /// # Errors
    /// A sentence when they can't be read, or are of another shape than this kind of encoder has.
    pub(crate) fn from_weights(
        weights: Vec<u8>,
        tokenizer: WordPiece,
        fingerprint: String,
    ) -> Result<Self, String> {
        let weights = Weights::read(weights)?;
        let graph = graph::onnx(&weights)?;
        let model = ModelOptions::with_all_ops()
            .external_data(graph::WEIGHTS, weights.into_content())
            .load(graph)
            .map_err(|error| unreadable(&error))?;
        Self::new(model, &INPUTS[..1], tokenizer, fingerprint)
    }

    fn new(
        model: Model,
        inputs: &[&str],
        tokenizer: WordPiece,
        fingerprint: String,
    ) -> Result<Self, String> {
        let input = |name: &&str| {
            model
                .find_node(name)
                .ok_or_else(|| format!("its model has no input `{name}`"))
        };
        let encoder = Self {
            inputs: inputs.iter().map(input).collect::<Result<_, _>>()?,
            output: *model
                .output_ids()
                .first()
                .ok_or("its model has no output")?,
            tokenizer,
            pools: pools(),
            turn: AtomicUsize::new(0),
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
        let (_, numbers) = self.read(text)?;
        bert::text_vector(&numbers)
    }

    fn tokens_of(&self, text: &str) -> Result<Vec<Token>, EncodeError> {
        let (ids, numbers) = self.read(text)?;
        Ok(bert::token_vectors(ids, &numbers))
    }

    /// A text's tokens, and their vectors one behind the other.
    fn read(&self, text: &str) -> Result<(Vec<u32>, Vec<f32>), EncodeError> {
        let tokens = self.tokenizer.tokens(text, TOKENS_MAX);
        let output = self.run(tokens.iter().map(|id| *id as i32).collect())?;
        let [_, count, width] = output.shape();
        if (count, width) != (tokens.len(), DIMENSIONS) {
            return Err(EncodeError(format!(
                "it gives {count} vectors of {width} numbers for {} tokens",
                tokens.len()
            )));
        }
        Ok((tokens, output.to_vec()))
    }

    fn run(&self, tokens: Vec<i32>) -> Result<NdTensor<f32, 3>, EncodeError> {
        let length = tokens.len();
        let tokens = NdTensor::from_data([1, length], tokens);
        let mask = NdTensor::<i32, 2>::full([1, length], 1);
        let parts = NdTensor::<i32, 2>::full([1, length], 0);
        let values = [tokens.view(), mask.view(), parts.view()];
        let inputs = self.inputs.iter().copied().zip(values);
        let inputs = inputs.map(|(node, value)| (node, value.into())).collect();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.pools.len();
        let options = RunOptions::default().with_thread_pool(Some(self.pools[turn].clone()));
        let [output] = self
            .model
            .run_n(inputs, [self.output], Some(options))
            .map_err(|error| EncodeError(error.to_string()))?;
        output
            .try_into()
            .map_err(|_| EncodeError("its output is no list of vectors".to_owned()))
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> String {
    format!("its model can't be read: {error}")
}

impl Encoder for MiniLm {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        self.each(texts, |text| self.encode_one(text))
    }

    fn tokens(&self, texts: &[&str]) -> Result<Vec<Vec<Token>>, EncodeError> {
        self.each(texts, |text| self.tokens_of(text))
    }
}

impl MiniLm {
    /// Each text by itself, on several cores: padding texts to one length costs more than it gains, and a vector then never
    /// depends on its neighbours.
    fn each<T: Send>(
        &self,
        texts: &[&str],
        read: impl Fn(&str) -> Result<T, EncodeError> + Sync,
    ) -> Result<Vec<T>, EncodeError> {
        let piece = texts.len().div_ceil(self.pools.len()).max(1);
        let all = |piece: &[&str]| -> Vec<_> { piece.iter().map(|text| read(text)).collect() };
        let mut pieces = texts.chunks(piece);
        let first = pieces.next().unwrap_or_default();
        std::thread::scope(|scope| {
            let others: Vec<_> = pieces
                .map(|piece| scope.spawn(move || all(piece)))
                .collect();
            let mut found = all(first);
            for other in others {
                let gone = |_| vec![Err(EncodeError("a thread ended early".to_owned()))];
                found.extend(other.join().unwrap_or_else(gone));
            }
            found.into_iter().collect()
        })
    }
}

/// Cores that are used at once at most: an encoder is not all that a server does.
const CORES_MAX: usize = 8;

fn pools() -> Vec<Arc<ThreadPool>> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let pool = |_| Arc::new(ThreadPool::with_num_threads(1));
    (0..cores.min(CORES_MAX)).map(pool).collect()
}
