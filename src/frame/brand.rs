//! How a tenant looks: its name, logo and accent colour. The colour comes by a stylesheet of the tenant's own, because
//! the policy of the pages forbids inline style; text on it and in it is made readable whatever the tenant chose.

use std::str::FromStr;

use super::link::Link;
use super::words::Words;

/// What the frame of every page shows.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The tenant's display name.
    pub name: String,
    /// Its logo; without one the page shows the seal in the accent colour.
    pub logo: Option<Link>,
    /// Its picture in the browser's tab; without one there is ours.
    pub favicon: Option<Link>,
    /// What people agree to.
    pub terms: Option<Link>,
    /// What becomes of their data.
    pub privacy: Option<Link>,
    /// Where they find help.
    pub support: Option<Link>,
    /// Where its [`Accent::stylesheet`] is; none for the default colours.
    pub stylesheet: Option<String>,
    /// What it says, in the language of the person who reads it.
    pub words: Words,
}

impl Brand {
    /// The platform's own look, for pages that belong to no tenant; in English.
    #[must_use]
    pub fn platform() -> Self {
        Self {
            name: "Chancery".to_owned(),
            logo: None,
            favicon: None,
            terms: None,
            privacy: None,
            support: None,
            stylesheet: None,
            words: Words::default(),
        }
    }
}

/// An sRGB colour, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent([u8; 3]);

/// The ground that coloured text stands on, as in `static/chancery.css`: the least favourable one of each scheme.
const LIGHT_GROUND: Accent = Accent([0xf2, 0xf4, 0xf5]);
const DARK_GROUND: Accent = Accent([0x1e, 0x23, 0x29]);
const BLACK: Accent = Accent([0; 3]);
const WHITE: Accent = Accent([0xff; 3]);

/// WCAG 2.2 §1.4.3: the contrast of text.
const READABLE: f64 = 4.5;

impl Accent {
    /// The stylesheet that dresses the pages in this colour, light and dark, or on dark ground in another one.
    #[must_use]
    pub fn stylesheet(self, on_dark: Option<Self>) -> String {
        let light = self.variables(self, LIGHT_GROUND, BLACK);
        let other = on_dark.unwrap_or(self);
        let dark = other.variables(other.towards_readable(DARK_GROUND, WHITE), DARK_GROUND, WHITE);
        format!(":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n")
    }

    /// The contrast of text in this colour, and the colour that is shown instead, where it cannot be read (WCAG 2.2
    /// §1.4.3).
    #[must_use]
    pub fn adjusted(self, on_dark: bool) -> Option<(f64, Self)> {
        let (ground, away) = if on_dark { (DARK_GROUND, WHITE) } else { (LIGHT_GROUND, BLACK) };
        let contrast = self.contrast(ground);
        (contrast < READABLE).then(|| (contrast, self.towards_readable(ground, away)))
    }

    /// The colour of text on this colour.
    #[must_use]
    pub fn ink(self) -> Self {
        self.readable_on()
    }

    fn variables(self, fill: Self, ground: Self, away: Self) -> String {
        let on = fill.readable_on();
        let strong = fill.mixed(if on == WHITE { BLACK } else { WHITE }, 0.16);
        let ink = self.towards_readable(ground, away);
        format!("--accent:{fill};--on-accent:{on};--accent-strong:{strong};--accent-ink:{ink}")
    }

    /// Black or white, whichever reads better on this colour; one of them always reaches 4.5.
    fn readable_on(self) -> Self {
        if self.contrast(WHITE) >= self.contrast(BLACK) { WHITE } else { BLACK }
    }

    /// This colour, moved towards `goal` no further than needed to be read on `ground`.
    fn towards_readable(self, ground: Self, goal: Self) -> Self {
        let steps = (0_u8..=20).map(|step| self.mixed(goal, f64::from(step) / 20.0));
        steps.into_iter().find(|colour| colour.contrast(ground) >= READABLE).unwrap_or(goal)
    }

    fn mixed(self, other: Self, share: f64) -> Self {
        let mix = |index: usize| f64::from(self.0[index]).mul_add(1.0 - share, f64::from(other.0[index]) * share);
        Self([0, 1, 2].map(|index| channel(mix(index))))
    }

    /// WCAG 2.2, "contrast ratio".
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.0722f64.mul_add(blue, 0.2126f64.mul_add(red, 0.7152 * green))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of u8 before")]
fn channel(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

impl FromStr for Accent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "a colour is written #rrggbb".to_owned();
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or_else(refused)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| refused())?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl std::fmt::Display for Accent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_colour_is_six_hex_digits_and_nothing_that_could_be_css() {
        assert_eq!("#1D5c63".parse::<Accent>().unwrap().to_string(), "#1d5c63");
        for bad in ["", "#", "#fff", "red", "1d5c63", "#1d5c6g", "#+d5c63", "#1d5c63;}", "#1d5c6é", "#1d5c630"] {
            assert!(bad.parse::<Accent>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_stylesheet_sets_both_schemes() {
        let css = "#ffd400".parse::<Accent>().unwrap().stylesheet(None);
        assert!(css.starts_with(":root{--accent:#ffd400;--on-accent:#000000;"), "{css}");
        assert!(css.contains("prefers-color-scheme: dark"));
        let own = "#112233".parse::<Accent>().unwrap().stylesheet("#99ccff".parse().ok());
        assert!(own.contains("#112233") && own.contains("--accent:#99ccff"), "{own}");
    }

    proptest! {
        #[test]
        fn every_accent_is_readable_everywhere(colour: [u8; 3]) {
            let accent = Accent(colour);
            prop_assert!(accent.contrast(accent.readable_on()) >= READABLE);
            prop_assert!(accent.towards_readable(LIGHT_GROUND, BLACK).contrast(LIGHT_GROUND) >= READABLE);
            let dark = accent.towards_readable(DARK_GROUND, WHITE);
            prop_assert!(dark.contrast(DARK_GROUND) >= READABLE);
            prop_assert!(dark.contrast(dark.readable_on()) >= READABLE);
        }
    }
}
