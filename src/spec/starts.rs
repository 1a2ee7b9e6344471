//! Networks to start building from.

use super::{NetworkName, Spec};

/// A network to start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// Its identifier in forms.
    pub id: &'static str,
    /// The title that the page shows.
    pub title: &'static str,
    /// Its layers.
    pub spec: Spec,
}

/// The networks that are not shipped: identifier, title, layers.
const LINES: [(&str, &str, &str); 8] = [
    (
        "article2",
        "The article's, two convolutions",
        "conv18k4r-max8s1p-conv36k4r-max2-flat-drop-dense384r-drop-dense10",
    ),
    (
        "article3",
        "The article's, three convolutions",
        "conv18k4r-max8s1p-conv36k4r-max2-conv72k4r-max2-flat-drop-dense384r-drop-dense10",
    ),
    // LeCun et al., 1998: tanh, and means instead of maxima.
    ("lenet5", "LeNet-5's kind (1998)", "conv6k5vt-avg2-conv16k5vt-avg2-flat-dense120t-dense84t-dense10"),
    // The demo at cs.stanford.edu/people/karpathy/convnetjs.
    ("convnetjs", "ConvNetJS's for CIFAR-10 (2014)", "conv16k5rh-max2-conv20k5rh-max2-conv20k5rh-max2-flat-dense10"),
    // After Springenberg et al., 2015, but smaller: strides instead of pools.
    (
        "allconv",
        "Convolutions only (2015)",
        "conv32k3rh-conv32k3s2rh-conv64k3rh-conv64k3s2rh-conv128k3rh-conv10k1-gavg",
    ),
    // After He et al., 2015: each group is two convolutions with a residual connection around them.
    ("residual", "Three residual groups (2015)", RESIDUAL),
    ("hidden", "One hidden layer", "flat-drop-dense256rh-drop-dense10"),
    ("softmax", "Softmax alone", SOFTMAX),
];

/// Three groups. Each is twice as wide as the previous one, and half as high and long.
const RESIDUAL: &str = "conv32k3nh-normr-conv32k3nh-normr-conv32k3nh-norm-add4-actr-max2-\
    conv64k3nh-normr-conv64k3nh-normr-conv64k3nh-norm-add4-actr-max2-\
    conv128k3nh-normr-conv128k3nh-normr-conv128k3nh-norm-add4-actr-gavg-dense10";

/// A dense layer on the pixels.
const SOFTMAX: &str = "flat-dense10";

/// All networks to start from, the article's first.
pub fn all() -> Vec<Start> {
    let shipped = |network: NetworkName, title| Start { id: network.id(), title, spec: Spec::shipped(network) };
    let lines = LINES.map(|(id, title, line)| Start { id, title, spec: parsed(line) });
    let article = shipped(NetworkName::Cui2017, "The article's (2017)");
    let modern = shipped(NetworkName::Tenfold2026, "Tenfold 2026");
    [article].into_iter().chain(lines).chain([modern]).collect()
}

/// A dense layer on the pixels. Softmax is applied to its logits, as for every network.
pub fn softmax() -> Spec {
    parsed(SOFTMAX)
}

fn parsed(line: &str) -> Spec {
    line.parse().expect("a line in this file")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Shape;

    #[test]
    fn every_start_can_be_trained_and_has_a_name_of_its_own() {
        let starts = all();
        for start in &starts {
            assert_eq!(start.spec.check(125), Ok(()), "{}", start.id);
            assert_eq!(starts.iter().filter(|other| other.id == start.id).count(), 1);
        }
    }

    #[test]
    fn lenet_has_the_parameters_that_its_paper_counts_but_for_the_colours_and_full_tables() {
        let lenet = all().into_iter().find(|start| start.id == "lenet5").expect("a start").spec;
        let places = lenet.places().expect("it can be");
        let counts: Vec<_> =
            places.iter().map(super::super::Place::parameter_count).filter(|&count| count > 0).collect();
        // 5x5 filters from three colours to 6 maps, and from all 6 to 16; then 400 values to 120, 84 and 10; each with
        // biases.
        assert_eq!(counts, [6 * 75 + 6, 16 * 150 + 16, 400 * 120 + 120, 120 * 84 + 84, 84 * 10 + 10]);
        assert!(matches!(places[3].output, Shape::Maps { channels: 16, height: 5, width: 5, .. }));
    }
}
