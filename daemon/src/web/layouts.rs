//! Layouts for tablets and phones, built from the running show.

use downbeat_protocol::Tree;
use downbeat_touchosc::{Form, Layout, Version, tosc};

/// The form of the layout at a path: `/layout/tablet.tosc`, `/layout/phone.tosc`.
pub fn form(path: &str) -> Option<Form> {
    let name = path.strip_prefix("/layout/")?.strip_suffix(".tosc")?;
    Form::ALL.into_iter().find(|form| form.name() == name)
}

/// The file that TouchOSC opens.
///
/// # Errors
/// Never: it writes into memory, but the writers' interfaces allow for errors.
pub fn layout(form: Form, tree: &Tree) -> std::io::Result<Vec<u8>> {
    tosc(&Layout::new(form, tree), Version::default())
}
