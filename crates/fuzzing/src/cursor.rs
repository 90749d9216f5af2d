//! [`cursor`]: what a client sends to see the next page of a list.

use std::sync::LazyLock;

use directory::{Random, seal::Seal, search::Cursors};

static SEAL: LazyLock<Seal> = LazyLock::new(|| Seal::new(&[7; 32]));
const BOUND_TO: &[u8] = b"a query";

/// No stranger makes a cursor: what was not sealed is not opened, whatever it looks like. What was
/// sealed comes back as it was, for the query that it was made for and for no other; and whatever
/// stands in it is a position or nothing.
pub fn cursor(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    assert_eq!(SEAL.open(BOUND_TO, &text), None, "{text:?} is opened");

    let _ = Cursors::read(data);
    // More than the longest key would not be given out.
    let content = &data[..data.len().min(1_000)];
    let sealed = SEAL.seal(&Random::from_seed(data.len() as u64), BOUND_TO, content);
    assert_eq!(SEAL.open(BOUND_TO, &sealed).as_deref(), Some(content));
    if data != BOUND_TO {
        assert_eq!(SEAL.open(data, &sealed), None, "it is bound to something else");
    }
    no_change_passes(&sealed, data);
}

/// Changes a character that the input chooses into another one, and cuts the text there.
fn no_change_passes(sealed: &str, data: &[u8]) {
    let choice = data.iter().fold(0, |sum: usize, byte| sum.wrapping_mul(31) + usize::from(*byte));
    let at = choice % sealed.len();
    let mut bytes = sealed.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(bytes).expect("a cursor is ASCII");
    assert_eq!(SEAL.open(BOUND_TO, &changed), None, "{changed:?} is opened like {sealed:?}");
    assert_eq!(SEAL.open(BOUND_TO, &sealed[..at]), None);
}
