//! The static files inside the binary, each under a name that carries the hash of its content.

use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// One static file, ready to be sent.
pub struct Asset {
    /// What it is.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: std::borrow::Cow<'static, [u8]>,
    /// Whether it was asked for by the name of exactly this content, and may be kept for ever.
    pub immutable: bool,
}

/// Where the pages find the file `name`: `/static/{first 16 hex digits of its SHA-256}/{name}`.
#[must_use]
pub fn href(name: &str) -> String {
    match Files::get(name) {
        Some(file) => format!("/static/{}/{name}", mark(&file)),
        None => format!("/static/{name}"),
    }
}

/// The file under `/static/{path}`, where `path` may begin with the mark that [`href`] gives it.
#[must_use]
pub fn find(path: &str) -> Option<Asset> {
    let (given, name) = path.split_once('/').map_or((None, path), |(mark, name)| (Some(mark), name));
    let file = Files::get(name)?;
    let immutable = given == Some(mark(&file).as_str());
    (given.is_none() || immutable).then_some(Asset { content_type: content_type(name), bytes: file.data, immutable })
}

fn mark(file: &rust_embed::EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..8].iter().fold(String::with_capacity(16), |mark, byte| mark + &format!("{byte:02x}"))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_immutable_under_its_hash_and_short_lived_under_its_name() {
        let marked = href("chancery.css");
        let hashed = find(marked.strip_prefix("/static/").unwrap()).unwrap();
        assert!(hashed.immutable);
        assert_eq!(hashed.content_type, "text/css; charset=utf-8");
        assert!(!find("form_post.js").unwrap().immutable);
    }

    #[test]
    fn nothing_else_is_found() {
        for path in ["", "/", "../Cargo.toml", "0000000000000000/chancery.css", "nothing.css", "%2e%2e/Cargo.toml"] {
            assert!(find(path).is_none(), "{path}");
        }
    }
}
