//! The weights of the check, made from the `dev` split of data/grounding; not to be edited.
//!
//! `cargo run --release -p knowledge --example grounding -- fit data/grounding/begin_wow.jsonl .switchboard/encoders`

use super::model::Model;

/// Without an encoder.
#[rustfmt::skip]
pub(super) static LEXICAL: Model = Model {
    weights: [
        1.106853, // covered
        0.852992, // covered_worst
        1.541743, // nearly_covered
        1.044324, // nearly_covered_worst
        0.846868, // at_once
        0.798467, // at_once_worst
        0.275147, // pairs
        0.586356, // pairs_worst
        -0.492620, // pairs_of_weight
        -0.232207, // pairs_of_weight_worst
        -0.199938, // in_order
        -0.112189, // in_order_worst
        -1.350271, // missing
        -0.688522, // missing_worst
        -1.029891, // echoed
        -0.173987, // missing_small
        -0.004904, // missing_small_worst
        -0.664497, // exhausted
        -1.959438, // denied_otherwise
        -1.955831, // first_person
        -1.094454, // opinion
        -0.922489, // bounds
        -3.986589, // facts_missing
        -0.956674, // question
        0.418954, // claimless
        0.000000, // near
        0.000000, // near_worst
    ],
    offset: -2.463998,
};

/// With one.
#[rustfmt::skip]
pub(super) static WITH_ENCODER: Model = Model {
    weights: [
        1.033581, // covered
        0.778590, // covered_worst
        1.403485, // nearly_covered
        0.932240, // nearly_covered_worst
        0.774860, // at_once
        0.723795, // at_once_worst
        0.232933, // pairs
        0.480091, // pairs_worst
        -0.413763, // pairs_of_weight
        -0.242593, // pairs_of_weight_worst
        -0.174998, // in_order
        -0.129890, // in_order_worst
        -1.399252, // missing
        -0.729041, // missing_worst
        -1.032766, // echoed
        -0.157966, // missing_small
        0.008778, // missing_small_worst
        -1.095983, // exhausted
        -1.927069, // denied_otherwise
        -1.923603, // first_person
        -1.101614, // opinion
        -0.934678, // bounds
        -4.000131, // facts_missing
        -0.932308, // question
        0.691311, // claimless
        0.667108, // near
        0.574696, // near_worst
    ],
    offset: -2.610189,
};
