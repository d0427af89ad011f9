//! Links to be photographed from a terminal.

use crate::exit::Failure;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// A link as a QR code of letters.
///
/// # Errors
/// When it is too long for one.
pub fn picture(link: &str) -> Result<String, Failure> {
    let code =
        QrCode::new(link).map_err(|error| Failure::Refused(format!("no picture can be made of {link}: {error}")))?;
    Ok(code.render::<Dense1x2>().build())
}
