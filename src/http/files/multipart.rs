//! `multipart/form-data` (RFC 7578) with one file in it: the fields come first, then the file, then nothing. Fields are
//! small and the file streams, so that a form never fills the memory.

use axum::body::Body;
use bytes::Bytes;
use futures_util::Stream;
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::METADATA;
use crate::base::{Code, Refusal, Result, Stop};

/// Most parts of a form.
const PARTS: usize = 10;

/// A form up to its file.
pub struct Parts {
    /// The fields before the file, each once.
    pub fields: Vec<(String, String)>,
    /// The name that the file has in the form.
    pub name: Option<String>,
    /// The type that it has there.
    pub kind: Option<String>,
    rest: Option<(Multipart<'static>, Field<'static>)>,
}

impl Parts {
    /// A field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether there is a file.
    #[must_use]
    pub const fn has_file(&self) -> bool {
        self.rest.is_some()
    }

    /// The bytes of the file. After them nothing may come: a second file makes the whole form invalid.
    pub fn into_bytes(self) -> impl Stream<Item = Result<Bytes>> + Send + Unpin {
        Box::pin(futures_util::stream::try_unfold(self.rest, async |rest| {
            let Some((mut form, mut file)) = rest else { return Ok(None) };
            if let Some(piece) = file.chunk().await.map_err(|error| malformed(&error))? {
                return Ok(Some((piece, Some((form, file)))));
            }
            drop(file);
            match form.next_field().await.map_err(|error| malformed(&error))? {
                Some(_) => Err(invalid("the file is the last part of the form, and there is one")),
                None => Ok(None),
            }
        }))
    }
}

/// Reads a form up to its part `file`. Only these fields may come before it.
///
/// # Errors
/// It is no such form, or has a part that nobody asked for.
pub async fn multipart(content_type: &str, body: Body, known: &[&str]) -> Result<Parts> {
    let boundary = multer::parse_boundary(content_type).map_err(|error| malformed(&error))?;
    let small = SizeLimit::new().per_field(METADATA as u64).for_field("file", u64::MAX);
    let constraints = Constraints::new().size_limit(small);
    let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
    let mut fields: Vec<(String, String)> = Vec::new();
    for _ in 0..PARTS {
        let Some(field) = form.next_field().await.map_err(|error| malformed(&error))? else { break };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let (file, kind) = (field.file_name().map(str::to_owned), field.content_type().map(ToString::to_string));
            return Ok(Parts { fields, name: file, kind, rest: Some((form, field)) });
        }
        if !known.contains(&name.as_str()) || fields.iter().any(|(other, _)| *other == name) {
            return Err(invalid("the form has a part that is not expected, or one twice; `file` comes last"));
        }
        let text = field.text().await.map_err(|error| malformed(&error))?;
        fields.push((name, text));
    }
    Ok(Parts { fields, name: None, kind: None, rest: None })
}

fn malformed(error: &multer::Error) -> Stop {
    if matches!(error, multer::Error::FieldSizeExceeded { .. }) {
        return Stop::refuse(Code::BodyTooLarge, "a field of the form is too long");
    }
    Refusal::new(Code::InvalidRequest, "the form cannot be read, or was cut off").hint(error.to_string()).into()
}

fn invalid(sentence: &'static str) -> Stop {
    Stop::refuse(Code::InvalidRequest, sentence)
}
