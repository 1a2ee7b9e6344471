//! Writes the page's absolute address into its Open Graph tags. Sites that show a preview of a link need it.

use crate::Result;
use std::{fs, path::Path};

/// This environment variable names the address for the hook of Trunk.
pub const BASE: &str = "TENFOLD_BASE";

/// The tag whose address is relative in the source.
const IMAGE: &str = r#"<meta property="og:image" content="card.png">"#;

/// An address under which a page can be served, with a slash at its end.
pub fn checked(address: &str) -> Result<String> {
    let rest = address.strip_prefix("https://").or(address.strip_prefix("http://"));
    let is_plain = |rest: &&str| !rest.is_empty() && !rest.contains(['"', '<', '>', '?', '#', ' ']);
    match rest.filter(is_plain) {
        Some(_) => Ok(format!("{}/", address.trim_end_matches('/'))),
        None => Err(format!("--base takes the page's address, like https://example.org/tenfold/, not `{address}`")),
    }
}

/// Writes `base` into the Open Graph tags of the page in `folder`.
pub fn write(folder: &Path, base: &str) -> Result {
    let file = folder.join("index.html");
    let page = fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    fs::write(&file, with_base(&page, base)?).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

fn with_base(page: &str, base: &str) -> Result<String> {
    if !page.contains(IMAGE) {
        return Err(format!("index.html has no {IMAGE}"));
    }
    let tags = format!(
        r#"<meta property="og:url" content="{base}">
    <meta property="og:image" content="{base}card.png">"#
    );
    Ok(page.replace(IMAGE, &tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_of_a_link_finds_the_page_and_its_picture() {
        let base = checked("https://example.org/tenfold").expect("an address");
        let page = with_base(include_str!("../../index.html"), &base).expect("it has the tag");
        assert!(page.contains(r#"<meta property="og:url" content="https://example.org/tenfold/">"#), "{page}");
        assert!(
            page.contains(r#"<meta property="og:image" content="https://example.org/tenfold/card.png">"#),
            "{page}"
        );
        assert!(!page.contains(IMAGE));
    }

    #[test]
    fn what_is_no_address_of_a_page_is_refused() {
        for address in ["example.org", "ftp://example.org/", "https://", "https://example.org/?a=b", "https://a\"b/"] {
            assert!(checked(address).is_err(), "{address}");
        }
        assert_eq!(checked("http://localhost:8080/").expect("an address"), "http://localhost:8080/");
    }
}
