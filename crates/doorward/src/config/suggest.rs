//! What may have been meant.

/// `; did you mean ...?` for the candidate that is most like `word`, or nothing where none is.
pub(super) fn suggestion<C: AsRef<str>>(
    word: &str,
    candidates: impl IntoIterator<Item = C>,
) -> String {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| {
            let name = candidate.as_ref().to_lowercase();
            // `body` outside its table is `limits.body`.
            let last = name.rsplit('.').next().unwrap_or_default();
            let likeness =
                strsim::jaro_winkler(&word, &name).max(strsim::jaro_winkler(&word, last));
            (likeness, candidate)
        })
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| format!("; did you mean `{}`?", candidate.as_ref()))
        .unwrap_or_default()
}
