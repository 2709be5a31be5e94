//! Smaller pictures: the one place that knows `image`. What comes in is hostile until shown otherwise, so that its size
//! is known before it is unpacked; what goes out is made anew, without anything that was noted in the original.

/// The longest original that is looked at.
pub const LARGEST: u64 = 32 << 20;

/// A picture as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its type.
    pub kind: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why there is no smaller picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// This program was built without them, or knows no such pictures.
    Unknown,
    /// It has more pixels than are unpacked.
    TooLarge,
    /// It cannot be read.
    Broken,
}

/// Whether files of this type may have smaller pictures.
#[must_use]
pub fn has_smaller(kind: &str) -> bool {
    cfg!(feature = "thumbnails") && ["image/gif", "image/jpeg", "image/png", "image/webp"].contains(&kind)
}

/// A smaller picture; one that is small already stays as large as it is.
///
/// # Errors
/// As [`Unfit`] says.
#[cfg(not(feature = "thumbnails"))]
pub const fn smaller(_: &[u8], _: &str, _: &crate::config::Thumbnail) -> Result<Picture, Unfit> {
    Err(Unfit::Unknown)
}

#[cfg(feature = "thumbnails")]
pub use making::smaller;

#[cfg(feature = "thumbnails")]
mod making {
    use std::io::Cursor;

