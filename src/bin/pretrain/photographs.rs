//! Measures weights on a folder of photographs, decoded as the page decodes a dropped picture.

use super::outcome;
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};
use tenfold::{
    data::{Seen, see},
    domain::{CLASS_COUNT, CLASSES, likeliest},
    infer::Judgement,
    model::Device,
};

/// The answers to the photographs of one class, or to the strangers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    photographs: usize,
    /// Number whose true class was the most probable, doubted or not.
    correct: usize,
    /// Number that was answered "none of these, probably".
    doubted: usize,
}

impl Tally {
    fn add(&mut self, label: Option<usize>, judgement: &Judgement) {
        self.photographs += 1;
        self.correct += usize::from(label == Some(likeliest(&judgement.probabilities)));
        self.doubted += usize::from(judgement.is_none);
    }

    /// "51 of 85 right (60.0%), 12 doubted (14.1%)"; strangers have only the doubt.
    fn line(&self, are_strangers: bool) -> String {
        let Self { photographs, correct, doubted } = *self;
        let percent = |count: usize| 100.0 * count as f64 / photographs.max(1) as f64;
        let doubt = format!("{doubted} doubted ({:.1}%)", percent(doubted));
        if are_strangers {
            format!("{doubt} of {photographs}")
        } else {
            format!("{correct} of {photographs} right ({:.1}%), {doubt}", percent(correct))
        }
    }
}

/// Prints the accuracy of the weights in `weights` on the photographs in `folder`, and how often they doubt.
///
/// # Errors
/// If a folder or a file cannot be read, or there is no photograph.
pub async fn measure(weights: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (classifier, ..) = outcome::read(weights, &Device::flex())?;
    let files = pictures(folder)?;
    let mut classes = [Tally::default(); CLASS_COUNT];
    let mut strangers = Tally::default();
    for file in &files {
        let bytes = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let seen: Seen = see(&bytes).map_err(|e| format!("{}: {e}", file.display()))?;
        let judgement = classifier.judgements(&[seen]).await?[0];
        let label = class_of(file, folder);
        label.map_or(&mut strangers, |class| &mut classes[class]).add(label, &judgement);
    }
    let mut all = Tally::default();
    for (name, tally) in CLASSES.iter().zip(&classes).filter(|(_, tally)| tally.photographs > 0) {
        println!("{name:<12}{}", tally.line(false));
        all.photographs += tally.photographs;
        all.correct += tally.correct;
        all.doubted += tally.doubted;
    }
    if all.photographs > 0 {
        println!("{:<12}{}", "all", all.line(false));
    }
    if strangers.photographs > 0 {
        println!("{:<12}{}", "strangers", strangers.line(true));
    }
    Ok(())
}

/// The files in `folder` and its subfolders, sorted by path, except `.md` and `.txt` files.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.extension().is_some_and(|extension| extension == "md" || extension == "txt") {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        return Err(format!("{} holds no photograph", folder.display()).into());
    }
    found.sort();
    Ok(found)
}

/// The class that the file's name ("cat-3.jpg") or the name of a folder between it and `root` begins with; none for a
/// stranger.
fn class_of(file: &Path, root: &Path) -> Option<usize> {
    let below = file.strip_prefix(root).unwrap_or(file);
    below.components().rev().find_map(|part| {
        let part = part.as_os_str().to_string_lossy();
        let word = part.split(|c: char| !c.is_ascii_alphabetic()).next()?;
        CLASSES.iter().position(|class| word.eq_ignore_ascii_case(class))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_or_a_folder_gives_the_class_and_otherwise_it_is_a_stranger() {
        let root = Path::new("/photos/dog");
        let class = |path: &str| class_of(&root.join(path), root).map(|class| CLASSES[class]);
        assert_eq!(class("ten/cat-n02123045.jpg"), Some("cat"));
        assert_eq!(class("Horse/1.jpg"), Some("horse"));
        assert_eq!(class("ship/truck_2.png"), Some("truck"));
        // "catamaran" is not a cat, and the measured folder itself does not name a class.
        assert_eq!(class("catamaran.jpg"), None);
        assert_eq!(class("strangers/n01440764_tench.jpg"), None);
    }

    #[test]
    fn a_doubted_photograph_counts_as_doubted_and_as_correct() {
        let mut probabilities = [0.0; CLASS_COUNT];
        probabilities[3] = 1.0;
        let mut tally = Tally::default();
        tally.add(Some(3), &Judgement { probabilities, is_none: true });
        tally.add(Some(4), &Judgement { probabilities, is_none: false });
        assert_eq!(tally, Tally { photographs: 2, correct: 1, doubted: 1 });
        assert_eq!(tally.line(false), "1 of 2 right (50.0%), 1 doubted (50.0%)");
    }
}
