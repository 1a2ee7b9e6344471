//! Recognises files by their first bytes, whatever their names are.
//!
//! The page uses this to decide where a dropped file goes. The worker uses it to name files that it cannot read.

/// Number of bytes at a file's beginning that [`Content::of`] looks at.
pub const HEAD_LEN: usize = 4096;

/// The sentence for a file of an unknown type.
pub const NOT_A_PICTURE: &str =
    "This is not a picture that Tenfold can read; choose a JPEG, PNG, WebP, GIF or BMP file.";

/// The type of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The file has no bytes.
    Empty,
    /// A picture that Tenfold can decode.
    Picture(PictureFormat),
    /// Probably training images, judging by the first bytes.
    Images(ImagesFormat),
    /// SafeTensors: weights or a run.
    Tensors,
    /// A known type that Tenfold does not read.
    Other(Other),
    /// An unknown type.
    Unknown,
}

/// The formats of pictures that are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum PictureFormat {
    Bmp,
    Gif,
    Jpeg,
    Png,
    WebP,
}

/// The file formats of CIFAR-10 and its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImagesFormat {
    /// A gzip file.
    Gzip,
    /// A tar archive.
    Tar,
    /// A parquet file.
    Parquet,
    /// A pickle, as in CIFAR-10's Python batches.
    Pickle,
    /// A binary batch. It begins with a label from 0 to 9.
    Batch,
}

/// A type of file that Tenfold does not read. Displays as a name and an advice: "a ZIP archive; unpack it and choose
/// what is in it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// Its name, with the article.
    pub name: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl std::fmt::Display for Other {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(formatter, "{}; {}", self.name, self.remedy)
    }
}

const EXPORT: &str = "export it as JPEG or PNG and choose that";
const UNPACK: &str = "unpack it and choose what is in it";
const CONVERT_WEIGHTS: &str = "save the weights as SafeTensors and choose that file";
const OTHER_IMAGES: &str = "choose cifar-10-binary.tar.gz or cifar-10-python.tar.gz in its place";
const PICTURE_OF_VIDEO: &str = "save one of its pictures as JPEG or PNG and choose that";

