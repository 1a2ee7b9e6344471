//! Decides how files are used: as pictures, as training images, or as a network. Also says why a file is not used.

use std::rc::Rc;

use super::words;
use crate::content::{Content, Other};

/// The most pictures in the strip.
pub const PICTURE_LIMIT: usize = 200;

/// The largest picture file. The worker's decoder would refuse a larger one.
pub const FILE_LIMIT_BYTES: u64 = 64 * 1000 * 1000;

/// The largest file of images or of a network. The unpacked CIFAR-10 has 184 MB.
const ARCHIVE_LIMIT_BYTES: u64 = 400 * 1000 * 1000;

/// The most files and folders that are looked at in a dropped folder.
pub const FOLDER_LIMIT: usize = 10_000;

/// The use of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is classified.
    Picture,
    /// It is read as training images: CIFAR-10 or a part of it.
    Images,
    /// It is imported as weights or a run.
    Network,
}

/// The use of a file with this content. The name does not matter. A file of an unknown type is used for `otherwise`, so
/// that the worker says what is wrong with it.
///
/// # Errors
/// The type of the file, if it is known but cannot be used.
pub fn kind(content: Content, otherwise: Kind) -> Result<Kind, Other> {
    match content {
        Content::Picture(_) => Ok(Kind::Picture),
        Content::Images(_) => Ok(Kind::Images),
        Content::Tensors => Ok(Kind::Network),
        Content::Other(other) => Err(other),
        Content::Empty | Content::Unknown => Ok(otherwise),
    }
}

/// Why a file of images or of a network is refused; none if it is taken.
pub fn refusal(name: &str, size_bytes: u64) -> Option<String> {
    let limit = words::bytes(ARCHIVE_LIMIT_BYTES);
    (size_bytes > ARCHIVE_LIMIT_BYTES)
        .then(|| format!("{name} is larger than {limit}, so it is neither CIFAR-10 nor a network of this page."))
}

/// A sentence about a folder in which `picture_count` pictures were found; none if there is nothing to say. If not
/// `is_whole`, the search ended after [`FOLDER_LIMIT`] files.
pub fn folder_notice(name: &str, picture_count: usize, is_whole: bool) -> Option<String> {
    let limit = words::count(FOLDER_LIMIT as u64);
    match (picture_count, is_whole) {
        (_, false) => Some(format!("{name} holds more than {limit} files. The page looked at that many.")),
        (0, true) => Some(format!("{name} holds no picture that this page can read. Drop other files by themselves.")),
        (_, true) => None,
    }
}

/// The address of a picture that was dropped from another page. The picture's address in `html` comes first, because
/// `addresses` (one in each line) may contain that of the link around it.
pub fn picture_address(addresses: &str, html: &str) -> Option<String> {
    let picture = html.split_once("<img").and_then(|(_, rest)| rest.split('>').next());
    let source = picture.and_then(|picture| {
        let (_, rest) = picture.split_once(" src=")?;
        let quote = rest.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
        rest[1..].split(quote).next()
    });
    let listed = || addresses.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    source.map(|source| source.replace("&amp;", "&")).or_else(|| listed().map(String::from))
}

/// The address, if a page from `origin` may read it.
///
/// # Errors
/// If it may not: why, and what to do, in sentences.
pub fn readable<'a>(address: Option<&'a str>, origin: &str) -> Result<&'a str, String> {
    let Some(address) = address else {
        return Err("That contained no picture file. Save the picture, then drop or choose the file.".into());
    };
    let is_own = address.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/')) && !origin.is_empty();
    if address.starts_with("data:") || is_own {
        return Ok(address);
    }
    let host = address.split("//").nth(1).and_then(|rest| rest.split('/').next()).filter(|host| !host.is_empty());
    Err(format!(
        "A page cannot read pictures from {}. Save the picture, then drop or choose the file.",
        host.unwrap_or("other pages")
    ))
}

