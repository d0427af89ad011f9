//! The page and its files, built into the program.

use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../clients/web"]
#[exclude = "*.md"]
#[exclude = "*.test.js"]
#[exclude = "test/*"]
struct Page;

/// The file at a path, and its type.
pub fn file(path: &str) -> Option<(EmbeddedFile, &'static str)> {
    let name = match path {
        "/" => "index.html",
        "/strip" => "strip.html",
        // A service worker only serves what is below it, so it is at the top.
        "/sw.js" | "/manifest.webmanifest" => &path[1..],
        path => path.strip_prefix("/ui/")?,
    };
    let kind = match name.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        _ => return None,
    };
    Some((Page::get(name)?, kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::rule::{Act, Choice, Occasion, Rate};

    #[test]
    fn the_editor_offers_every_word_of_a_rule() {
        let (file, _) = file("/ui/editor/words.js").expect("a file of the page");
        let text = String::from_utf8_lossy(&file.data).into_owned();
        let words = |name: &str, all: &[&str]| format!("export const {name} = ['{}'];", all.join("', '"));
        for line in [
            words("OCCASIONS", &Occasion::NAMES),
            words("CHOICES", &Choice::NAMES),
            words("ACTS", &Act::NAMES),
            words("RATES", Rate::NAMES),
        ] {
            assert!(text.contains(&line), "{line}");
        }
    }
}