/// Types of files that have a mark: (offset, mark, name, what to do). The first match counts.
const MARKS: &[(usize, &[u8], &str, &str)] = &[
    (0, b"%PDF", "a PDF document", EXPORT),
    (0, b"II*\0", "a TIFF picture or a camera's raw file", EXPORT),
    (0, b"MM\0*", "a TIFF picture or a camera's raw file", EXPORT),
    (0, b"II+\0", "a TIFF picture", EXPORT),
    (0, b"MM\0+", "a TIFF picture", EXPORT),
    (0, b"IIU\0", "a camera's raw file", EXPORT),
    (0, b"IIRO", "a camera's raw file", EXPORT),
    (0, b"FUJIFILMCCD-RAW", "a camera's raw file", EXPORT),
    (4, b"ftypcrx ", "a camera's raw file", EXPORT),
    (4, b"ftypavif", "an AVIF picture", EXPORT),
    (4, b"ftypavis", "an AVIF picture", EXPORT),
    (4, b"ftyphei", "a HEIC picture", EXPORT),
    (4, b"ftyphev", "a HEIC picture", EXPORT),
    (4, b"ftypmif", "a HEIC picture", EXPORT),
    (4, b"ftypmsf", "a HEIC picture", EXPORT),
    (4, b"ftyp", "a video", PICTURE_OF_VIDEO),
    (0, b"\x1a\x45\xdf\xa3", "a video", PICTURE_OF_VIDEO),
    (0, b"\xff\x0a", "a JPEG XL picture", EXPORT),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture", EXPORT),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 picture", EXPORT),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture", EXPORT),
    (0, b"8BPS", "a Photoshop picture", EXPORT),
    (0, b"gimp xcf", "a GIMP picture", EXPORT),
    (0, b"\0\0\x01\0", "an icon", EXPORT),
    (0, b"v/1\x01", "an OpenEXR picture", EXPORT),
    (0, b"#?RADIANCE", "a Radiance picture", EXPORT),
    (0, b"qoif", "a QOI picture", EXPORT),
    (0, b"DDS ", "a DDS picture", EXPORT),
    (0, b"\x89MNG\r\n\x1a\n", "an MNG animation", EXPORT),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (0, b"BZh", "a bzip2 archive", UNPACK),
    (0, b"\xfd7zXZ\0", "an XZ archive", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
    (0, b"\x04\x22\x4d\x18", "an LZ4 archive", UNPACK),
    (0, b"MATLAB 5.0 MAT-file", "a MATLAB file", OTHER_IMAGES),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras and MATLAB write", CONVERT_WEIGHTS),
    (0, b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", "a PyTorch file", CONVERT_WEIGHTS),
    (0, b"\x93NUMPY", "a NumPy file", CONVERT_WEIGHTS),
    (0, b"GGUF", "a GGUF file", CONVERT_WEIGHTS),
    (4, b"TFL3", "a TensorFlow Lite model", CONVERT_WEIGHTS),
    (0, b"version https://git-lfs", "a pointer of Git LFS, not the file itself", "download the file that it points to"),
];

/// The lengths that a BMP's second header can have.
pub(crate) const BMP_HEADER_LENS: [u32; 8] = [12, 16, 40, 52, 56, 64, 108, 124];

/// The mark of a tar header: (offset, mark).
const TAR_MARK: (usize, &[u8]) = (257, b"ustar");

/// The position of the checksum in a tar header.
const TAR_SUM: std::ops::Range<usize> = 148..156;

/// Length of a tar header.
const TAR_HEADER_LEN: usize = 512;

impl Content {
    /// The type of the file that begins with `head`: [`HEAD_LEN`] bytes, or all of a shorter file.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [] => Self::Empty,
            [0xff, 0xd8, 0xff, ..] => Self::Picture(PictureFormat::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Picture(PictureFormat::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Picture(PictureFormat::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Picture(PictureFormat::WebP),
            [b'B', b'M', ..] if u32_le(head, 14).is_some_and(|len| BMP_HEADER_LENS.contains(&len)) => {
                Self::Picture(PictureFormat::Bmp)
            }
            [0x1f, 0x8b, ..] => Self::Images(ImagesFormat::Gzip),
            [b'P', b'A', b'R', b'1', ..] => Self::Images(ImagesFormat::Parquet),
            _ if is_tar(head) => Self::Images(ImagesFormat::Tar),
            _ if is_tensors(head) => Self::Tensors,
            _ => match other(head) {
                Some(other) => Self::Other(other),
                None => match head {
                    [0x80, 2..=5, ..] => Self::Images(ImagesFormat::Pickle),
                    [0..=9, ..] => Self::Images(ImagesFormat::Batch),
                    _ => Self::Unknown,
                },
            },
        }
    }
}

fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// Whether this is a tar header: it has the mark or, in the oldest format, a correct checksum.
fn is_tar(head: &[u8]) -> bool {
    let (at, mark) = TAR_MARK;
    if head.get(at..).is_some_and(|rest| rest.starts_with(mark)) {
        return true;
    }
    let Some(header) = head.first_chunk::<TAR_HEADER_LEN>() else { return false };
    let digits = header[TAR_SUM].trim_ascii_start();
    let is_octal = |byte: &u8| matches!(byte, b'0'..=b'7');
    let end = digits.iter().position(|byte| !is_octal(byte)).unwrap_or(digits.len());
    let said = digits[..end].iter().fold(0, |sum, digit| 8 * sum + u32::from(digit - b'0'));
    end > 0 && said == tar_sum(header)
}

/// The checksum of a tar header: the sum of its bytes, with blanks in place of the checksum.
pub(crate) fn tar_sum(header: &[u8; TAR_HEADER_LEN]) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    sum(&header[..TAR_SUM.start]) + 8 * u32::from(b' ') + sum(&header[TAR_SUM.end..])
}

/// Whether this is SafeTensors: a length, and the beginning of a JSON object.
fn is_tensors(head: &[u8]) -> bool {
    // A header is always shorter than 4 GB.
    matches!(head, [_, _, _, _, 0, 0, 0, 0, b'{', b'"' | b'}' | b' ' | b'\n' | b'\t', ..])
}

fn other(head: &[u8]) -> Option<Other> {
    let marked = MARKS.iter().find(|(at, mark, ..)| head.get(*at..).is_some_and(|rest| rest.starts_with(mark)));
    if let Some(&(_, _, name, remedy)) = marked {
        return Some(Other { name, remedy });
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some(zip(head));
    }
    // An ONNX model begins with its version and the name of the program that wrote it.
    if let [0x08, 1..=30, 0x12, len @ 3..=30, rest @ ..] = head
        && rest.get(..usize::from(*len)).is_some_and(|name| name.iter().all(u8::is_ascii_graphic))
    {
        return Some(Other { name: "an ONNX model", remedy: CONVERT_WEIGHTS });
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !text.starts_with(b"<") {
        return None;
    }
    let has = |tag: &[u8]| text.windows(tag.len()).any(|part| part.eq_ignore_ascii_case(tag));
    if has(b"<html") || has(b"<!doctype html") {
        return Some(Other { name: "a web page", remedy: "download the file itself and choose that" });
    }
    has(b"<svg").then_some(Other { name: "an SVG drawing", remedy: EXPORT })
}

/// The type of a ZIP archive, by the name of its first file.
fn zip(head: &[u8]) -> Other {
    let name_len = head.get(26..28).map_or(0, |len| usize::from(u16::from_le_bytes([len[0], len[1]])));
    let name = head.get(30..30 + name_len).unwrap_or_default();
    let (name, remedy) = match name {
        // PyTorch writes "NAME/data.pkl" first.
        name if name.ends_with(b"/data.pkl") => ("a PyTorch file", CONVERT_WEIGHTS),
        name if name.ends_with(b".npy") => ("a NumPy file", CONVERT_WEIGHTS),
        b"metadata.json" | b"config.json" => ("a Keras file", CONVERT_WEIGHTS),
        _ => ("a ZIP archive", UNPACK),
    };
    Other { name, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_is(head: &[u8], content: Content) {
        assert_eq!(Content::of(head), content, "{}", head[..head.len().min(40)].escape_ascii());
    }

    /// The name of the type of `head`.
    #[track_caller]
    fn name_of(head: &[u8]) -> &'static str {
        match Content::of(head) {
            Content::Other(other) => other.name,
            content => panic!("{content:?}"),
        }
    }

    #[test]
    fn an_empty_file_and_an_unknown_one_are_told_apart() {
        assert_is(b"", Content::Empty);
        assert_is(b"Hello\n", Content::Unknown);
        assert_is(&[0xff; 5000], Content::Unknown);
    }

    #[test]
    fn a_batch_is_what_begins_with_a_label_and_is_nothing_else() {
        let batch = |label| [&[label][..], &[200; 3072]].concat();
        for label in 0..10 {
            assert_is(&batch(label), Content::Images(ImagesFormat::Batch));
        }
        assert_is(&batch(10), Content::Unknown);
        assert_eq!(name_of(b"\0\0\x01\0\x01\0 \0"), "an icon");
        assert_eq!(name_of(b"\0\0\0\x20ftypisom\0\0\x02\0"), "a video");
    }

    // The crate `tar` is only there with the feature `engine`.
    #[cfg(feature = "engine")]
    #[test]
    fn every_kind_of_tar_header_is_known() {
        for header in [tar::Header::new_old(), tar::Header::new_ustar(), tar::Header::new_gnu()] {
            let mut header = header;
            header.set_path("data_batch_1.bin").expect("a short name");
            header.set_size(7);
            header.set_cksum();
            assert_is(header.as_bytes(), Content::Images(ImagesFormat::Tar));
        }
        let mut damaged = tar::Header::new_old();
        damaged.set_path("data_batch_1.bin").expect("a short name");
        damaged.set_cksum();
        damaged.as_mut_bytes()[3] ^= 1;
        assert_is(damaged.as_bytes(), Content::Unknown);
    }

    #[test]
    fn safetensors_are_known_by_their_header() {
        assert_is(b"\x40\x05\0\0\0\0\0\0{\"__metadata__\":{}", Content::Tensors);
        assert_is(b"\x02\0\0\0\0\0\0\0{}", Content::Tensors);
        assert_is(b"\x40\x05\0\0\0\0\0\0[1, 2]", Content::Unknown);
    }

    #[test]
    fn weights_of_other_programs_are_named() {
        let zip_of =
            |name: &str| [&b"PK\x03\x04"[..], &[0; 22], &[name.len() as u8, 0, 0, 0], name.as_bytes()].concat();
        assert_eq!(name_of(&zip_of("archive/data.pkl")), "a PyTorch file");
        assert_eq!(name_of(&zip_of("arr_0.npy")), "a NumPy file");
        assert_eq!(name_of(&zip_of("metadata.json")), "a Keras file");
        assert_eq!(name_of(&zip_of("cifar-10-batches-bin/")), "a ZIP archive");
        assert_eq!(name_of(b"PK\x03\x04"), "a ZIP archive");
        assert_eq!(name_of(b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02"), "a PyTorch file");
        assert_eq!(name_of(b"\x08\x07\x12\x07pytorch\x1a\x052.1.0"), "an ONNX model");
        assert_eq!(name_of(b"\x89HDF\r\n\x1a\n\0\0"), "an HDF5 file, as Keras and MATLAB write");
    }

    #[test]
    fn pages_and_drawings_are_told_apart() {
        assert_eq!(name_of(b"<!DOCTYPE html><html><body><svg>"), "a web page");
        assert_eq!(name_of(b"\n<HTML>"), "a web page");
        assert_eq!(name_of(b"<?xml version=\"1.0\"?><svg>"), "an SVG drawing");
        assert_eq!(name_of(b"\xef\xbb\xbf<svg/>"), "an SVG drawing");
        assert_is(b"<?xml version=\"1.0\"?><feed>", Content::Unknown);
    }

    #[test]
    fn every_remedy_says_what_to_do() {
        for &(_, mark, name, remedy) in MARKS {
            assert!(remedy.contains("choose ") || remedy.contains("download "), "{name}: {remedy}");
            assert!(name.starts_with("a ") || name.starts_with("an "), "{}", mark.escape_ascii());
        }
    }
}