    use image::codecs::jpeg::JpegEncoder;
    use image::metadata::Orientation;
    use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};

    use super::{Picture, Unfit};
    use crate::config::{Keep, Thumbnail};

    /// Most pixels of an original.
    const PIXELS: u64 = 50_000_000;
    /// Most bytes that unpacking it may take.
    const MEMORY: u64 = 256 << 20;
    /// How well a JPEG is made.
    const QUALITY: u8 = 82;

    /// A smaller picture; one that is small already stays as large as it is.
    ///
    /// # Errors
    /// As [`Unfit`] says.
    pub fn smaller(bytes: &[u8], kind: &str, size: &Thumbnail) -> Result<Picture, Unfit> {
        let format = ImageFormat::from_mime_type(kind).filter(|_| super::has_smaller(kind)).ok_or(Unfit::Unknown)?;
        let picture = unpacked(bytes, format)?;
        let (part, (width, height)) = cut((picture.width(), picture.height()), size);
        let (x, y, wide, high) = part;
        let whole = (wide, high) == (picture.width(), picture.height());
        let picture = if whole { picture } else { picture.crop_imm(x, y, wide, high) };
        let picture = if (width, height) == (wide, high) { picture } else { picture.thumbnail_exact(width, height) };
        packed(&picture, format)
    }

    fn unpacked(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, Unfit> {
        let mut limits = Limits::no_limits();
        limits.max_alloc = Some(MEMORY);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        reader.limits(limits);
        let mut decoder = reader.into_decoder().map_err(|error| unfit(&error))?;
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > MEMORY {
            return Err(Unfit::TooLarge);
        }
        // Cameras write how they were held beside the picture, and that is not kept.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| unfit(&error))?;
        picture.apply_orientation(orientation);
        Ok(picture)
    }

    fn unfit(error: &ImageError) -> Unfit {
        if matches!(error, ImageError::Limits(_)) { Unfit::TooLarge } else { Unfit::Broken }
    }

    /// Photographs stay photographs; everything else keeps each of its pixels as it is.
    fn packed(picture: &DynamicImage, original: ImageFormat) -> Result<Picture, Unfit> {
        let mut bytes = Cursor::new(Vec::new());
        let photograph = matches!(original, ImageFormat::Jpeg | ImageFormat::WebP) && !picture.color().has_alpha();
        let (kind, made) = if photograph {
            let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
            ("image/jpeg", picture.to_rgb8().write_with_encoder(encoder))
        } else {
            ("image/png", picture.to_rgba8().write_to(&mut bytes, ImageFormat::Png))
        };
        made.map_err(|_| Unfit::Broken)?;
        Ok(Picture { kind, bytes: bytes.into_inner() })
    }

    /// Which part of a picture stays (left, top, width, height), and how large it becomes; never larger than it is.
    fn cut((width, height): (u32, u32), size: &Thumbnail) -> ((u32, u32, u32, u32), (u32, u32)) {
        let all = (0, 0, width, height);
        let scaled = |edge: u32, by: u32, of: u32| {
            u32::try_from(u64::from(edge) * u64::from(by) / u64::from(of.max(1))).unwrap_or(u32::MAX).max(1)
        };
        let (wanted_width, wanted_height) = (size.width, size.height);
        let wider = u64::from(width) * u64::from(wanted_height) > u64::from(height) * u64::from(wanted_width);
        if wanted_height == 0 || (size.keep == Keep::Whole && wider) {
            let to = wanted_width.min(width);
            return (all, (to, scaled(height, to, width)));
        }
        if wanted_width == 0 || size.keep == Keep::Whole {
            let to = wanted_height.min(height);
            return (all, (scaled(width, to, height), to));
        }
        let (wide, high) = if wider {
            (scaled(height, wanted_width, wanted_height).min(width), height)
        } else {
            (width, scaled(width, wanted_height, wanted_width).min(height))
        };
        let top = match size.keep {
            Keep::Top => 0,
            Keep::Bottom => height - high,
            Keep::Middle | Keep::Whole => (height - high) / 2,
        };
        let to = if wide > wanted_width { (wanted_width, wanted_height) } else { (wide, high) };
        (((width - wide) / 2, top, wide, high), to)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn size(name: &str) -> Thumbnail {
            Thumbnail::try_from(name.to_owned()).unwrap()
        }

        /// A picture whose upper half is red, and whose lower half is blue.
        fn flag(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
            let red = |_, y| if y < height / 2 { image::Rgb([255_u8, 0, 0]) } else { image::Rgb([0_u8, 0, 255]) };
            let picture = DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, red));
            let mut bytes = Cursor::new(Vec::new());
            picture.write_to(&mut bytes, format).unwrap();
            bytes.into_inner()
        }

        fn read(picture: &Picture) -> DynamicImage {
            image::load_from_memory_with_format(&picture.bytes, ImageFormat::from_mime_type(picture.kind).unwrap())
                .unwrap()
        }

        #[test]
        fn a_picture_becomes_as_large_as_is_asked_and_never_larger() {
            let wide = flag(60, 40, ImageFormat::Png);
            for (name, expected) in [
                ("20x20", (20, 20)),
                ("20x20f", (20, 13)),
                ("0x20", (30, 20)),
                ("20x0", (20, 13)),
                ("600x600f", (60, 40)),
                ("600x600", (40, 40)),
                ("0x600", (60, 40)),
                ("50x10", (50, 10)),
            ] {
                let made = smaller(&wide, "image/png", &size(name)).unwrap();
                let read = read(&made);
                assert_eq!((made.kind, (read.width(), read.height())), ("image/png", expected), "{name}");
            }
        }

        #[test]
        fn what_stays_is_the_top_the_bottom_or_the_middle() {
            let tall = flag(40, 200, ImageFormat::Png);
            let colours = |name| {
                let read = read(&smaller(&tall, "image/png", &size(name)).unwrap()).to_rgb8();
                (read.get_pixel(5, 0).0[0] > 200, read.get_pixel(5, 19).0[0] > 200)
            };
            assert_eq!(colours("20x20t"), (true, true));
            assert_eq!(colours("20x20b"), (false, false));
            assert_eq!(colours("20x20"), (true, false));
        }

        #[test]
        fn each_format_is_read_and_photographs_stay_photographs() {
            for (format, kind, made) in [
                (ImageFormat::Jpeg, "image/jpeg", "image/jpeg"),
                (ImageFormat::WebP, "image/webp", "image/jpeg"),
                (ImageFormat::Gif, "image/gif", "image/png"),
                (ImageFormat::Png, "image/png", "image/png"),
            ] {
                assert_eq!(smaller(&flag(60, 40, format), kind, &size("20x20")).unwrap().kind, made, "{kind}");
            }
        }

        #[test]
        fn f3_a_picture_that_unpacks_to_more_than_fits_is_not_unpacked() {
            // The head of a PNG that says it has 40,000 × 40,000 pixels, with the checksum that belongs to it.
            let mut bomb = flag(1, 1, ImageFormat::Png);
            bomb[16..24].copy_from_slice(&[0, 0, 0x9c, 0x40, 0, 0, 0x9c, 0x40]);
            let checksum = crc(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
            assert_eq!(smaller(&bomb, "image/png", &size("20x20")), Err(Unfit::TooLarge));
            let mut gif = flag(1, 1, ImageFormat::Gif);
            gif[6..10].copy_from_slice(&[0xff, 0xff, 0xff, 0xff]);
            assert!(smaller(&gif, "image/gif", &size("20x20")).is_err());
        }

        fn crc(bytes: &[u8]) -> u32 {
            !bytes.iter().fold(u32::MAX, |mut crc, byte| {
                crc ^= u32::from(*byte);
                for _ in 0..8 {
                    crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
                }
                crc
            })
        }

        #[test]
        fn what_is_no_picture_is_told_so() {
            let whole = flag(60, 40, ImageFormat::Png);
            assert_eq!(smaller(&whole[..40], "image/png", &size("20x20")), Err(Unfit::Broken));
            assert_eq!(smaller(b"<svg/>", "image/svg+xml", &size("20x20")), Err(Unfit::Unknown));
            assert_eq!(
                smaller(&whole, "image/jpeg", &size("20x20")),
                Err(Unfit::Broken),
                "as its bytes were read before"
            );
        }
    }
}
