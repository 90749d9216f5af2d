//! Structural mutants of genuine responses: whatever is moved, doubled, wrapped or renamed, none else
//! is let in.

use std::{collections::BTreeMap, ops::Range};

use roxmltree::{Document, Node};
use saml::Expected;

use crate::{
    canonicalization::Dice,
    provider::{Draft, expected, expected_assertion, verify},
};

/// Texts that an attacker would like to see somewhere.
const PIECES: [&str; 12] = [
    "<saml2:NameID>admin@birchwood.example</saml2:NameID>",
    "<NameID xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\">admin@birchwood.example</NameID>",
    "<saml2:AttributeValue>Admins</saml2:AttributeValue>",
    "<saml2p:Extensions/>",
    "<!-- -->",
    "<?a?>",
    "<![CDATA[admin]]>",
    "admin",
    " ",
    "&#32;",
    "&#x61;dmin",
    "<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
];
const NAMES: [&str; 12] = [
    "saml2:NameID",
    "saml2:Subject",
    "saml2:Assertion",
    "saml2p:Response",
    "saml2:AttributeValue",
    "saml2p:Status",
    "saml2:Advice",
    "ds:Signature",
    "ds:Object",
    "NameID",
    "Assertion",
    "saml2p:Extensions",
];

struct Mutator<'a> {
    dice: Dice,
    /// What is cut out here may be pasted there.
    donor: &'a str,
}

impl Mutator<'_> {
    /// A few changes, each of a well-formed document or none.
    fn mutate(&mut self, genuine: &str) -> String {
        let mut xml = genuine.to_owned();
        for _ in 0..=self.dice.below(3) {
            let Ok(document) = Document::parse(&xml) else { break };
            let changed = self.change(&xml, &document);
            xml = changed;
        }
        xml
    }

    fn change(&mut self, xml: &str, document: &Document<'_>) -> String {
        let one = self.node(document);
        let other = self.node(document);
        let cut = &xml[one.clone()];
        match self.dice.below(11) {
            0 => splice(xml, one, ""),
            1 => splice(xml, one.clone(), &cut.repeat(2)),
            // Moved; a node that goes into itself is only removed.
            2 if one.end <= other.start => {
                splice(&splice(xml, other.start..other.start, cut), one, "")
            }
            2 | 3 => splice(xml, other.start..other.start, cut),
            4 => splice(xml, other.end..other.end, cut),
            5 => {
                let name = self.dice.pick(&NAMES);
                splice(xml, one.clone(), &format!("<{name}>{cut}</{name}>"))
            }
            6 => self.rename(xml, document),
            7 => self.attribute(xml, document),
            8 => {
                let piece = self.dice.pick(&PIECES);
                let at = if self.dice.below(2) == 0 { one.start } else { one.end };
                splice(xml, at..at, piece)
            }
            9 => {
                let donor = Document::parse(self.donor).unwrap();
                let from = self.node(&donor);
                splice(xml, one, &self.donor[from])
            }
            _ => {
                // A character of a text or a value, wherever it is.
                let at = self.dice.below(xml.len());
                let at = (at..xml.len()).find(|at| xml.is_char_boundary(*at)).unwrap();
                let letter = self.dice.pick(&["a", "", "&#97;", "0", "\"", "\n", "#"]);
                let end = at + xml[at..].chars().next().unwrap().len_utf8();
                splice(xml, at..end, letter)
            }
        }
    }

    /// The range of any element or text.
    fn node(&mut self, document: &Document<'_>) -> Range<usize> {
        let nodes: Vec<Node<'_, '_>> = document.root_element().descendants().collect();
        nodes[self.dice.below(nodes.len())].range()
    }

    fn rename(&mut self, xml: &str, document: &Document<'_>) -> String {
        let elements: Vec<_> = document.descendants().filter(Node::is_element).collect();
        let element = elements[self.dice.below(elements.len())].range();
        let text = &xml[element.clone()];
        let old = text[1..].split([' ', '/', '>', '\n']).next().unwrap();
        let new = self.dice.pick(&NAMES);
        let renamed = text.replacen(old, new, 1);
        let renamed = match renamed.strip_suffix(&format!("</{old}>")) {
            Some(start) => format!("{start}</{new}>"),
            None => renamed,
        };
        splice(xml, element, &renamed)
    }

    fn attribute(&mut self, xml: &str, document: &Document<'_>) -> String {
        let all: Vec<_> = document.descendants().flat_map(|node| node.attributes()).collect();
        if all.is_empty() {
            return xml.to_owned();
        }
        let one = all[self.dice.below(all.len())];
        let other = all[self.dice.below(all.len())];
        match self.dice.below(4) {
            0 => splice(xml, one.range(), ""),
            1 => splice(xml, one.range_value(), other.value()),
            2 => splice(
                xml,
                other.range().end..other.range().end,
                &format!(" {}", &xml[one.range()]),
            ),
            _ => splice(
                xml,
                one.range_qname(),
                self.dice.pick(&["ID", "Id", "id", "xml:id", "URI", "Format"]),
            ),
        }
    }
}

fn splice(xml: &str, range: Range<usize>, piece: &str) -> String {
    format!("{}{piece}{}", &xml[..range.start], &xml[range.end..])
}

#[test]
fn no_mutant_lets_in_anybody_else() {
    let kinds: [(Draft, Expected<'_>); 3] = [
        (Draft::okta(), expected()),
        (Draft { response_signing: None, ..Draft::okta() }, expected_assertion()),
        (Draft::entra(), expected_assertion()),
    ];
    let mut outcomes = BTreeMap::new();
    for (draft, expected) in kinds {
        let genuine = draft.xml();
        let identity = verify(&genuine, &expected).unwrap();
        // A genuine response of somebody else, whose pieces may be used.
        let donor = Draft { name_id: draft.name_id.replace("noor", "admin"), ..draft.clone() };
        let donor = donor.xml().replace("id90", "id91");
        for number in 1..=4_000 {
            let mutant = Mutator { dice: Dice::new(number), donor: &donor }.mutate(&genuine);
            let outcome = match verify(&mutant, &expected) {
                Ok(assertion) => {
                    // What is not signed may be told differently; who signed in may not.
                    assert_eq!(assertion, identity, "mutant {number}: {mutant}");
                    "accepted"
                }
                Err(refusal) => refusal.code(),
            };
            *outcomes.entry(outcome).or_insert(0) += 1;
        }
    }
    // The mutants are of many kinds, and some of them change nothing that counts.
    assert!(outcomes.len() > 20, "{outcomes:?}");
    assert!(outcomes["accepted"] > 20 && outcomes["changed"] > 200, "{outcomes:?}");
}
