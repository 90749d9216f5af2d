//! [`ServiceProvider`]: what an identity provider may want to know of us.

use super::{POST, PROTOCOL};
use crate::{
    canonical::{push_text, push_value},
    certificate::Certificate,
    xml::{DS, MD},
};

/// Our metadata for one connection (SAML metadata §2.4.4).
#[derive(Clone, Copy, Debug)]
pub struct ServiceProvider<'a> {
    /// Our entity ID.
    pub entity_id: &'a str,
    /// Where responses are posted to.
    pub acs_url: &'a str,
    /// The certificates of the keys that sign our requests; none where requests are not signed.
    pub certificates: &'a [Certificate],
    /// Whether our requests are signed.
    pub signs_requests: bool,
}

impl ServiceProvider<'_> {
    /// The document, of the media type `application/samlmetadata+xml`.
    #[must_use]
    pub fn to_xml(&self) -> String {
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor xmlns:md=\"{MD}\" entityID=\""
        );
        push_value(&mut xml, self.entity_id);
        xml.push_str("\">\n  <md:SPSSODescriptor AuthnRequestsSigned=\"");
        xml.push_str(if self.signs_requests { "true" } else { "false" });
        xml.push_str("\" WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"");
        xml.push_str(PROTOCOL);
        xml.push_str("\">\n");
        for certificate in self.certificates {
            xml.push_str("    <md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"");
            xml.push_str(DS);
            xml.push_str("\"><ds:X509Data><ds:X509Certificate>");
            push_text(&mut xml, &certificate.base64());
            xml.push_str("</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\n");
        }
        xml.push_str("    <md:AssertionConsumerService Binding=\"");
        xml.push_str(POST);
        xml.push_str("\" Location=\"");
        push_value(&mut xml, self.acs_url);
        xml.push_str("\" index=\"0\" isDefault=\"true\"/>\n");
        xml + "  </md:SPSSODescriptor>\n</md:EntityDescriptor>\n"
    }
}
