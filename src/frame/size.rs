//! How much something takes up, for people.

/// A number of bytes for people.
#[must_use]
pub fn size(bytes: i64) -> String {
    let (mut whole, mut tenths, mut unit) = (bytes, 0, 0);
    while whole >= 1_000 && unit < 4 {
        (whole, tenths, unit) = (whole / 1_000, whole % 1_000 / 100, unit + 1);
    }
    let unit = ["B", "kB", "MB", "GB", "TB"][unit];
    if unit == "B" || whole >= 100 { format!("{whole} {unit}") } else { format!("{whole}.{tenths} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_is_told_as_people_do() {
        for (bytes, told) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (12_345, "12.3 kB"),
            (999_999, "999 kB"),
            (5_368_709_120, "5.3 GB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
