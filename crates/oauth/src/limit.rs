//! The bounds of what is read, and how long what is made lives.

use jiff::SignedDuration;

/// Most bytes of a query or of a form, as it was sent.
pub const LARGEST_PARAMETERS: usize = 16 * 1024;
/// Most parameters of a request.
pub const MOST_PARAMETERS: usize = 64;
/// Most bytes of a `state`, which comes back as it is.
pub const LONGEST_STATE: usize = 4 * 1024;
/// Most bytes of a `nonce`, which comes back in the ID token.
pub const LONGEST_NONCE: usize = 512;
/// Most scopes of a request.
pub const MOST_SCOPES: usize = 32;
/// Most values of `acr_values`.
pub const MOST_ACR_VALUES: usize = 16;
/// Most bytes of a client's identifier.
pub const LONGEST_CLIENT_ID: usize = 128;
/// Most bytes of a redirect URI.
pub const LONGEST_REDIRECT_URI: usize = 2_000;
/// Most bytes of a JSON Web Token. Those of Entra ID have about two thousand.
pub const LARGEST_JWT: usize = 16 * 1024;
/// Most bytes of a set of keys. That of Entra ID has about 20 KB.
pub const LARGEST_KEY_SET: usize = 256 * 1024;
/// Most keys of a set.
pub const MOST_KEYS: usize = 64;
/// Most bytes of the body of a global token revocation.
pub const LARGEST_REVOCATION: usize = 16 * 1024;
/// Fewest bits of an RSA key (RFC 7518 §3.3).
pub const FEWEST_KEY_BITS: usize = 2048;
/// Most bits of an RSA key: a larger one only costs.
pub const MOST_KEY_BITS: usize = 8192;

/// How far the clocks of another party and of this machine may be apart.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(60);
/// How long an authorization code lives (RFC 6749 §4.1.2 allows ten minutes).
pub const CODE_LIFETIME: SignedDuration = SignedDuration::from_secs(60);
/// How long a refresh token is still taken after it was replaced: a client may have asked twice at a
/// time, or may not have got the answer.
pub const REFRESH_GRACE: SignedDuration = SignedDuration::from_secs(60);
/// How long an access token lives.
pub const ACCESS_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How long an ID token may be taken for a sign-in. A session may live longer: see `session_expiry`.
pub const ID_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How long a logout token may be delivered (OpenID Connect Back-Channel Logout §2.4).
pub const LOGOUT_TOKEN_LIFETIME: SignedDuration = SignedDuration::from_mins(2);
/// How far ahead a client's assertion may expire: so long its `jti` must be remembered.
pub const LONGEST_ASSERTION: SignedDuration = SignedDuration::from_hours(1);
/// How far ahead a global token revocation may expire. Okta says five minutes.
pub const LONGEST_REVOCATION: SignedDuration = SignedDuration::from_mins(10);
/// How old an authentication may be that was asked for by `prompt=login` or `max_age`: the person
/// types a password meanwhile, and the provider's clock may be behind.
pub const FRESH_AUTHENTICATION: SignedDuration = SignedDuration::from_mins(5);
