//! Launches kernels written in WGSL. Numbers are written into their text, and blocks of it repeated.
//!
//! Sizes are part of the text, so that a kernel is compiled once for each shape. Kernels that an answer needs for many
//! shapes read their [`sizes`] from a buffer instead, and are compiled once. A tile that should stay in registers must
//! be spelled out, since an array that is indexed in a loop lies in memory. [`unroll`] spells it out.

#[cfg(feature = "gpu")]
mod launch;
#[cfg(feature = "profile")]
pub mod profile;

#[cfg(feature = "gpu")]
pub use launch::{
    Kernel, Parts, add_parts, contiguous, empty, has_narrow_planes, lanes, owned, relu_gradient, sizes, values, words,
};

/// `text` with each block between the lines `#each name` and `#end` repeated. `repeats` has the count for each name.
///
/// In a block, `$name` becomes the repetition's number, from 0. Blocks can be nested. A count of 0 or 1 removes or
/// keeps a block.
///
/// # Panics
/// If a block's name is not in `repeats`.
#[cfg(any(feature = "gpu", test))]
fn unroll(text: &str, repeats: &[(&'static str, usize)]) -> String {
    fn block<'a>(lines: &mut impl Iterator<Item = &'a str>, repeats: &[(&'static str, usize)]) -> String {
        let mut unrolled = String::new();
        while let Some(line) = lines.next() {
            if line.trim() == "#end" {
                break;
            } else if let Some(name) = line.trim().strip_prefix("#each ") {
                let inner = block(lines, repeats);
                let &(_, count) = repeats.iter().find(|(given, _)| *given == name).expect("each block is counted");
                for number in 0..count {
                    unrolled.push_str(&inner.replace(&format!("${name}"), &number.to_string()));
                }
            } else {
                unrolled.push_str(line);
                unrolled.push('\n');
            }
        }
        unrolled
    }
    block(&mut text.lines(), repeats)
}

#[cfg(test)]
mod tests {
    use super::unroll;

    #[test]
    fn a_block_is_repeated_with_its_number() {
        assert_eq!(
            unroll("a\n  #each row\nlet x_$row = $rowu;\n#end\nb", &[("row", 2)]),
            "a\nlet x_0 = 0u;\nlet x_1 = 1u;\nb\n"
        );
    }

    #[test]
    fn a_block_in_a_block_is_repeated_for_each_of_the_outer_ones() {
        let text = "#each row\nr$row\n#each column\n$row$column\n#end\n#end\nend";
        assert_eq!(unroll(text, &[("row", 2), ("column", 2)]), "r0\n00\n01\nr1\n10\n11\nend\n");
    }

    #[test]
    fn a_block_that_is_repeated_0_times_vanishes() {
        assert_eq!(unroll("a\n#each relu\nb\n#end", &[("relu", 0)]), "a\n");
    }
}
