//! The contract that every store keeps, as tests.
