//! The folder `fuzz/`: seeds, dictionary and targets.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file of the folder `fuzz/`.
pub(crate) fn place(name: &str) -> PathBuf {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/fuzzing");
    top.join("fuzz").join(name)
}

/// The seeds of a target with their names, in the order of these.
pub(crate) fn of(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = place("seeds").join(target);
    let mut seeds: Vec<(String, Vec<u8>)> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| {
            let file = file.unwrap();
            (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())
        })
        .collect();
    seeds.sort_unstable();
    seeds
}

/// The words of the dictionary. A line is a word in quotes; `\xAB`, `\"` and `\\` are one byte.
pub(crate) fn words() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(place("dictionary.txt")).unwrap();
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    quoted.map(unescaped).collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut word = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        (word, rest) = match (byte, tail) {
            (b'\\', [b'x', high, low, tail @ ..]) => {
                let digits = [*high, *low];
                let digits = str::from_utf8(&digits).unwrap();
                word.push(u8::from_str_radix(digits, 16).unwrap());
                (word, tail)
            }
            (b'\\', [escaped, tail @ ..]) => {
                word.push(*escaped);
                (word, tail)
            }
            _ => {
                word.push(byte);
                (word, tail)
            }
        };
    }
    word
}

#[test]
fn every_target_has_seeds_and_a_file_for_libfuzzer() {
    let manifest = fs::read_to_string(place("Cargo.toml")).unwrap();
    for (name, _) in fuzzing::TARGETS {
        assert!(!of(name).is_empty(), "{name} has no seeds");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is in no [[bin]]");
        let file = fs::read_to_string(place(&format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(file.contains(&format!("fuzzing::{name}(data)")), "{file}");
    }
    let folders = fs::read_dir(place("seeds")).unwrap().count();
    assert_eq!(folders, fuzzing::TARGETS.len(), "seeds that no target reads");
}

#[test]
fn the_dictionary_is_read_as_libfuzzer_reads_it() {
    assert_eq!(unescaped(r#"a\"b\\c\xc3\x9f"#), "a\"b\\cß".as_bytes());
    assert!(words().contains(&b"emails[type eq \"work\"].value".to_vec()));
    assert!(words().len() > 50);
}
