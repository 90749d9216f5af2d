//! Canonicalization against libxml2, on thousands of generated documents.

use std::{collections::HashSet, fmt::Write as _};

use roxmltree::Document;
use saml::canonical;

use crate::{
    judge::Judge,
    provider::{OKTA, Signing, with_id},
};

/// Numbers that are the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % bound
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const PREFIXES: [&str; 5] = ["", "a", "b", "c", "xs"];
/// Without `&`: libxml2 writes it as it is, where canonical XML §2.3 wants `&amp;`. And all absolute,
/// since it refuses others.
const NAMESPACES: [&str; 4] = ["urn:one", "urn:two", "http://three.example/?a=b", "urn:One"];
const TEXTS: [&str; 12] = [
    "plain",
    " ",
    "\n  ",
    "\r\n",
    "&#13;",
    "&amp;&lt;&gt;",
    "é\u{1f511}",
    "]]&gt;",
    "&quot;'",
    "\t",
    "<![CDATA[<&>]]>",
    "<?a b  c?>",
];
const VALUES: [&str; 9] = [
    "plain",
    "",
    "&#9;&#10;&#13;",
    " two  blanks ",
    "&lt;&amp;>&quot;'",
    "\t\n",
    "é",
    "&#xA0;",
    "\r\n",
];

/// A document: declarations, uses and shadows of few prefixes, in any mixture.
struct Generator {
    dice: Dice,
    text: String,
}

