//! The window of a pool in a short line: its side, then `s1` for another stride, then `p` with padding.

use crate::spec::{shape::Padding, text::Rest};
use std::fmt;

/// Writes the window.
pub fn write_window(side: usize, stride: usize, padding: Padding, f: &mut fmt::Formatter) -> fmt::Result {
    write!(f, "{side}")?;
    if stride != side {
        write!(f, "s{stride}")?;
    }
    f.write_str(if padding == Padding::Same { "p" } else { "" })
}

/// Side, stride and padding of the window.
///
/// # Errors
/// If the text has no window; in words that say what is missing.
pub fn read_window(rest: &mut Rest) -> Result<(usize, usize, Padding), String> {
    let side = rest.number()?.ok_or("its window's side is missing, as in max2")?;
    let stride = rest.number_after('s')?.unwrap_or(side);
    Ok((side, stride, if rest.takes('p') { Padding::Same } else { Padding::None }))
}
