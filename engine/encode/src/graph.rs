//! What a BERT computes, as an ONNX model whose weights stay where they are: in the safetensors file beside it.
//!
//! So the published file is used as it is, and its tables of vectors, half of it, are not copied. A text is one list of tokens,
//! never one of several: without padding there is nothing to mask.

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TypeProto, TypeProtoTensor,
    ValueInfoProto,
};

use crate::bert::{DIMENSIONS, EPSILON, HEADS, LAYERS};
use crate::weights::{Tensor, Weights};

/// The model's input: one text's tokens, [1, tokens].
pub(crate) const INPUT: &str = "input_ids";

/// What the weights' file is called in the model. The library takes only names with this ending.
pub(crate) const WEIGHTS: &str = "weights.data";

/// The version of ONNX's operators: the first in which GELU is one.
const OPERATORS: i64 = 20;

/// The version of ONNX's files that goes with it.
const FORMAT: i64 = 9;

/// The model, in ONNX's own encoding; its output is [1, tokens, dimensions].
///
/// # Errors
/// When it can't be encoded.
pub(crate) fn onnx(weights: &Weights) -> Result<Vec<u8>, String> {
    let operators = OperatorSetIdProto {
        version: Some(OPERATORS),
        ..OperatorSetIdProto::default()
    };
    let model = ModelProto {
        ir_version: Some(FORMAT),
        opset_import: vec![operators],
        graph: Some(graph(weights)),
        ..ModelProto::default()
    };
    model.write_buf().map_err(|error| error.to_string())
}

fn graph(weights: &Weights) -> GraphProto {
    let mut graph = Graph::default();
    graph.0.initializer = weights.tensors().iter().map(beside).collect();
    graph.constants();
    let mut text = graph.embeddings();
    for layer in 0..LAYERS {
        text = graph.layer(&format!("encoder.layer.{layer}"), &text);
    }
    let output = graph.node("Unsqueeze", "output", &[&text, "zero"], vec![]);
    graph.0.input = vec![value(INPUT, DataType::INT64)];
    graph.0.output = vec![value(&output, DataType::FLOAT)];
    graph.0
}

/// The graph as far as it is written. A function that adds something gives its output's name.
#[derive(Default)]
struct Graph(GraphProto);

impl Graph {
    fn constants(&mut self) {
        let width = DIMENSIONS / HEADS;
        let scale = 1.0 / (width as f32).sqrt();
        self.0.initializer.extend([
            integers("zero", &[0]),
            integers("rest", &[-1, DIMENSIONS as i64]),
            integers("heads", &[-1, HEADS as i64, width as i64]),
            TensorProto {
                name: Some("scale".to_owned()),
                data_type: Some(DataType::FLOAT),
                float_data: vec![scale],
                ..TensorProto::default()
            },
        ]);
    }

    /// What each token is by itself, and where it stands.
    fn embeddings(&mut self) -> String {
        let table = |of: &str| format!("embeddings.{of}_embeddings.weight");
        let tokens = self.node("Squeeze", "tokens", &[INPUT, "zero"], vec![]);
        let words = self.node("Gather", "words", &[&table("word"), &tokens], vec![]);
        let length = self.node("Shape", "length", &[&tokens], vec![]);
        let places = [
            table("position"),
            "zero".to_owned(),
            length,
            "zero".to_owned(),
        ];
        let places = self.node("Slice", "places", &places, vec![]);
        let part = self.node(
            "Gather",
            "part",
            &[table("token_type").as_str(), "zero"],
            vec![],
        );
        let both = self.node("Add", "words_in_places", &[words, places], vec![]);
        let all = self.node("Add", "embeddings", &[both, part], vec![]);
        self.norm("embeddings", &all)
    }

    fn layer(&mut self, layer: &str, text: &str) -> String {
        let seen = self.attention(&format!("{layer}.attention"), text);
        let inner = self.linear(&format!("{layer}.intermediate.dense"), &seen);
        let inner = self.node("Gelu", &format!("{layer}.inner"), &[inner], vec![]);
        let outer = self.linear(&format!("{layer}.output.dense"), &inner);
        self.add_and_norm(&format!("{layer}.output"), &outer, &seen)
    }

