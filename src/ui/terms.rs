//! The field's terms, each with one short explanation. The page explains a term where it first uses the word, and lists
//! all of them in "About".

/// A term of the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its name.
    pub name: &'static str,
    /// How each of its forms begins, in lower case: "overfit" for "overfitting" and "overfits".
    stem: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// All terms, in an order in which each explanation uses only what comes before it, or plain words.
pub const TERMS: [Term; 9] = [
    Term { name: "Batch", stem: "batch", meaning: "A few images that the network learns from at once." },
    Term {
        name: "Step",
        stem: "step",
        meaning: "The network answers one batch. Then each of its weights moves a little, towards better answers.",
    },
    Term { name: "Epoch", stem: "epoch", meaning: "One pass over all training images, batch after batch." },
    Term {
        name: "Learning rate",
        stem: "learning rate",
        meaning: "How far a step moves the weights. If it is too low, learning takes long. If it is too high, learning fails.",
    },
    Term {
        name: "Loss",
        stem: "loss",
        meaning: "How wrong the answers are, as one number. Training lowers it. Guessing gives 2.3, and sure and right \
                  answers give 0.",
    },
    Term {
        name: "Accuracy",
        stem: "accuracy",
        meaning: "The share of images that the network gets right. Guessing among ten classes gives 10%.",
    },
    Term {
        name: "Validation",
        stem: "validation",
        meaning: "A test on images that the network does not learn from. It shows what the network can do with new images.",
    },
    Term {
        name: "Overfitting",
        stem: "overfit",
        meaning: "Learning the training images by heart. The network gets better on them, but not on new ones.",
    },
    Term {
        name: "Dropout",
        stem: "dropout",
        meaning: "In each step, some values inside the network are set to 0 at random. This makes it hard to learn \
                  images by heart.",
    },
];

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Words that need no explanation here.
    Words(&'a str),
    /// A term's first place in the text, as the text writes it.
    Term(&'a str, Term),
}

/// The parts of `text`: the first place of each term, and the words between.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut from, mut at, mut known) = (Vec::new(), 0, 0, [false; TERMS.len()]);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let word = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let begins_with = |stem: &str| rest.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem));
        if let Some(which) = (0..TERMS.len()).find(|&which| !known[which] && begins_with(TERMS[which].stem)) {
            // Up to the end of the word: "batches".
            let stem = TERMS[which].stem.len();
            let end = at + stem + rest[stem..].bytes().take_while(u8::is_ascii_alphabetic).count();
            parts.extend((from < at).then(|| Part::Words(&text[from..at])));
            parts.push(Part::Term(&text[at..end], TERMS[which]));
            known[which] = true;
            (from, at) = (end, end);
        } else {
            // To the next word. What is no letter may take several bytes.
            at += word.max(rest.chars().next().map_or(0, char::len_utf8));
        }
    }
    parts.extend((from < text.len()).then(|| Part::Words(&text[from..])));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terms that `text` explains, as it writes them.
    fn explained(text: &str) -> Vec<&str> {
        let term = |part| if let Part::Term(written, _) = part { Some(written) } else { None };
        parts(text).into_iter().filter_map(term).collect()
    }

    #[test]
    fn each_term_is_found_at_its_first_place_in_any_of_its_forms() {
        let text = "Batches of 128, learning rates 0.005 and 0.0003; “Make it overfit”: 6 epochs, then one epoch more.";
        assert_eq!(explained(text), ["Batches", "learning rates", "overfit", "epochs"]);
        assert_eq!(explained("Loss, nats"), ["Loss"]);
    }

    #[test]
    fn a_term_inside_another_word_is_no_term() {
        assert_eq!(explained("It was lost in a flossy overstep – minibatch, lossless"), ["lossless"]);
        assert_eq!(explained("×\u{a0}–"), [""; 0]);
    }

    #[test]
    fn the_parts_together_are_the_text() {
        for text in ["", "–", "dropout", "Über den Loss: 2.3 – a step.", "no term at all"] {
            let whole: String = parts(text)
                .into_iter()
                .map(|part| match part {
                    Part::Words(words) | Part::Term(words, _) => words,
                })
                .collect();
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn an_explanation_uses_no_term_that_is_explained_only_after_it() {
        for (at, term) in TERMS.iter().enumerate() {
            for part in parts(term.meaning) {
                let Part::Term(_, used) = part else { continue };
                assert!(TERMS[..at].contains(&used), "{}: {}", term.name, used.name);
            }
        }
    }
}
