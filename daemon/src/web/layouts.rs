//! Layouts for tablets and phones, built from the running show, and links to them for the camera.

use downbeat_protocol::Tree;
use downbeat_touchosc::{Form, Layout, Version, tosc};
use qrcode::QrCode;
use qrcode::render::svg::Color;

/// The minimum width of a picture, in its own units.
const WIDTH: u32 = 240;

/// A resource below `/layout/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The file that TouchOSC opens: `/layout/tablet.tosc`, `/layout/phone.tosc`.
    File(Form),
    /// The link to it as a QR code: `/layout/tablet.svg`.
    Link(Form),
}

impl Piece {
    /// The resource at a path.
    pub fn at(path: &str) -> Option<Self> {
        let (name, kind) = path.strip_prefix("/layout/")?.rsplit_once('.')?;
        let form = form(name)?;
        match kind {
            "tosc" => Some(Self::File(form)),
            "svg" => Some(Self::Link(form)),
            _ => None,
        }
    }
}

/// The form with this name.
fn form(name: &str) -> Option<Form> {
    Form::ALL.into_iter().find(|form| form.name() == name)
}

/// The file that TouchOSC opens.
///
/// # Errors
/// Never: it writes into memory, but the writers' interfaces allow for errors.
pub fn layout(form: Form, tree: &Tree) -> std::io::Result<Vec<u8>> {
    tosc(&Layout::new(form, tree), Version::default())
}

/// The link to a layout of this name, for whoever shows this pass; none where there is no such layout.
pub fn link(origin: &str, name: &str, pass: &str) -> Option<String> {
    form(name).map(|form| format!("{origin}/layout/{}.tosc?pass={pass}", form.name()))
}

/// A link as a QR code. What it says stands in it as its title, too.
///
/// # Errors
/// In words, when it is too long for one.
pub fn picture(link: &str) -> Result<String, String> {
    let code = QrCode::new(link).map_err(|error| format!("no picture can be made of {link}: {error}"))?;
    let colours = (Color("#000"), Color("#fff"));
    let svg = code.render().min_dimensions(WIDTH, WIDTH).dark_color(colours.0).light_color(colours.1).build();
    // The link consists of our own letters and those of a `Host`, which may be any.
    let title = link.replace('&', "&amp;").replace('<', "&lt;");
    let (head, body) = svg.split_once("<rect").unwrap_or((&svg, ""));
    Ok(format!("{head}<title>{title}</title><rect{body}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_layout_or_the_link_to_it() {
        assert_eq!(Piece::at("/layout/tablet.tosc"), Some(Piece::File(Form::Tablet)));
        assert_eq!(Piece::at("/layout/phone.svg"), Some(Piece::Link(Form::Phone)));
        assert_eq!(["/layout/wall.tosc", "/layout/tablet", "/layout/tablet.png"].map(Piece::at), [None; 3]);
    }

    #[test]
    fn a_link_is_a_picture_that_says_what_it_leads_to() {
        let link = link("http://192.0.2.7:9480", "tablet", "00ff").expect("a layout");
        assert_eq!(link, "http://192.0.2.7:9480/layout/tablet.tosc?pass=00ff");
        let svg = picture(&link).expect("short enough");
        assert!(svg.contains(&format!("<title>{link}</title><rect")) && svg.ends_with("</svg>"), "{svg}");
    }
}