impl Generator {
    /// Writes an element; `scope` says what each prefix stands for around it.
    fn element(&mut self, scope: &[(&'static str, String)], depth: usize, name: Option<&str>) {
        let mut scope = scope.to_vec();
        let mut declarations = String::new();
        for prefix in PREFIXES {
            if self.dice.below(4) == 0 {
                let mut namespace = self.dice.pick(&NAMESPACES);
                if prefix.is_empty() && self.dice.below(4) == 0 {
                    namespace = "";
                }
                let colon = if prefix.is_empty() { "" } else { ":" };
                let _ = write!(declarations, " xmlns{colon}{prefix}=\"{namespace}\"");
                scope.retain(|(known, _)| *known != prefix);
                scope.push((prefix, namespace.to_owned()));
            }
        }
        let usable: Vec<(&str, String)> = scope.clone();
        let name = name.map_or_else(
            || {
                let (prefix, _) = &usable[self.dice.below(usable.len())];
                let colon = if prefix.is_empty() { "" } else { ":" };
                format!("{prefix}{colon}{}", self.dice.pick(&["e", "f", "g"]))
            },
            str::to_owned,
        );
        let mut attributes = declarations;
        let mut taken = HashSet::new();
        for _ in 0..self.dice.below(5) {
            let local = self.dice.pick(&["x", "y", "z", "X"]);
            let (prefix, namespace) = &usable[self.dice.below(usable.len())];
            let key = if prefix.is_empty() { String::new() } else { namespace.clone() };
            if taken.insert((key, local)) {
                let colon = if prefix.is_empty() { "" } else { ":" };
                let value = self.dice.pick(&VALUES);
                let _ = write!(
                    attributes,
                    "{}{prefix}{colon}{local} = \"{value}\"",
                    self.dice.pick(&[" ", "\n"])
                );
            }
        }
        if self.dice.below(8) == 0 {
            attributes.push_str(" xml:lang='de'");
        }
        let _ = write!(self.text, "<{name}{attributes}");
        if depth == 0 && self.dice.below(3) == 0 {
            self.text.push_str(" />");
            return;
        }
        self.text.push('>');
        for _ in 0..self.dice.below(4) {
            if depth > 0 && self.dice.below(2) == 0 {
                self.element(&scope, depth - 1, None);
            } else {
                let text = self.dice.pick(&TEXTS);
                self.text.push_str(text);
            }
        }
        let _ = write!(self.text, "</{name}>");
    }
}

/// The document with this number.
fn document(number: u64) -> String {
    let mut generator = Generator { dice: Dice::new(number), text: String::new() };
    let depth = generator.dice.below(6);
    generator.element(&[("", String::new())], depth, None);
    generator.text
}

#[test]
fn whole_documents_are_canonical_as_libxml2_has_it() {
    let judge = Judge::new();
    let documents: Vec<String> = (1..=3_000).map(document).collect();
    let files: Vec<_> = documents
        .iter()
        .enumerate()
        .map(|(number, text)| judge.write(&format!("{number}.xml"), text))
        .collect();
    let judged = judge.canonical(&files);
    let mut rest = judged.as_str();
    for text in &documents {
        let tree = Document::parse(text).unwrap();
        let ours = canonical::exclusive(tree.root_element(), None, &[]);
        rest = rest.strip_prefix(ours.as_str()).unwrap_or_else(|| {
            panic!(
                "of\n{text}\nwe make\n{ours}\nlibxml2\n{}",
                &rest.chars().take(ours.len() + 40).collect::<String>()
            )
        });
        // `xmllint` may end a document's line.
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    assert_eq!(rest, "");
    assert!(judged.len() > 300_000, "{} bytes are too few to say much", judged.len());
}

/// An element in the middle of a document, with a list of prefixes and its own signature left out.
#[test]
fn signed_elements_are_canonical_as_xmlsec1_has_it() {
    let judge = Judge::new();
    let mut files = Vec::new();
    for number in 1..=400 {
        let mut generator = Generator { dice: Dice::new(77_000 + number), text: String::new() };
        let scope: Vec<(&str, String)> = PREFIXES
            .iter()
            .zip(NAMESPACES.iter().cycle())
            .map(|(prefix, namespace)| (*prefix, (*namespace).to_owned()))
            .collect();
        let declarations: String = scope
            .iter()
            .map(|(prefix, namespace)| {
                let colon = if prefix.is_empty() { "" } else { ":" };
                format!(" xmlns{colon}{prefix}=\"{namespace}\"")
            })
            .collect();
        // The first child is the issuer's place.
        let _ =
            write!(generator.text, "<root{declarations}><a:Signed ID=\"signed\" b:z='1'><first/>");
        for _ in 0..3 {
            generator.element(&scope, 3, None);
        }
        generator.text.push_str("</a:Signed>after</root>");
        let lists = ["", "a", "xs", "a b c", "#default", "#default b xs", "zz a", "c xs"];
        let prefix = if number % 3 == 0 { "" } else { "ds" };
        let prefix_list = generator.dice.pick(&lists);
        let signing = Signing { prefix, prefix_list, key_info: String::new(), ..Signing::okta() };
        let signed = signing.sign(&OKTA, &generator.text, "signed");
        // What is left out by its place is what was not there before.
        let tree = Document::parse(&signed).unwrap();
        let element = with_id(&tree, "signed");
        let signature = element.first_element_child().unwrap().next_sibling_element().unwrap();
        let before = Document::parse(&generator.text).unwrap();
        let prefixes: Vec<&str> = prefix_list.split_ascii_whitespace().collect();
        assert_eq!(
            canonical::exclusive(element, Some(signature.id()), &prefixes),
            canonical::exclusive(with_id(&before, "signed"), None, &prefixes)
        );
        files.push(judge.write(&format!("{number}.xml"), &signed));
    }
    judge.verify("Signed", &files);
}

#[test]
fn the_examples_of_the_recommendation() {
    // Exclusive XML Canonicalization 1.0 §2.2: the same element in two contexts.
    for context in [
        "<n0:local xmlns:n0='foo:bar' xmlns:n3='ftp://example.org'>",
        "<n2:pdu xmlns:n1='http://b.example' xmlns:n2='http://foo.example' xml:lang='fr' xml:space='retain'>",
    ] {
        let end = context.split([' ', '<']).nth(1).unwrap();
        let text = format!(
            "{context}<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></{end}>"
        );
        let tree = Document::parse(&text).unwrap();
        let element = tree.root_element().first_element_child().unwrap();
        assert_eq!(
            canonical::exclusive(element, None, &[]),
            "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>"
        );
    }
    // Names longer than the tree's counters keep their prefix.
    let long = format!("<p:{0} xmlns:p='urn:p' p:{0}='1'/>", "x".repeat(70_000));
    let tree = Document::parse(&long).unwrap();
    let canonical = canonical::exclusive(tree.root_element(), None, &["p"]);
    assert!(canonical.starts_with("<p:xxx") && canonical.contains(" p:xxx"));
}
