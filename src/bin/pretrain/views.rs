//! Changed copies of the training images, with another network's answers to them. They are made elsewhere
//! (`examples/views.py`). So a run can learn from a network of any shape.

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{error::Error, fs, path::PathBuf};
use tenfold::{checkpoint::card, data::Images, domain::CLASS_COUNT, train::batches::View};

/// The metadata key of the name of the network that answered.
const ANSWERED_BY: &str = "answered_by";

/// Copies of the training images: as many of each image as there are files.
#[derive(Default)]
pub struct Views {
    copies: Vec<(Images, Vec<f32>)>,
    answered_by: String,
}

impl Views {
    /// The views in `files`, each with copies of the first `count` images of `train`, in their order.
    ///
    /// # Errors
    /// If a file cannot be read, is damaged, has another number of images, or another network's answers than the first
    /// file.
    pub fn read(files: &[PathBuf], train: &Images, count: usize) -> Result<Self, Box<dyn Error>> {
        let mut views = Self::default();
        for path in files {
            let at_fault = |what: String| format!("{}: {what}", path.display());
            let bytes = fs::read(path).map_err(|e| at_fault(e.to_string()))?;
            let (images, answers, answered_by) = read(&bytes, train).map_err(|e| at_fault(e.to_string()))?;
            if images.len() != count {
                let found = images.len();
                return Err(at_fault(format!("has {found} images; name --images {found}")).into());
            }
            if !views.copies.is_empty() && views.answered_by != answered_by {
                let other = &views.answered_by;
                return Err(at_fault(format!("has answers of {answered_by}, the files before of {other}")).into());
            }
            views.copies.push((images, answers));
            views.answered_by = answered_by;
        }
        Ok(views)
    }

    /// What the epochs show in turn: the copies, or `train` if there are none.
    pub fn of<'a>(&'a self, train: &'a Images) -> Vec<View<'a>> {
        if self.copies.is_empty() {
            return vec![train.into()];
        }
        self.copies.iter().map(|(images, answers)| View { answers: Some(answers), ..images.into() }).collect()
    }

    /// The note for the model card.
    pub fn note(&self) -> Option<card::Views> {
        let copies = self.copies.len();
        (copies > 0).then(|| card::Views { copies, answered_by: self.answered_by.clone() })
    }
}

/// The content of a file: its images with the labels of `train`, the answers `[n, 10]`, and the name of the network
/// that answered.
fn read(bytes: &[u8], train: &Images) -> Result<(Images, Vec<f32>, String), Box<dyn Error>> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let answered_by = header.metadata().as_ref().and_then(|names| names.get(ANSWERED_BY));
    let answered_by = answered_by.ok_or("does not say whose answers it holds (answered_by)")?.clone();
    let tensors = SafeTensors::deserialize(bytes)?;
    let of = |name: &str, dtype| match tensors.tensor(name)? {
        tensor if tensor.dtype() == dtype => Ok::<TensorView<'_>, Box<dyn Error>>(tensor),
        tensor => Err(format!("{name} is {:?}, and should be {dtype:?}", tensor.dtype()).into()),
    };
    let images = train.redrawn(of("images", Dtype::U8)?.data().to_vec());
    let images = images.ok_or("has more images than there are to learn from, or a part of one")?;
    let answers = of("probabilities", Dtype::F32)?;
    let (answers, _) = answers.data().as_chunks();
    let answers: Vec<f32> = answers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let sums = answers.chunks(CLASS_COUNT).map(|answer| answer.iter().sum::<f32>());
    // Within the precision of 16-bit numbers.
    if answers.len() != images.len() * CLASS_COUNT || !sums.into_iter().all(|sum| (sum - 1.0).abs() < 1e-2) {
        return Err("has not ten probabilities for each image".into());
    }
    Ok((images, answers, answered_by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use tenfold::data::{IMAGE_LEN, batch::RECORD_LEN, read_batch};

    /// Three images, of the classes 0 to 2.
    fn train() -> Images {
        let records: Vec<u8> = (0..3).flat_map(|class| [vec![class], vec![9; RECORD_LEN - 1]].concat()).collect();
        read_batch("batch.bin", &records).expect("whole records")
    }

    /// A file of two images of one `shade`, with answers that sum to `sum`.
    fn file(shade: u8, sum: f32, answered_by: Option<&str>) -> Vec<u8> {
        let images = vec![shade; 2 * IMAGE_LEN];
        let answers: Vec<u8> = [sum / 10.0; 20].iter().flat_map(|p| p.to_le_bytes()).collect();
        let images = TensorView::new(Dtype::U8, vec![2, 3, 32, 32], &images).expect("as many bytes");
        let answers = TensorView::new(Dtype::F32, vec![2, 10], &answers).expect("as many bytes");
        let by = answered_by.map(|by| HashMap::from([(ANSWERED_BY.to_owned(), by.to_owned())]));
        safetensors::serialize([("images", images), ("probabilities", answers)], by).expect("two tensors")
    }

    /// The views read from files with these `contents`, for `count` images.
    fn views(test: &str, contents: &[Vec<u8>], count: usize) -> Result<Views, String> {
        let folder = std::env::temp_dir().join(format!("tenfold-views-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let paths: Vec<_> = (0..contents.len()).map(|at| folder.join(format!("{at}.safetensors"))).collect();
        for (path, bytes) in paths.iter().zip(contents) {
            fs::write(path, bytes).expect("the temporary folder is writable");
        }
        let views = Views::read(&paths, &train(), count).map_err(|error| error.to_string());
        fs::remove_dir_all(&folder).expect("it was just made");
        views
    }

    #[test]
    fn copies_are_shown_in_turn_with_their_answers_and_the_labels_of_the_originals() {
        let read = views("turn", &[file(4, 1.0, Some("B")), file(5, 1.0, Some("B"))], 2).expect("two files");
        let train = train();
        let shown = read.of(&train);
        assert_eq!(shown.iter().map(|view| view.images.planar(1)[0]).collect::<Vec<_>>(), [4, 5]);
        assert!(shown.iter().all(|view| view.images.labels() == [0, 1] && view.answers == Some(&[0.1; 20][..])));
        assert_eq!(read.note(), Some(card::Views { copies: 2, answered_by: "B".into() }));
    }

    #[test]
    fn without_files_the_training_images_are_shown() {
        let (read, train) = (views("none", &[], 3).expect("nothing to read"), train());
        assert!(matches!(read.of(&train)[..], [View { images, answers: None, .. }] if *images == train));
        assert_eq!(read.note(), None);
    }

    #[test]
    fn a_file_that_does_not_fit_is_refused_with_what_is_wrong() {
        let fits = file(4, 1.0, Some("B"));
        for (contents, count, wrong) in [
            (vec![fits[..50].to_vec()], 2, "0.safetensors: "),
            (vec![file(4, 1.0, None)], 2, "does not say whose answers"),
            (vec![file(4, 2.0, Some("B"))], 2, "has not ten probabilities for each image"),
            (vec![fits.clone()], 3, "has 2 images; name --images 2"),
            (vec![fits, file(4, 1.0, Some("C"))], 2, "1.safetensors: has answers of C, the files before of B"),
        ] {
            let error = views("wrong", &contents, count).err().expect(wrong);
            assert!(error.contains(wrong), "{error}, not {wrong}");
        }
    }
}
