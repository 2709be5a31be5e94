//! MongoDB's decimal numbers (IEEE 754-2008 decimal128, binary coefficient) as texts that lose nothing.

/// Of the exponent.
const BIAS: i32 = 6176;
/// Coefficients have 34 digits at most; larger ones count as zero.
const LARGEST: u128 = 10_u128.pow(34) - 1;

/// The number as text; `None`: it is none, or has no end.
pub(super) fn text(bytes: [u8; 16]) -> Option<String> {
    let bits = u128::from_le_bytes(bytes);
    let high = u64::try_from(bits >> 64).ok()?;
    if high >> 59 & 0b1111 == 0b1111 {
        return None;
    }
    // The other form is of coefficients that are too large.
    let (biased, coefficient) = if high >> 61 & 0b11 == 0b11 {
        (high >> 47 & 0x3fff, 0)
    } else {
        (high >> 49 & 0x3fff, bits & ((1 << 113) - 1))
    };
    let coefficient = if coefficient > LARGEST { 0 } else { coefficient };
    let sign = if high >> 63 == 1 { "-" } else { "" };
    let exponent = i32::try_from(biased).ok()? - BIAS;
    Some(format!("{sign}{}", written(&coefficient.to_string(), exponent)))
}

fn written(digits: &str, exponent: i32) -> String {
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let scientific = exponent + length - 1;
    if exponent > 0 || scientific < -6 {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        return format!("{first}{dot}{rest}E{scientific:+}");
    }
    let Ok(fraction) = usize::try_from(-exponent) else { return digits.to_owned() };
    if fraction == 0 {
        return digits.to_owned();
    }
    let padded = format!("{digits:0>width$}", width = fraction + 1);
    let (whole, fraction) = padded.split_at(padded.len() - fraction);
    format!("{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As MongoDB would store it.
    fn stored(negative: bool, coefficient: u128, exponent: i32) -> [u8; 16] {
        let biased = u128::try_from(exponent + BIAS).unwrap();
        (u128::from(negative) << 127 | biased << 113 | coefficient).to_le_bytes()
    }

    #[test]
    fn decimals_are_written_as_the_specification_of_bson_says() {
        for (negative, coefficient, exponent, expected) in [
            (false, 0, 0, "0"),
            (false, 1_999, -2, "19.99"),
            (true, 1, 0, "-1"),
            (false, 5, -1, "0.5"),
            (false, 1, -6, "0.000001"),
            (false, 1, -7, "1E-7"),
            (false, 12_345, 3, "1.2345E+7"),
            (false, LARGEST, 0, "9999999999999999999999999999999999"),
            (false, 100, -2, "1.00"),
        ] {
            assert_eq!(text(stored(negative, coefficient, exponent)).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_number_has_no_text() {
        for high in [0x7c00_u128, 0x7800, 0xf800] {
            assert_eq!(text((high << 112).to_le_bytes()), None);
        }
        assert_eq!(text(((0x6c10_u128 << 112) | 7).to_le_bytes()).unwrap(), "0");
    }
}
