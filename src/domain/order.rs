//! Sorting.
//!
//! The page sorts only through [`order`]: each `sort_by` would add five KB of code.

use std::cmp::Ordering;

/// The indices below `count`, sorted by `compare`; equal ones keep their order.
pub fn order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// `items` sorted by `compare`; equal ones keep their order.
pub fn sorted<T>(items: Vec<T>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let order = order(items.len(), &|a, b| compare(&items[a], &items[b]));
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| items[at].take()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ones_stay_as_they_come() {
        let words = ["pear", "fig", "plum", "kiwi", "nut"];
        let by_length = |a: usize, b: usize| words[a].len().cmp(&words[b].len());
        assert_eq!(order(words.len(), &by_length), [1, 4, 0, 2, 3]);
        assert_eq!(sorted(words.to_vec(), |a, b| a.len().cmp(&b.len())), ["fig", "nut", "pear", "plum", "kiwi"]);
    }
}
