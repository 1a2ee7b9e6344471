//! The names of a network's layers, which are derived from their kinds.
//!
//! Convolutions are called `conv`, or `conv1`, `conv2` and so on; dense layers `hidden`, the last one `output`. A batch
//! normalisation belongs to the convolution before it, with the pools between them. An activation belongs to the layer
//! before it.

use super::{Kind, LayerSpec};
use crate::layers::BlockPart;

/// The layers with their names.
pub fn named(kinds: Vec<Kind>) -> Vec<LayerSpec> {
    let blocks = blocks(&kinds);
    blocks.into_iter().zip(kinds).map(|(block, kind)| LayerSpec { block, kind }).collect()
}

/// The block name of each layer.
fn blocks(kinds: &[Kind]) -> Vec<String> {
    let joined: Vec<bool> = (0..kinds.len()).map(|at| joins_a_convolution(kinds, at)).collect();
    let last_dense = kinds.iter().rposition(|kind| matches!(kind, Kind::Dense(_)));
    let mut blocks: Vec<String> = Vec::with_capacity(kinds.len());
    // The base name of a layer's own block; none if it belongs to the block before it. The number is added later, when
    // it is known how many there are.
    let base = |at: usize| -> Option<&'static str> {
        let before = at.checked_sub(1).map(|before| &kinds[before]);
        match (&kinds[at], before) {
            _ if joined[at] => None,
            (Kind::Activate(_), Some(_)) => None,
            (Kind::Dropout(_), Some(Kind::Dense(_))) => Some("_dropout"),
            (Kind::Dense(_), _) if Some(at) == last_dense => Some("output"),
            (kind, _) => Some(kind.layer().block()),
        }
    };
    for at in 0..kinds.len() {
        let before = || blocks.last().cloned().unwrap_or_default();
        let block = match base(at) {
            None => before(),
            Some("_dropout") => before() + "_dropout",
            Some(name) => {
                let count = (0..kinds.len()).filter(|&other| base(other) == Some(name)).count();
                let number = (0..=at).filter(|&other| base(other) == Some(name)).count();
                if count == 1 { name.to_owned() } else { format!("{name}{number}") }
            }
        };
        blocks.push(block);
    }
    blocks
}

/// Whether the layer `at` belongs to a convolution's block. That holds for a normalisation if only pools, activations
/// and dropout separate it from the convolution, and for the layers between the two.
fn joins_a_convolution(kinds: &[Kind], at: usize) -> bool {
    let lies_between = |kind: &&Kind| kind.layer().block_part() == BlockPart::Between;
    let is = |kind: Option<&Kind>, part| kind.is_some_and(|kind| kind.layer().block_part() == part);
    let follows = kinds[..at].iter().rev().find(|kind| !lies_between(kind));
    let leads = kinds[at..].iter().find(|kind| !lies_between(kind));
    is(follows, BlockPart::Opens) && is(leads, BlockPart::Closes)
}

#[cfg(test)]
mod tests {
    use crate::spec::{NetworkName, Spec};

    #[test]
    fn the_shipped_networks_layers_are_called_as_they_always_were() {
        for network in NetworkName::ALL {
            let shipped = Spec::shipped(network);
            assert_eq!(Spec::from(shipped.kinds()), shipped);
        }
    }

    #[test]
    fn layers_of_one_kind_are_numbered_and_what_belongs_together_has_one_name() {
        let spec: Spec =
            "conv8k3-norm-conv8k3-max2-normr-actt-avg2-dense20r-drop-dense30-dense10".parse().expect("layers");
        let blocks: Vec<_> = spec.layers.iter().map(|layer| layer.block.as_str()).collect();
        let expected = [
            "conv1",
            "conv1",
            "conv2",
            "conv2",
            "conv2",
            "conv2",
            "pool",
            "hidden1",
            "hidden1_dropout",
            "hidden2",
            "output",
        ];
        assert_eq!(blocks, expected);
    }
}
