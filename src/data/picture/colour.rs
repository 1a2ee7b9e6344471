//! Converts a picture's colours to sRGB, as browsers do. The meaning of its numbers is in its ICC profile or, in a PNG,
//! in a few chunks.

use image::ImageDecoder;
use qcms::{CIE_xyY, CIE_xyYTRIPLE, DataType, Intent, Profile, Transform};

use super::{
    container::Format,
    png::{self, Meaning},
};

/// The conversion of a picture's colours to sRGB.
pub(super) enum Colours {
    /// None: they are sRGB.
    Srgb,
    /// A curve for each channel: the sRGB level of each of 65,536 levels.
    Curve(Box<[u8]>),
    /// A transform between colour spaces.
    Profile(Transform),
}

/// White and the primaries of sRGB as (x, y): white, red, green, blue.
const SRGB: [[f64; 2]; 4] = [[0.3127, 0.329], [0.64, 0.33], [0.3, 0.6], [0.15, 0.06]];

/// White and the primaries of BT.2020.
const BT2020: [[f64; 2]; 4] = [[0.3127, 0.329], [0.708, 0.292], [0.17, 0.797], [0.131, 0.046]];

/// White and the primaries of Display P3.
const DISPLAY_P3: [[f64; 2]; 4] = [[0.3127, 0.329], [0.68, 0.32], [0.265, 0.69], [0.15, 0.06]];

/// The usual gamma of files for screens.
const SCREEN_GAMMA: f32 = 1.0 / 2.2;

/// A gamma within this relative distance counts as the usual one.
const GAMMA_TOLERANCE: f32 = 0.05;

impl Colours {
    /// The conversion for the picture in `bytes`. A profile that cannot be read, or that has other channels than the
    /// picture, is ignored.
    pub(super) fn of(format: Format, bytes: &[u8], decoder: &mut impl ImageDecoder) -> Self {
        // Browsers ignore the profiles of other formats.
        let has_profiles = matches!(format, Format::Jpeg | Format::Png | Format::WebP);
        let profile = if has_profiles { decoder.icc_profile().ok().flatten() } else { None };
        let meaning = if format == Format::Png { png::meaning(bytes) } else { Meaning::Srgb };
        let is_grey = !decoder.color_type().has_color();
        match (profile, meaning) {
            (_, Meaning::Coded { primaries, transfer }) => Self::coded(primaries, transfer),
            (Some(profile), _) => Self::profile(&profile, is_grey),
            (None, Meaning::Gamma { gamma, primaries }) => Self::gamma(gamma, primaries.filter(|_| !is_grey)),
            (None, Meaning::Srgb) => Self::Srgb,
        }
    }

    /// The conversion from an ICC profile.
    fn profile(bytes: &[u8], is_grey: bool) -> Self {
        // The profile's colour space is the fourth word of its header.
        let colours = bytes.get(16..20);
        let Some(profile) = Profile::new_from_slice(bytes, false) else { return Self::Srgb };
        match colours {
            Some(b"RGB ") => Self::to_srgb(&profile),
            Some(b"GRAY") if is_grey => {
                let Some(transform) = transform(&profile, DataType::Gray8) else { return Self::Srgb };
                let levels: [u8; 256] = std::array::from_fn(|level| level as u8);
                let mut rgb = [0; 3 * 256];
                transform.convert(&levels, &mut rgb);
                Self::Curve((0..=u16::MAX).map(|level| rgb[3 * usize::from(level >> 8)]).collect())
            }
            _ => Self::Srgb,
        }
    }

