//! Every store keeps the contract.

use std::cell::Cell;

use store::{Memory, Options, Sled, suite};

#[test]
fn memory_keeps_the_contract() {
    suite::run(Memory::new);
}

#[test]
fn sled_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let stores = Cell::new(0);
    suite::run(|| {
        stores.set(stores.get() + 1);
        Sled::open(
            folder.path().join(stores.get().to_string()),
            Options::default(),
        )
        .unwrap()
    });
}