/// A file name for the picture at `address`.
pub fn name_of(address: &str) -> String {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    match path.rsplit('/').next() {
        Some(name) if !name.is_empty() && !address.starts_with("data:") => name.into(),
        _ => "picture".into(),
    }
}

/// A file that may be taken.
pub struct Candidate<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its size.
    pub size_bytes: u64,
}

/// The rest of an offer, besides the candidates.
pub struct Rest {
    /// Number of all files.
    pub file_count: usize,
    /// How many more pictures fit into the strip.
    pub room: usize,
}

/// The indices of the `candidates` to take, and a sentence for each reason why others are left out.
pub fn admit(candidates: &[Candidate], rest: &Rest) -> (Vec<usize>, Vec<Rc<str>>) {
    let mut notices: Vec<Rc<str>> = Vec::new();
    let is_small = |index: &usize| candidates[*index].size_bytes <= FILE_LIMIT_BYTES;
    let (mut taken, large): (Vec<_>, Vec<_>) = (0..candidates.len()).partition(is_small);
    if let Some(&first) = large.first() {
        let what = match large.len() {
            1 => format!("{} is", candidates[first].name),
            count => format!("{} and {} more are", candidates[first].name, count - 1),
        };
        let limit = words::bytes(FILE_LIMIT_BYTES);
        notices.push(format!("{what} larger than {limit}. Make the picture smaller and try again.").into());
    }
    taken.truncate(rest.room);
    let fitting = rest.file_count - large.len();
    if fitting > taken.len() {
        notices.push(overflow(fitting - taken.len(), rest.file_count).into());
    }
    if rest.file_count == 0 {
        notices.push("That contained no picture file. Save the picture, then drop or choose the file.".into());
    }
    (taken, notices)
}

