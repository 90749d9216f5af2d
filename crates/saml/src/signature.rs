//! [`verify`]: the signature in an element covers that element and was made with a known key.
//!
//! The shape is the one that SAML core §5.4 allows, narrowed: one reference, to the element that the
//! signature stands in, with two transforms. `KeyInfo` is never read.

use aws_lc_rs::{
    digest::{self, SHA256, SHA384, SHA512},
    signature::{
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
        RsaParameters, UnparsedPublicKey,
    },
};
use roxmltree::Node;

use crate::{
    canonical,
    certificate::Certificate,
    excerpt::Excerpt,
    limit::MOST_PREFIXES,
    response::{Part, Refusal},
    xml::{Children, EXC_C14N, attribute, decode_base64, ds, exc_c14n, text},
};

pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const RSA_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384";
const RSA_SHA512: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512";
pub(crate) const DIGEST_SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const DIGEST_SHA384: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
const DIGEST_SHA512: &str = "http://www.w3.org/2001/04/xmlenc#sha512";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// What a signature says, once its shape is right.
struct Signature<'a> {
    signed_info: Node<'a, 'a>,
    signed_info_prefixes: Vec<&'a str>,
    algorithm: &'static RsaParameters,
    value: Vec<u8>,
    prefixes: Vec<&'a str>,
    digest_algorithm: &'static digest::Algorithm,
    digest: Vec<u8>,
}

/// Verifies `signature`, which stands in `signed`, and tells which certificate it verifies with.
pub(crate) fn verify<'a, 'c>(
    signature: Node<'a, 'a>,
    signed: Node<'a, 'a>,
    part: Part,
    certificates: &'c [Certificate],
) -> Result<&'c Certificate, Refusal> {
    if certificates.is_empty() {
        return Err(Refusal::NoCertificate);
    }
    let read = Signature::read(signature, attribute(signed, "ID")?, part)?;
    let signed_info = canonical::exclusive(read.signed_info, None, &read.signed_info_prefixes);
    let matches = |certificate: &&Certificate| {
        UnparsedPublicKey::new(read.algorithm, certificate.public_key())
            .verify(signed_info.as_bytes(), &read.value)
            .is_ok()
    };
    let certificate = certificates.iter().find(matches).ok_or(Refusal::UnknownKey(part))?;
    let content = canonical::exclusive(signed, Some(signature.id()), &read.prefixes);
    let digest = digest::digest(read.digest_algorithm, content.as_bytes());
    if digest.as_ref() != read.digest {
        return Err(Refusal::Changed(part));
    }
    Ok(certificate)
}

impl<'a> Signature<'a> {
    /// Reads `ds:Signature`: `SignedInfo, SignatureValue, KeyInfo?`.
    fn read(signature: Node<'a, 'a>, id: &str, part: Part) -> Result<Self, Refusal> {
        let mut children = Children::of(signature)?;
        let signed_info = children.required(ds("SignedInfo"))?;
        let value = children.required(ds("SignatureValue"))?;
        // A key in a message is the sender's word for who the sender is.
        let _ = children.optional(ds("KeyInfo"));
        children.end()?;

        let mut children = Children::of(signed_info)?;
        let canonicalization = children.required(ds("CanonicalizationMethod"))?;
        let method = children.required(ds("SignatureMethod"))?;
        let reference = children.required(ds("Reference"))?;
        children.end()?;
        let found = attribute(canonicalization, "Algorithm")?;
        if found != EXC_C14N {
            let found = Excerpt::of(found);
            return Err(Refusal::CanonicalizationAlgorithm { part, found });
        }
        let signed_info_prefixes = prefix_list(canonicalization, part)?;
        let found = attribute(method, "Algorithm")?;
        let algorithm = match found {
            RSA_SHA256 => &RSA_PKCS1_2048_8192_SHA256,
            RSA_SHA384 => &RSA_PKCS1_2048_8192_SHA384,
            RSA_SHA512 => &RSA_PKCS1_2048_8192_SHA512,
            _ => return Err(Refusal::SignatureAlgorithm { part, found: Excerpt::of(found) }),
        };
        Children::of(method)?.end()?;

        let uri = attribute(reference, "URI")?;
        if uri.strip_prefix('#') != Some(id) {
            return Err(Refusal::Reference { part, found: Excerpt::of(uri) });
        }
        let mut children = Children::of(reference)?;
        let transforms = children.required(ds("Transforms"))?;
        let method = children.required(ds("DigestMethod"))?;
        let digest = children.required(ds("DigestValue"))?;
        children.end()?;
        let prefixes = prefixes_of_transforms(transforms, part)?;
        let found = attribute(method, "Algorithm")?;
        let digest_algorithm = match found {
            DIGEST_SHA256 => &SHA256,
            DIGEST_SHA384 => &SHA384,
            DIGEST_SHA512 => &SHA512,
            _ => return Err(Refusal::DigestAlgorithm { part, found: Excerpt::of(found) }),
        };
        Children::of(method)?.end()?;

        let base64 = |leaf| decode_base64(text(leaf)?).ok_or(Refusal::SignatureEncoding(part));
        Ok(Self {
            signed_info,
            signed_info_prefixes,
            algorithm,
            value: base64(value)?,
            prefixes,
            digest_algorithm,
            digest: base64(digest)?,
        })
    }
}

/// Exactly enveloped-signature, then exclusive canonicalization.
fn prefixes_of_transforms<'a>(
    transforms: Node<'a, 'a>,
    part: Part,
) -> Result<Vec<&'a str>, Refusal> {
    let mut children = Children::of(transforms)?;
    let (Some(first), Some(second), None) =
        (children.optional(ds("Transform")), children.optional(ds("Transform")), children.peek())
    else {
        return Err(Refusal::Transforms(part));
    };
    let is_enveloped = attribute(first, "Algorithm")? == ENVELOPED && !first.has_children();
    if !is_enveloped || attribute(second, "Algorithm")? != EXC_C14N {
        return Err(Refusal::Transforms(part));
    }
    prefix_list(second, part)
}

/// The `PrefixList` of a canonicalization, if it has one.
fn prefix_list<'a>(method: Node<'a, 'a>, part: Part) -> Result<Vec<&'a str>, Refusal> {
    let mut children = Children::of(method)?;
    let Some(inclusive) = children.optional(exc_c14n("InclusiveNamespaces")) else {
        children.end()?;
        return Ok(Vec::new());
    };
    children.end()?;
    Children::of(inclusive)?.end()?;
    let prefixes: Vec<&str> =
        attribute(inclusive, "PrefixList")?.split_ascii_whitespace().collect();
    if prefixes.len() > MOST_PREFIXES {
        return Err(Refusal::Transforms(part));
    }
    Ok(prefixes)
}