    /// Each token looks at all the others.
    fn attention(&mut self, of: &str, text: &str) -> String {
        let query = self.heads(&format!("{of}.self.query"), text, &[1, 0, 2]);
        let key = self.heads(&format!("{of}.self.key"), text, &[1, 2, 0]);
        let value = self.heads(&format!("{of}.self.value"), text, &[1, 0, 2]);
        let name = |end| format!("{of}.{end}");
        let alike = self.node("MatMul", &name("alike"), &[query, key], vec![]);
        let scaled = self.node("Mul", &name("scaled"), &[alike.as_str(), "scale"], vec![]);
        let shares = self.node(
            "Softmax",
            &name("shares"),
            &[scaled],
            vec![integer("axis", -1)],
        );
        let seen = self.node("MatMul", &name("seen"), &[shares, value], vec![]);
        let order = vec![order(&[1, 0, 2])];
        let seen = self.node("Transpose", &name("seen_by_token"), &[seen], order);
        let seen = self.node("Reshape", &name("joined"), &[seen.as_str(), "rest"], vec![]);
        let dense = self.linear(&name("output.dense"), &seen);
        self.add_and_norm(&name("output"), &dense, text)
    }

    fn heads(&mut self, name: &str, text: &str, axes: &[i64]) -> String {
        let all = self.linear(name, text);
        let cut = self.node(
            "Reshape",
            &format!("{name}.cut"),
            &[all.as_str(), "heads"],
            vec![],
        );
        self.node(
            "Transpose",
            &format!("{name}.heads"),
            &[cut],
            vec![order(axes)],
        )
    }

    /// The library turns the weights when the model is loaded, and keeps them so: `Gemm` would turn them anew for every text.
    fn linear(&mut self, name: &str, text: &str) -> String {
        let [weight, bias] = ["weight", "bias"].map(|end| format!("{name}.{end}"));
        let order = vec![order(&[1, 0])];
        let turned = self.node("Transpose", &format!("{weight}.turned"), &[&weight], order);
        let product = format!("{name}.product");
        let product = self.node("MatMul", &product, &[text, &turned], vec![]);
        self.node("Add", name, &[product, bias], vec![])
    }

    fn add_and_norm(&mut self, name: &str, text: &str, before: &str) -> String {
        let sum = self.node("Add", &format!("{name}.sum"), &[text, before], vec![]);
        self.norm(name, &sum)
    }

    fn norm(&mut self, name: &str, text: &str) -> String {
        let [weight, bias] = ["weight", "bias"].map(|end| format!("{name}.LayerNorm.{end}"));
        let epsilon = AttributeProto {
            f: Some(EPSILON),
            ..attribute("epsilon", AttributeType::FLOAT)
        };
        let output = format!("{name}.LayerNorm");
        let attributes = vec![integer("axis", -1), epsilon];
        self.node(
            "LayerNormalization",
            &output,
            &[text, &weight, &bias],
            attributes,
        )
    }

    fn node(
        &mut self,
        operator: &str,
        output: &str,
        inputs: &[impl AsRef<str>],
        attributes: Vec<AttributeProto>,
    ) -> String {
        self.0.node.push(NodeProto {
            op_type: Some(operator.to_owned()),
            name: Some(output.to_owned()),
            input: inputs.iter().map(|one| one.as_ref().to_owned()).collect(),
            output: vec![output.to_owned()],
            attribute: attributes,
            ..NodeProto::default()
        });
        output.to_owned()
    }
}

/// A weight that lies in the file beside the model.
fn beside(tensor: &Tensor) -> TensorProto {
    let entry = |key: &str, value: String| StringStringEntryProto {
        key: Some(key.to_owned()),
        value: Some(value),
    };
    TensorProto {
        name: Some(tensor.name.clone()),
        dims: tensor.shape.iter().map(|size| *size as i64).collect(),
        data_type: Some(DataType::FLOAT),
        data_location: Some(DataLocation::EXTERNAL),
        external_data: vec![
            entry("location", WEIGHTS.to_owned()),
            entry("offset", tensor.bytes.start.to_string()),
            entry("length", tensor.bytes.len().to_string()),
        ],
        ..TensorProto::default()
    }
}

fn integers(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: vec![values.len() as i64],
        data_type: Some(DataType::INT64),
        int64_data: values.to_vec(),
        ..TensorProto::default()
    }
}

fn value(name: &str, elements: DataType) -> ValueInfoProto {
    let tensor = TypeProtoTensor {
        elem_type: Some(elements),
        ..TypeProtoTensor::default()
    };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(tensor),
            ..TypeProto::default()
        }),
    }
}

fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        i: Some(value),
        ..attribute(name, AttributeType::INT)
    }
}

fn order(axes: &[i64]) -> AttributeProto {
    AttributeProto {
        ints: axes.to_vec(),
        ..attribute("perm", AttributeType::INTS)
    }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        r#type: Some(kind),
        ..AttributeProto::default()
    }
}
