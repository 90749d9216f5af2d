//! [`Described`]: a provider as its metadata describes it.

use ::saml::metadata::{Binding as Bound, IdentityProvider};

use super::{Binding, Provider, certificate::NewCertificate};
use crate::error::Error;

/// A provider as its metadata describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// The provider.
    pub provider: Provider,
    /// The certificates of its keys: one at least.
    pub certificates: Vec<NewCertificate>,
}

impl Described {
    /// Reads metadata, of at most 512 KB. Requests go by the redirect binding where the provider has it.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] where it is not the metadata of one provider that can be used.
    pub fn read(metadata: &[u8]) -> Result<Self, Error> {
        let unusable =
            |why: String| Error::invalid("metadata", format!("The metadata cannot be used: {why}"));
        let found =
            IdentityProvider::parse(metadata).map_err(|error| unusable(error.to_string()))?;
        // The redirect binding stands first.
        let service = found.single_sign_on.into_iter().next();
        let service = service.ok_or_else(|| unusable("it has no single sign-on URL".to_owned()))?;
        Ok(Self {
            provider: Provider {
                entity_id: found.entity_id,
                sso_url: service.location,
                binding: match service.binding {
                    Bound::Redirect => Binding::Redirect,
                    Bound::Post => Binding::Post,
                },
            },
            certificates: found.certificates.iter().map(NewCertificate::from).collect(),
        })
    }
}

impl From<&::saml::Certificate> for NewCertificate {
    fn from(certificate: &::saml::Certificate) -> Self {
        Self {
            sha256: *certificate.fingerprint().as_bytes(),
            der: certificate.der().to_vec(),
            not_after: certificate.not_after().into(),
        }
    }
}
