//! A text as a QR code, for the camera of a phone.

use std::fmt::Write as _;

use qrcodegen::{DataTooLong, QrCode, QrCodeEcc};

/// What is light around a code, in modules (ISO/IEC 18004 wants four).
const QUIET: i32 = 4;

/// The squares of a code as the path of an SVG, and how many modules wide the picture is.
pub(super) fn path(text: &str) -> Result<(String, i32), DataTooLong> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)?;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a string never fails.
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Ok((path, code.size() + 2 * QUIET))
}
