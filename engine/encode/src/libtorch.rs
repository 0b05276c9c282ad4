//! MiniLM on rust-bert, which computes with libtorch: for who has that library anyway, and to compare the others with.
//!
//! Only the model is rust-bert's. Its pipeline for sentences would cut texts by another tokenizer and pad them to one length; the
//! vectors would then be no longer those of the other encoders.

use std::sync::{Mutex, PoisonError};

use rust_bert::Activation;
use rust_bert::bert::{BertConfig, BertEmbeddings, BertModel};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};
use understand::{EncodeError, Encoder, Token};

use crate::bert::{
    self, DIMENSIONS, HEADS, INNER, LAYERS, PARTS, POSITIONS, TOKENS_MAX, VOCABULARY,
};
use crate::weights::Weights;
use crate::wordpiece::WordPiece;

/// A loaded encoder.
pub(crate) struct RustBert {
    /// Locked while a text is encoded: libtorch's tensors can be sent to another thread, and not be used by two at once.
    model: Mutex<BertModel<BertEmbeddings>>,
    tokenizer: WordPiece,
    fingerprint: String,
}

impl RustBert {
    /// From weights as they are published.
    ///
    /// # Errors
    /// A sentence when they can't be read, or are of another shape than this kind of encoder has.
    pub(crate) fn load(
        weights: Vec<u8>,
        tokenizer: WordPiece,
        fingerprint: String,
    ) -> Result<Self, String> {
        let weights = Weights::read(weights)?;
        // For the whole process: a short text gains nothing from more, and sums are always taken in one order.
        tch::set_num_threads(1);
        let mut store = VarStore::new(Device::Cpu);
        let model = BertModel::new_with_optional_pooler(store.root(), &config(), false);
        fill(&store, &weights)?;
        store.freeze();
        Ok(Self {
            model: Mutex::new(model),
            tokenizer,
            fingerprint,
        })
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
        let ids = self.tokenizer.tokens(text, TOKENS_MAX);
        let tokens: Vec<i64> = ids.iter().copied().map(i64::from).collect();
        Ok((ids, self.run(&tokens).map_err(EncodeError)?))
    }

    /// The last layer's vectors of one text's tokens, one behind the other.
    fn run(&self, tokens: &[i64]) -> Result<Vec<f32>, String> {
        let model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let input = Tensor::from_slice(tokens).unsqueeze(0);
        let output = tch::no_grad(|| {
            model.forward_t(Some(&input), None, None, None, None, None, None, false)
        });
        let output = output.map_err(|error| error.to_string())?.hidden_state;
        Vec::<f32>::try_from(output.flatten(0, -1)).map_err(|error| error.to_string())
    }
}

/// Puts each weight into its place.
fn fill(store: &VarStore, weights: &Weights) -> Result<(), String> {
    let places = store.variables();
    if places.len() != weights.tensors().len() {
        return Err(format!("rust-bert asks for {} weights", places.len()));
    }
    for tensor in weights.tensors() {
        let place = places.get(&tensor.name);
        let mut place = place
            .ok_or_else(|| format!("rust-bert asks for no `{}`", tensor.name))?
            .shallow_clone();
        let shape: Vec<i64> = tensor.shape.iter().map(|size| *size as i64).collect();
        Tensor::f_from_data_size(weights.bytes(tensor), &shape, Kind::Float)
            .and_then(|read| tch::no_grad(|| place.f_copy_(&read)))
            .map_err(|error| format!("`{}` can't be loaded: {error}", tensor.name))?;
    }
    Ok(())
}

fn config() -> BertConfig {
    BertConfig {
        hidden_act: Activation::gelu,
        hidden_size: DIMENSIONS as i64,
        intermediate_size: INNER as i64,
        max_position_embeddings: POSITIONS as i64,
        num_attention_heads: HEADS as i64,
        num_hidden_layers: LAYERS as i64,
        type_vocab_size: PARTS as i64,
        vocab_size: VOCABULARY as i64,
        ..BertConfig::default()
    }
}

impl Encoder for RustBert {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    /// One text after the other, so that a vector never depends on its neighbours.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Vec<f32>>, EncodeError> {
        texts.iter().map(|text| self.encode_one(text)).collect()
    }

    fn tokens(&self, texts: &[&str]) -> Result<Vec<Vec<Token>>, EncodeError> {
        texts.iter().map(|text| self.tokens_of(text)).collect()
    }
}
