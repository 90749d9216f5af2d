//! Reading SQL, as far as our own statements go: words, and which tables they name.

/// The highest `$n` of a text.
pub(super) fn last_parameter(text: &str) -> usize {
    text.split('$')
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..end].parse().ok()
        })
        .max()
        .unwrap_or(0)
}

/// Words, parameters and signs.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let part_of_word = |c: char| c.is_ascii_alphanumeric() || "_.$".contains(c);
        let end = if part_of_word(first) {
            rest.find(|c: char| !part_of_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        words.push(&rest[..end]);
        rest = rest[end..].trim_start();
    }
    words
}

/// One `select`, `insert`, `update` or `delete`, without those inside of it.
#[derive(Debug, Default)]
pub(super) struct Scope<'t> {
    /// Its words. Parentheses that hold no statement are part of it.
    pub(super) words: Vec<&'t str>,
    /// How deep in such parentheses each word is.
    pub(super) depths: Vec<usize>,
}

/// A table that a scope names, and the name under which its columns go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table<'t> {
    pub(super) name: &'t str,
    pub(super) alias: &'t str,
}

impl<'t> Scope<'t> {
    fn push(&mut self, word: &'t str, depth: usize) {
        self.words.push(word);
        self.depths.push(depth);
    }

    /// The words that are in no parentheses.
    pub(super) fn outer(&self) -> Vec<&'t str> {
        let words = self.words.iter().zip(&self.depths);
        words.filter(|(_, depth)| **depth == 0).map(|(word, _)| *word).collect()
    }

    pub(super) fn tables(&self) -> Vec<Table<'t>> {
        const AFTER: [&str; 9] =
            ["where", "set", "on", "join", "order", "values", "limit", "(", "returning"];
        let mut tables = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            // `for update` and `do update set` name no table.
            let names = match *word {
                "from" | "join" | "into" => true,
                "update" => at == 0,
                _ => false,
            };
            let Some(name) = self.words.get(at + 1).filter(|name| names && **name != "(") else {
                continue;
            };
            let alias = self.words.get(at + 2).filter(|alias| !AFTER.contains(*alias));
            tables.push(Table { name, alias: alias.unwrap_or(name) });
        }
        tables
    }
}

/// Takes a statement apart, innermost first.
pub(super) fn scopes(text: &str) -> Vec<Scope<'_>> {
    let mut done = Vec::new();
    let mut open = vec![Scope::default()];
    for word in words(text) {
        match word {
            "(" => open.push(Scope::default()),
            ")" => {
                let inner = open.pop().expect("parentheses are balanced");
                let outer = open.last_mut().expect("parentheses are balanced");
                outer.push("(", 1);
                if inner.words.first() == Some(&"select") {
                    done.push(inner);
                } else {
                    for (word, depth) in inner.words.iter().zip(inner.depths) {
                        outer.push(word, depth + 1);
                    }
                }
                outer.push(")", 1);
            }
            word => open.last_mut().expect("the statement itself is open").push(word, 0),
        }
    }
    done.extend(open);
    done
}

#[test]
fn a_statement_comes_apart() {
    let text = "delete from a where org = $1 and (b = $2 or c = $3) and no in \
                (select m.no from m join n x on x.k = m.k)";
    let scopes = scopes(text);
    let names: Vec<_> = scopes.iter().map(Scope::tables).collect();
    let table = |name, alias| Table { name, alias };
    assert_eq!(names, [vec![table("m", "m"), table("n", "x")], vec![table("a", "a")]]);
    let outer = ["delete", "from", "a", "where", "org", "=", "$1", "and", "and", "no", "in"];
    assert_eq!(scopes[1].outer(), outer);
    assert_eq!(last_parameter(text), 3);
}
