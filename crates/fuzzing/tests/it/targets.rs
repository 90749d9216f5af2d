//! The loop: seeds, then mutations of them. A failure names the input, so that it can be had again.

use std::{fs, panic, path::Path};

use fuzzing::TARGETS;

use crate::{mutate::Mutator, seeds};

/// So many mutations of each target take a second or two.
const SHORT: u64 = 12_000;
/// With `DOORWARD_TEST_LONG`: minutes.
const LONG: u64 = 1_000_000;

#[test]
fn filter() {
    run("filter");
}

#[test]
fn path() {
    run("path");
}

#[test]
fn patch_body() {
    run("patch_body");
}

#[test]
fn v1_body() {
    run("v1_body");
}

#[test]
fn token() {
    run("token");
}

#[test]
fn cursor() {
    run("cursor");
}

#[test]
fn saml_response() {
    run("saml_response");
}

#[test]
fn oauth_request() {
    run("oauth_request");
}

#[test]
fn jwt() {
    run("jwt");
}

fn run(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).expect("a target");
    let (names, seeds): (Vec<String>, Vec<Vec<u8>>) = seeds::of(name).into_iter().unzip();
    for (seed, input) in names.iter().zip(&seeds) {
        holds(target, name, &format!("seed {seed}"), input);
    }
    let mutator = Mutator { seeds, words: seeds::words() };
    for number in 0..if testkit::long() { LONG } else { SHORT } {
        holds(target, name, &format!("mutation {number}"), &mutator.mutation(number));
    }
}

/// Runs one input, and saves it if a promise is broken.
fn holds(target: fn(&[u8]), name: &str, which: &str, input: &[u8]) {
    if panic::catch_unwind(|| target(input)).is_err() {
        let saved = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("{name} {which}").replace(' ', "-"));
        fs::write(&saved, input).expect("a file");
        panic!(
            "{name}, {which}: the input is\n  {}\nand is saved. To keep it as a seed:\n  cp {} {}/",
            input.escape_ascii(),
            saved.display(),
            seeds::place("seeds").join(name).display()
        );
    }
}

#[test]
fn a_broken_promise_is_told_with_its_input() {
    let broken = |data: &[u8]| assert!(!data.contains(&b'!'), "there is one");
    holds(broken, "sample", "mutation 7", b"all is well");
    let told = panic::catch_unwind(|| holds(broken, "sample", "mutation 7", b"oh\xff!"));
    let told = *told.unwrap_err().downcast::<String>().unwrap();
    assert!(told.contains("sample, mutation 7") && told.contains(r"oh\xff!"), "{told}");
    let saved = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sample-mutation-7");
    assert_eq!(fs::read(saved).unwrap(), b"oh\xff!");
}
