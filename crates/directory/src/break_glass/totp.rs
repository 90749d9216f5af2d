//! [`TotpKey`]: one-time codes by time (RFC 6238), with the parameters that every authenticator app
//! knows: HMAC-SHA-1, six digits, 30 seconds.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use data_encoding::BASE32_NOPAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::{clock::Time, random::Random};

/// The bytes of a key (RFC 4226 §4 R6 recommends 160 bits).
const KEY: usize = 20;
/// The seconds for which a code stands.
const STEP: i64 = 30;
/// So many steps early or late a code is taken (RFC 6238 §5.2).
const WINDOW: i64 = 1;
const DIGITS: usize = 6;

/// The key that an authenticator app and the store share. It cannot be printed by accident.
#[derive(Clone, Debug)]
pub struct TotpKey(SecretSlice<u8>);

impl TotpKey {
    pub(super) fn random(random: &Random) -> Self {
        Self(random.bytes::<KEY>().to_vec().into())
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// The key in base 32, for whoever types it.
    #[must_use]
    pub fn reveal(&self) -> String {
        BASE32_NOPAD.encode(self.as_bytes())
    }

    /// The address that an authenticator app reads: `otpauth://totp/Issuer:account?secret=…`.
    #[must_use]
    pub fn address(&self, issuer: &str, account: &str) -> String {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        format!(
            "otpauth://totp/{0}:{1}?secret={2}&issuer={0}",
            encoded(issuer),
            encoded(account),
            self.reveal()
        )
    }

    /// The code that an authenticator app shows at a moment.
    #[must_use]
    pub fn code_at(&self, now: Time) -> String {
        self.code(now.timestamp().as_second() / STEP)
    }

    /// The step that a code belongs to, if it is one of this moment and of a later step than
    /// `after`: a code is good once.
    pub(super) fn step_of(&self, code: &str, now: Time, after: i64) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != DIGITS || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let current = now.timestamp().as_second() / STEP;
        (current - WINDOW..=current + WINDOW).filter(|step| *step > after).find(|step| {
            verify_slices_are_equal(self.code(*step).as_bytes(), digits.as_bytes()).is_ok()
        })
    }

    /// The code of a step (RFC 4226 §5.3).
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.as_bytes());
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag.last().map_or(0, |last| last & 0xf));
        let four = tag.get(at..at + 4).unwrap_or(&[0; 4]);
        let number = four.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::TotpKey;
    use crate::clock::Time;

    fn key() -> TotpKey {
        TotpKey::from_bytes(b"12345678901234567890".to_vec())
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of its eight digits.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(key().code(seconds / 30), code);
            let now = Time::from_micros(seconds * 1_000_000);
            assert_eq!(key().step_of(code, now, 0), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_minute_and_a_half() {
        let at = |seconds: i64| Time::from_micros(seconds * 1_000_000);
        let step = 1_111_111_109 / 30;
        assert_eq!(key().step_of("081804", at(step * 30 - 30), 0), Some(step));
        assert_eq!(key().step_of("081 804", at(step * 30 + 59), 0), Some(step));
        assert_eq!(key().step_of("081804", at(step * 30 + 60), 0), None);
        assert_eq!(key().step_of("081804", at(step * 30), step), None, "it was used");
        for bad in ["", "81804", "0818040", "08180a", "٠٨١٨٠٤"] {
            assert_eq!(key().step_of(bad, at(step * 30), 0), None, "{bad}");
        }
    }

    #[test]
    fn an_app_reads_the_address() {
        assert_eq!(
            key().address("Acme & Co", "ada@example.com"),
            "otpauth://totp/Acme%20%26%20Co:ada%40example%2Ecom\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%26%20Co"
        );
    }
}
