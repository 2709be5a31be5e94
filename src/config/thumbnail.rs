//! A size of thumbnails as `archive.thumbnails` names it: `200x100`, `200x100t`, `0x100`.

use serde::Deserialize;

/// The longest edge of a thumbnail.
const LONGEST: u32 = 2_048;

/// Which part stays of a picture of other proportions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Its middle.
    Middle,
    /// Its top (`t`).
    Top,
    /// Its bottom (`b`).
    Bottom,
    /// All of it (`f`): one edge becomes shorter than asked.
    Whole,
}

/// A size.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Thumbnail {
    name: String,
    /// Pixels from left to right; 0: as the height says.
    pub width: u32,
    /// Pixels from top to bottom; 0: as the width says.
    pub height: u32,
    /// What stays.
    pub keep: Keep,
}

impl Thumbnail {
    /// As it is written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl TryFrom<String> for Thumbnail {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let read = || {
            let (sides, keep) = match name.chars().last()? {
                't' => (&name[..name.len() - 1], Keep::Top),
                'b' => (&name[..name.len() - 1], Keep::Bottom),
                'f' => (&name[..name.len() - 1], Keep::Whole),
                _ => (name.as_str(), Keep::Middle),
            };
            let (width, height) = sides.split_once('x')?;
            let side = |text: &str| {
                let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                let plain = plain && (text == "0" || !text.starts_with('0'));
                text.parse().ok().filter(|side: &u32| plain && *side <= LONGEST)
            };
            let (width, height) = (side(width)?, side(height)?);
            let one_is_free = width == 0 || height == 0;
            let meaningful = width + height > 0 && (!one_is_free || keep == Keep::Middle);
            meaningful.then_some((width, height, keep))
        };
        match read() {
            Some((width, height, keep)) => Ok(Self { name, width, height, keep }),
            None => Err(format!("{name} is no size of thumbnails such as 200x200, 200x200f or 0x400")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<(u32, u32, Keep)> {
        let read = Thumbnail::try_from(name.to_owned()).ok()?;
        assert_eq!(read.name(), name);
        Some((read.width, read.height, read.keep))
    }

    #[test]
    fn sizes_are_two_edges_and_what_stays() {
        assert_eq!(read("200x100"), Some((200, 100, Keep::Middle)));
        assert_eq!(read("200x100t"), Some((200, 100, Keep::Top)));
        assert_eq!(read("200x100b"), Some((200, 100, Keep::Bottom)));
        assert_eq!(read("200x100f"), Some((200, 100, Keep::Whole)));
        assert_eq!((read("0x100"), read("2048x0")), (Some((0, 100, Keep::Middle)), Some((2_048, 0, Keep::Middle))));
        for bad in ["", "x", "0x0", "200", "200x", "x200", "2049x1", "0x100f", "-1x5", "+1x5", "01x5", "1x5T", "1x5é"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
