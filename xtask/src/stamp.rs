//! Decides by contents, not by dates, whether something must be built again.

use crate::Result;
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

/// A hash of inputs. Different inputs have, in practice, different stamps.
#[derive(Default)]
pub struct Stamp(DefaultHasher);

impl Stamp {
    /// Adds a word, such as a version.
    pub fn word(mut self, word: &str) -> Self {
        word.hash(&mut self.0);
        self
    }

    /// Adds the contents of a file, or the names and contents of all files in a folder. A missing path also changes the
    /// stamp.
    pub fn path(mut self, path: &Path) -> Result<Self> {
        self.add(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        Ok(self)
    }

    /// The stamp as 16 hexadecimal digits.
    pub fn text(self) -> String {
        format!("{:016x}", self.0.finish())
    }

    fn add(&mut self, path: &Path) -> std::io::Result<()> {
        if path.is_dir() {
            let mut entries = fs::read_dir(path)?.collect::<std::io::Result<Vec<_>>>()?;
            entries.sort_by_key(fs::DirEntry::file_name);
            entries.len().hash(&mut self.0);
            for entry in entries {
                entry.file_name().hash(&mut self.0);
                self.add(&entry.path())?;
            }
        } else if path.exists() {
            fs::read(path)?.hash(&mut self.0);
        } else {
            "absent".hash(&mut self.0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_changes_with_contents_and_names_and_with_nothing_else() {
        let folder = std::env::temp_dir().join(format!("tenfold-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("inner")).expect("temporary folder");
        let stamp = || Stamp::default().path(&folder).expect("readable").text();

        fs::write(folder.join("inner/a"), "1").expect("written");
        let first = stamp();
        fs::write(folder.join("inner/a"), "1").expect("written");
        assert_eq!(stamp(), first, "the same contents, written later");
        fs::write(folder.join("inner/a"), "2").expect("written");
        assert_ne!(stamp(), first, "other contents");
        fs::rename(folder.join("inner/a"), folder.join("inner/b")).expect("renamed");
        fs::write(folder.join("inner/b"), "1").expect("written");
        assert_ne!(stamp(), first, "another name");

        fs::remove_dir_all(&folder).expect("removed");
    }
}
