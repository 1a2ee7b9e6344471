//! Decimal numbers, as people and addresses write them.

/// The most significant digits that are read; the shortest form of any `f64` has at most 17.
const MOST_DIGITS: usize = 18;

/// The powers of ten that [`decimal`] divides or multiplies by.
const POWERS: std::ops::RangeInclusive<i32> = -27..=19;

/// From this negative power on, the quotient is computed to this many more bits: (power, bits).
const LONG: (u32, u32) = (12, 37);

/// The number that `text` writes, such as `0.005`, `5e-3` or `-1`, rounded as [`str::parse`] rounds it.
///
/// None if it is not a finite number, has more than 18 significant digits, or is far beyond what a setting can be.
///
/// [`str::parse`] reads every number, but its tables would be a thirtieth of the page's download.
pub fn decimal(text: &str) -> Option<f64> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all = || whole.bytes().chain(part.bytes());
    if all().next().is_none() || !all().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let zeros = all().rev().take_while(|digit| *digit == b'0').count();
    let counting = whole.len() + part.len() - zeros;
    if all().take(counting).skip_while(|digit| *digit == b'0').count() > MOST_DIGITS {
        return None;
    }
    let mantissa = all().take(counting).fold(0_u128, |sum, digit| 10 * sum + u128::from(digit - b'0'));
    let power = exponent.checked_add(i32::try_from(zeros).ok()? - i32::try_from(part.len()).ok()?)?;
    if mantissa != 0 && !POWERS.contains(&power) {
        return None;
    }
    let size = if mantissa == 0 {
        0.0
    } else if power >= 0 {
        // Below 2^128, so the product is exact and rounded only once.
        (mantissa * 10_u128.pow(power.unsigned_abs())) as f64
    } else {
        // At least 74 bits of the quotient. The last one says whether there is a remainder, so that this is rounded
        // only once too.
        let mut shift = mantissa.leading_zeros();
        let (shifted, divisor) = (mantissa << shift, 10_u128.pow(power.unsigned_abs()));
        let (mut quotient, mut rest) = (shifted / divisor, shifted % divisor);
        if power.unsigned_abs() >= LONG.0 {
            shift += LONG.1;
            rest <<= LONG.1;
            quotient = (quotient << LONG.1) | (rest / divisor);
            rest %= divisor;
        }
        (quotient | u128::from(rest != 0)) as f64 / 2_f64.powi(shift as i32)
    };
    Some(if is_negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_rust_reads_them() {
        let mut state = 2017_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 11
        };
        for _ in 0..20_000 {
            let share = random() as f64 / (1_u64 << 53) as f64;
            let number = share * 10_f64.powi((random() % 8) as i32 - 3);
            for text in
                [number.to_string(), (number as f32).to_string(), format!("{number:.5e}"), format!("-{number:.3}")]
            {
                assert_eq!(decimal(&text), text.parse().ok(), "{text}");
            }
        }
        for text in ["0", "-0", "5", "50000", "1e3", "5E-3", ".5", "2.", "+1", "007", "0.000", "000.1e1", "1e18"] {
            assert_eq!(decimal(text), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_or_far_beyond_any_setting_is_none() {
        for text in
            ["", ".", "-", "e3", "1e", "1e400", "1e-60", "NaN", "inf", "1,5", "0x10", "1 ", "٣", "1234567890123456789"]
        {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
