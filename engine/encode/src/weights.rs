//! The weights of a BERT as they come: a safetensors file, whose names and shapes are looked at before anything computes with them.
//!
//! Its format is a length, so many bytes of JSON that say where each weight lies, and the weights:
//! <https://github.com/huggingface/safetensors#format>.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde_json::Value;

use crate::bert::tensors;

/// Weights whose names and shapes are those of [`crate::bert`].
pub(crate) struct Weights {
    content: Vec<u8>,
    tensors: Vec<Tensor>,
}

/// One of them.
pub(crate) struct Tensor {
    /// Its name.
    pub(crate) name: String,
    /// Its shape.
    pub(crate) shape: Vec<usize>,
    /// Where its numbers lie in the file, each of four bytes, the lowest first.
    pub(crate) bytes: Range<usize>,
}

/// Bytes before the JSON, which say how long it is.
const LENGTH_BYTES: usize = 8;

/// The only kind of numbers that is read.
const NUMBERS: &str = "F32";

/// What the file says of a weight.
#[derive(Deserialize)]
struct Said {
    dtype: String,
    shape: Vec<usize>,
    /// Counted from behind the JSON.
    data_offsets: (usize, usize),
}

impl Weights {
    /// From a file's content.
    ///
    /// # Errors
    /// A sentence when it is none, or lacks a weight, or has one of another shape.
    pub(crate) fn read(content: Vec<u8>) -> Result<Self, String> {
        let (said, start) =
            header(&content).ok_or("its weights can't be read: they are no safetensors file")?;
        let tensors = tensors()
            .into_iter()
            .map(|(name, shape)| found(name, shape, &said, start, content.len()))
            .collect::<Result<_, _>>()?;
        Ok(Self { content, tensors })
    }

    /// All of them.
    pub(crate) fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// A weight's numbers.
    #[cfg(feature = "rust-bert")]
    pub(crate) fn bytes(&self, tensor: &Tensor) -> &[u8] {
        &self.content[tensor.bytes.clone()]
    }

    /// The file's content, for what reads the weights where they lie.
    pub(crate) fn into_content(self) -> Vec<u8> {
        self.content
    }
}

/// What the file says of each weight, and where the weights begin.
fn header(content: &[u8]) -> Option<(BTreeMap<String, Value>, usize)> {
    let (length, rest) = content.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let said = serde_json::from_slice(rest.get(..length)?).ok()?;
    Some((said, LENGTH_BYTES + length))
}

fn found(
    name: String,
    shape: Vec<usize>,
    said: &BTreeMap<String, Value>,
    start: usize,
    length: usize,
) -> Result<Tensor, String> {
    let said = said
        .get(&name)
        .and_then(|said| Said::deserialize(said).ok())
        .ok_or_else(|| format!("its weights have no `{name}`"))?;
    if said.shape != shape || said.dtype != NUMBERS {
        return Err(format!(
            "`{name}` of its weights is {} {:?} instead of {NUMBERS} {shape:?}",
            said.dtype, said.shape
        ));
    }
    let (from, to) = said.data_offsets;
    let wanted = shape.iter().product::<usize>() * size_of::<f32>();
    if to.checked_sub(from) != Some(wanted) || to > length - start {
        return Err(format!("`{name}` of its weights is cut short"));
    }
    let bytes = start + from..start + to;
    Ok(Tensor { name, shape, bytes })
}