/// Why `left_out` of the pictures do not come into the strip.
fn overflow(left_out: usize, offered: usize) -> String {
    if left_out == offered {
        return format!("The strip holds {PICTURE_LIMIT} pictures and is full. Clear it to add more.");
    }
    let [left_out, offered] = [left_out, offered].map(|number| words::count(number as u64));
    format!("The strip holds {PICTURE_LIMIT} pictures, so {left_out} of {offered} were left out.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(count: usize, size_bytes: u64) -> Vec<Candidate<'static>> {
        (0..count).map(|_| Candidate { name: "cat.jpg", size_bytes }).collect()
    }

    #[test]
    fn everything_that_fits_is_taken_without_a_word() {
        let (taken, notices) = admit(&files(3, 1000), &Rest { file_count: 3, room: 200 });
        assert_eq!(taken, [0, 1, 2]);
        assert!(notices.is_empty());
    }

    #[test]
    fn of_ten_thousand_files_the_first_two_hundred_are_taken() {
        let (taken, notices) = admit(&files(200, 1000), &Rest { file_count: 10_000, room: 200 });
        assert_eq!(taken.len(), 200);
        assert_eq!(*notices, [Rc::from("The strip holds 200 pictures, so 9,800 of 10,000 were left out.")]);
    }

    #[test]
    fn a_full_strip_says_how_to_go_on() {
        let (taken, notices) = admit(&files(1, 1000), &Rest { file_count: 1, room: 0 });
        assert!(taken.is_empty());
        assert_eq!(*notices, [Rc::from("The strip holds 200 pictures and is full. Clear it to add more.")]);
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused_by_name() {
        let mut offered = files(2, 1000);
        offered[1] = Candidate { name: "wall.png", size_bytes: FILE_LIMIT_BYTES + 1 };
        let (taken, notices) = admit(&offered, &Rest { file_count: 2, room: 200 });
        assert_eq!(taken, [0]);
        assert_eq!(notices.len(), 1);
        assert!(notices[0].starts_with("wall.png is larger than 64.0 MB."));
    }

    #[test]
    fn a_folder_is_spoken_of_only_if_it_holds_no_picture_or_too_much() {
        assert_eq!(folder_notice("holiday", 3, true), None);
        let empty = folder_notice("cifar-10-batches-bin", 0, true).expect("a sentence");
        assert!(empty.starts_with("cifar-10-batches-bin holds no picture"), "{empty}");
        let vast = folder_notice("home", 12, false).expect("a sentence");
        assert!(vast.starts_with("home holds more than 10,000 files."), "{vast}");
    }

    #[test]
    fn a_strip_that_is_nearly_full_says_how_many_are_left_out() {
        let (taken, notices) = admit(&files(5, 1000), &Rest { file_count: 5, room: 2 });
        assert_eq!(taken, [0, 1]);
        assert_eq!(*notices, [Rc::from("The strip holds 200 pictures, so 3 of 5 were left out.")]);
    }

    #[test]
    fn an_offer_without_files_is_answered_too() {
        let (taken, notices) = admit(&[], &Rest { file_count: 0, room: 200 });
        assert!(taken.is_empty());
        assert_eq!(notices.len(), 1);
    }

    #[test]
    fn a_files_content_tells_what_becomes_of_it() {
        let kind = |head: &[u8]| super::kind(Content::of(head), Kind::Network);
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"), Ok(Kind::Picture));
        for head in [&b"\x1f\x8b\x08\0"[..], b"PAR1\x15", b"\x80\x02}q\x01(", &[3; 4096]] {
            assert_eq!(kind(head), Ok(Kind::Images), "{}", head.escape_ascii());
        }
        assert_eq!(kind(b"\x40\x05\0\0\0\0\0\0{\"conv.weight\":"), Ok(Kind::Network));
        let archive = kind(b"7z\xbc\xaf\x27\x1c\0\x04").expect_err("of no use");
        assert_eq!(archive.to_string(), "a 7z archive; unpack it and choose what is in it");
    }

    #[test]
    fn a_file_that_nobody_knows_is_what_the_visitor_takes_it_for() {
        for otherwise in [Kind::Picture, Kind::Images, Kind::Network] {
            for head in [&b""[..], b"Milk, eggs"] {
                assert_eq!(kind(Content::of(head), otherwise), Ok(otherwise));
            }
        }
    }

    #[test]
    fn a_picture_of_this_page_or_in_its_own_address_can_be_read_and_one_of_another_site_cannot() {
        let readable = |address: &str| readable(Some(address), "https://tenfold.example").map(String::from);
        assert!(readable("data:image/png;base64,AAAA").is_ok());
        assert!(readable("https://tenfold.example/scenes/cat.png").is_ok());
        for address in ["https://tenfold.example.org/cat.png", "https://other.example/cat.png", "blob:https://x/1"] {
            let sentence = readable(address).expect_err("of another site");
            assert!(
                sentence.starts_with("A page cannot read pictures from") && sentence.contains("Save"),
                "{sentence}"
            );
        }
        assert!(super::readable(None, "https://tenfold.example").is_err());
        assert!(super::readable(Some("/cat.png"), "").is_err());
        assert_eq!(name_of("https://tenfold.example/scenes/cat.png?1"), "cat.png");
        assert_eq!(name_of("data:image/png;base64,AA/A"), "picture");
    }

    #[test]
    fn of_a_picture_inside_a_link_the_picture_is_meant() {
        let html = "<a href=\"https://x/page\"><img alt='a' src=\"https://x/cat.png?a=1&amp;b=2\"></a>";
        assert_eq!(picture_address("https://x/page", html).as_deref(), Some("https://x/cat.png?a=1&b=2"));
        assert_eq!(picture_address("# a list\r\nhttps://x/dog.png\r\n", "").as_deref(), Some("https://x/dog.png"));
        assert_eq!(picture_address("", "<p>text</p>"), None);
    }

    #[test]
    fn an_archive_beyond_the_limit_is_refused_by_name() {
        assert_eq!(refusal("cifar.tar", 200_000_000), None);
        assert!(refusal("disk.tar", 500_000_000).is_some_and(|sentence| sentence.starts_with("disk.tar is larger")));
    }
}
