//! The weights of the check, made from the `dev` split of data/grounding; not to be edited.
//!
//! `cargo run --release -p knowledge --example grounding -- fit data/grounding/begin_wow.jsonl .switchboard/encoders`

use super::model::Model;

/// Without an encoder.
#[rustfmt::skip]
pub(super) static LEXICAL: Model = Model {
    weights: [
        1.106822, // covered
        0.852988, // covered_worst
        1.541713, // nearly_covered
        1.044321, // nearly_covered_worst
        0.846824, // at_once
        0.798458, // at_once_worst
        0.275037, // pairs
        0.586322, // pairs_worst
        -0.492682, // pairs_of_weight
        -0.232207, // pairs_of_weight_worst
        -0.199953, // in_order
        -0.112145, // in_order_worst
        -1.350264, // missing
        -0.688573, // missing_worst
        -1.029999, // echoed
        -0.173973, // missing_small
        -0.004918, // missing_small_worst
        -0.664177, // exhausted
        -1.959445, // denied_otherwise
        -1.955810, // first_person
        -1.094456, // opinion
        -0.922497, // bounds
        -3.986593, // facts_missing
        -0.956691, // question
        0.418992, // claimless
        0.000000, // near
        0.000000, // near_worst
    ],
    offset: -2.463938,
};

/// With one.
#[rustfmt::skip]
pub(super) static WITH_ENCODER: Model = Model {
    weights: [
        1.040879, // covered
        0.783154, // covered_worst
        1.415159, // nearly_covered
        0.939476, // nearly_covered_worst
        0.781980, // at_once
        0.728273, // at_once_worst
        0.238428, // pairs
        0.488565, // pairs_worst
        -0.424029, // pairs_of_weight
        -0.244335, // pairs_of_weight_worst
        -0.171283, // in_order
        -0.127204, // in_order_worst
        -1.394336, // missing
        -0.725021, // missing_worst
        -1.034973, // echoed
        -0.159790, // missing_small
        0.007410, // missing_small_worst
        -1.061875, // exhausted
        -1.930098, // denied_otherwise
        -1.926485, // first_person
        -1.101727, // opinion
        -0.933876, // bounds
        -4.000057, // facts_missing
        -0.934785, // question
        0.652184, // claimless
        0.593546, // near
        0.540483, // near_worst
    ],
    offset: -2.592603,
};