    /// The conversion if light is the sample to the power of `1 / gamma`.
    fn gamma(gamma: f32, primaries: Option<[[f64; 2]; 4]>) -> Self {
        let is_close = |(a, b): (&f64, &f64)| (a - b).abs() < 0.002;
        match primaries.filter(|primaries| !primaries.as_flattened().iter().zip(SRGB.as_flattened()).all(is_close)) {
            Some(primaries) => {
                let (white, rgb) = points(primaries);
                let power = 1.0 / gamma;
                let profile = Profile::new_rgb_with_gamma_set(white, rgb, power, power, power);
                profile.map_or(Self::Srgb, |profile| Self::to_srgb(&profile))
            }
            None if (gamma / SCREEN_GAMMA - 1.0).abs() < GAMMA_TOLERANCE => Self::Srgb,
            None => {
                let level = |level: u16| srgb_of_light((f32::from(level) / 65_535.0).powf(1.0 / gamma));
                Self::Curve((0..=u16::MAX).map(level).collect())
            }
        }
    }

    /// The conversion from the code numbers of ITU-T H.273.
    fn coded(primaries: u8, transfer: u8) -> Self {
        let primaries = match primaries {
            1 => SRGB,
            9 => BT2020,
            12 => DISPLAY_P3,
            _ => return Self::Srgb,
        };
        let light: fn(f32) -> f32 = match transfer {
            13 => light_of_srgb,
            1 | 6 | 14 | 15 => light_of_video,
            8 => |level| level,
            _ => return Self::Srgb,
        };
        if primaries == SRGB && transfer == 13 {
            return Self::Srgb;
        }
        let table: Vec<u16> = (0..1024).map(|at| (65_535.0 * light(at as f32 / 1023.0)).round() as u16).collect();
        let (white, rgb) = points(primaries);
        Profile::new_rgb_with_table(white, rgb, &table).map_or(Self::Srgb, |profile| Self::to_srgb(&profile))
    }

    fn to_srgb(profile: &Profile) -> Self {
        transform(profile, DataType::RGB8).map_or(Self::Srgb, Self::Profile)
    }

    /// Whether no conversion is needed.
    pub(super) fn is_srgb(&self) -> bool {
        matches!(self, Self::Srgb)
    }

    /// A level of 16 bits as 8 bits, for [`convert`](Self::convert).
    pub(super) fn narrow(&self, level: u16) -> u8 {
        match self {
            Self::Curve(levels) => levels[usize::from(level)],
            // 65,535 is 257 times 255.
            Self::Srgb | Self::Profile(_) => ((u32::from(level) + 128) / 257) as u8,
        }
    }

    /// Converts pixels of 8 bits to sRGB; each has red, green and blue.
    pub(super) fn convert(&self, rgb: &mut [u8]) {
        match self {
            // A curve is already applied in `narrow`.
            Self::Srgb | Self::Curve(_) => {}
            Self::Profile(transform) => transform.apply(rgb),
        }
    }
}

/// The transform from `profile` to sRGB.
fn transform(profile: &Profile, from: DataType) -> Option<Transform> {
    let mut srgb = Profile::new_sRGB();
    srgb.precache_output_transform();
    Transform::new_to(profile, &srgb, from, DataType::RGB8, Intent::Perceptual)
}

/// White and the primaries in the types of `qcms`.
fn points([white, red, green, blue]: [[f64; 2]; 4]) -> (CIE_xyY, CIE_xyYTRIPLE) {
    let point = |[x, y]: [f64; 2]| CIE_xyY { x, y, Y: 1.0 };
    (point(white), CIE_xyYTRIPLE { red: point(red), green: point(green), blue: point(blue) })
}

/// The sRGB level, 0 to 255, of `light` in 0 to 1 (IEC 61966-2-1).
fn srgb_of_light(light: f32) -> u8 {
    let level = if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (255.0 * level).round() as u8
}

/// The light in 0 to 1 of an sRGB `level` in 0 to 1.
fn light_of_srgb(level: f32) -> f32 {
    if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
}

/// The light in 0 to 1 of a `level` of BT.709 or BT.2020 in 0 to 1.
fn light_of_video(level: f32) -> f32 {
    if level < 0.081 { level / 4.5 } else { ((level + 0.099) / 1.099).powf(1.0 / 0.45) }
}
