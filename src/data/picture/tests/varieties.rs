//! Varieties of the formats that bug reports mention. They are decoded as browsers do it, or refused by name.

use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage, codecs::webp::WebPEncoder};

#[path = "../../../../tests/common/varieties.rs"]
mod files;

use files::*;

use super::*;

/// Asserts that the network sees these four quarters, each channel within `levels`.
#[track_caller]
fn assert_seen(bytes: &[u8], colours: [[u8; 3]; 4], levels: u8) {
    let seen = see(bytes).unwrap_or_else(|error| panic!("{error}"));
    for ((row, column), colour) in [(6, 6), (6, 25), (25, 6), (25, 25)].into_iter().zip(colours) {
        let at = 3 * (32 * row + column);
        let is_close = seen[at..at + 3].iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= levels);
        assert!(is_close, "at row {row}, column {column}: saw {:?}, expected {colour:?}", &seen[at..at + 3]);
    }
}

#[track_caller]
fn refusal(bytes: &[u8]) -> String {
    see(bytes).expect_err("this is not a picture to see").to_string()
}

#[test]
fn profiles_are_applied_in_every_format_in_which_browsers_do_so() {
    let picture = quarters(swapped());
    let jpeg = jpeg_of(&picture.clone().into(), &swapped_profile());
    assert_seen(&jpeg, COLOURS, 8);
    let data = [&b"name\0\0"[..], &zlib(&swapped_profile())].concat();
    assert_seen(&with_chunks(&png(picture.clone()), &[chunk(b"iCCP", &data)]), COLOURS, 8);
    let mut webp = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut webp);
    encoder.set_icc_profile(swapped_profile()).expect("WebP has profiles");
    picture.write_with_encoder(encoder).expect("memory is writable");
    assert_seen(&webp, COLOURS, 8);
}

#[test]
fn transparent_colours_go_through_the_profile_before_they_lie_over_white() {
    let half = DynamicImage::from(quarters(swapped())).to_rgba8();
    let mut half = half;
    half.pixels_mut().for_each(|pixel| pixel.0[3] = 128);
    let data = [&b"name\0\0"[..], &zlib(&swapped_profile())].concat();
    let bytes = with_chunks(&encoded(&half.into(), ImageFormat::Png), &[chunk(b"iCCP", &data)]);
    assert_seen(&bytes, COLOURS.map(|colour| colour.map(|level| level / 2 + 127)), 8);
}

#[test]
fn a_grey_picture_has_a_profile_of_grey() {
    let grey = GrayImage::from_pixel(64, 64, Luma([128]));
    let linear = profile(b"GRAY", &[(b"wtpt", xyz([0xf6d6, 0x10000, 0xd32d])), (b"kTRC", gamma_curve(1.0))]);
    // Half of the light is level 188 in sRGB.
    assert_seen(&jpeg_of(&grey.into(), &linear), [[188; 3]; 4], 4);
}

#[test]
fn profiles_that_cannot_be_read_or_are_of_other_colours_change_nothing() {
    let mut wrong = swapped_profile();
    wrong[16..20].copy_from_slice(b"CMYK");
    let cut = swapped_profile()[..200].to_vec();
    let grey = profile(b"GRAY", &[(b"kTRC", gamma_curve(1.0))]);
    for profile in [wrong, cut, grey, b"nonsense".to_vec()] {
        assert_seen(&jpeg_of(&quarters(COLOURS).into(), &profile), COLOURS, 8);
    }
}

#[test]
fn a_pngs_gamma_is_applied_unless_something_better_is_said() {
    let gamma = |gamma: f64| chunk(b"gAMA", &hundred_thousandths(&[gamma]));
    assert_seen(&linear_png(), COLOURS, 8);
    let srgb = chunk(b"sRGB", &[0]);
    assert_seen(&with_chunks(&png(quarters(light())), &[srgb, gamma(1.0)]), light(), 0);
    for usual in [0.45455, 0.45, 0.46] {
        assert_seen(&with_chunks(&png(quarters(COLOURS)), &[gamma(usual)]), COLOURS, 0);
    }
}

#[test]
fn a_pngs_gamma_is_applied_in_sixteen_bits_where_there_are_so_many() {
    let dark = 400_u16;
    let picture = image::ImageBuffer::from_pixel(64, 64, Luma([dark]));
    let bytes = encoded(&DynamicImage::ImageLuma16(picture), ImageFormat::Png);
    let bytes = with_chunks(&bytes, &[chunk(b"gAMA", &hundred_thousandths(&[1.0]))]);
    // 400 / 65,535 of the light: 255 x (1.055 x 0.0061^(1/2.4) - 0.055). After rounding to 8 bits it would be 22 or 13.
    assert_seen(&bytes, [[18; 3]; 4], 1);
}

#[test]
fn a_pngs_primaries_are_applied() {
    let gamma = chunk(b"gAMA", &hundred_thousandths(&[0.45455]));
    let primaries = |numbers: [f64; 8]| chunk(b"cHRM", &hundred_thousandths(&numbers));
    let picture = png(quarters(swapped()));
    let in_place = primaries([0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]);
    assert_seen(&with_chunks(&picture, &[gamma.clone(), in_place]), swapped(), 0);
    let in_each_others = primaries([0.3127, 0.329, 0.3, 0.6, 0.64, 0.33, 0.15, 0.06]);
    assert_seen(&with_chunks(&picture, &[gamma, in_each_others]), COLOURS, 8);
}

#[test]
fn a_png_may_say_its_colours_by_numbers() {
    let picture = png(quarters(COLOURS));
    let coded = |primaries: u8, transfer: u8| with_chunks(&picture, &[chunk(b"cICP", &[primaries, transfer, 0, 1])]);
    assert_seen(&coded(1, 13), COLOURS, 0);
    // In Display P3 the same numbers are stronger colours: red is beyond sRGB, and has less of the other colours.
    let seen = see(&coded(12, 13)).expect("a whole picture");
    let red = &seen[3 * (32 * 6 + 6)..][..3];
    assert!(red[0] > 230 && red[1] < 20, "{red:?}");
    for high_range in [16, 18] {
        assert!(refusal(&coded(9, high_range)).starts_with("This is a PNG of high dynamic range; export it"));
    }
}

#[test]
fn a_picture_that_its_animation_hides_is_not_seen() {
    let bytes = animation_with_hidden_picture();
    assert_seen(&bytes, COLOURS, 0);
    let frames = bytes.windows(4).position(|name| name == b"fcTL").expect("a frame");
    assert!(refusal(&bytes[..frames + 60]).contains("cut short"));
    // If the default image is the animation's first frame, it is seen.
    let shown = [chunk(b"acTL", &words(&[1, 0])), chunk(b"fcTL", &frame_control())];
    assert_seen(&with_chunks(&png(quarters(COLOURS)), &shown), COLOURS, 0);
}

#[test]
fn a_png_of_xcodes_is_named() {
    let bytes = png_of_xcode();
    assert!(refusal(&bytes).starts_with("This is a PNG as Xcode writes it for iPhones (CgBI)"), "{}", refusal(&bytes));
}

#[test]
fn a_bmps_alpha_is_seen_where_browsers_see_it() {
    let with_white = [COLOURS[0], COLOURS[1], COLOURS[2], [255; 3]];
    for compression in [0, 3] {
        for header_len in [108, 124] {
            assert_seen(&bmp_32(header_len, compression, 255), with_white, 0);
            // If all are 0, they are not alphas.
            assert_seen(&bmp_32(header_len, compression, 0), COLOURS, 0);
        }
    }
    assert_seen(&bmp_32(40, 0, 255), COLOURS, 0);
}

#[test]
fn a_gifs_screen_has_room_for_its_first_frame() {
    for screen in [(64, 64), (1, 1), (0, 0), (64, 1), (3, 64)] {
        assert_seen(&gif(screen, (0, 0)), COLOURS, 4);
    }
    // The left of the network's square shows the right half of the frame. Above and left of the frame is white.
    let shown = look(&gif((1, 1), (10, 20))).expect("a whole picture").shown;
    assert_eq!(shown.dimensions(), (74, 84));
    assert_eq!(shown.get_pixel(5, 40).0, [255; 3]);
    let red = shown.get_pixel(12, 22).0;
    assert!(red[0].abs_diff(220) <= 4 && red[1].abs_diff(30) <= 4, "{red:?}");
}

#[test]
fn a_jpeg_with_a_scan_for_each_colour_is_named() {
    let bytes = jpeg_with_a_scan_for_each_colour();
    assert!(
        refusal(&bytes).starts_with("This is a JPEG with a scan for each colour; export it"),
        "{}",
        refusal(&bytes)
    );
}

#[test]
fn what_is_shown_is_the_whole_picture_as_it_was_decoded() {
    let Look { seen, shown } = look(fixture!("wide.png")).expect("a whole picture");
    assert_eq!(shown.dimensions(), (150, 101), "a small picture is shown as it is");
    assert!(seen == see(fixture!("wide.png")).expect("a whole picture"));
    let upright = look(fixture!("orientation-1.png")).expect("a whole picture").shown;
    for turned in [fixture!("orientation-6.png"), fixture!("orientation-3.png")] {
        assert!(look(turned).expect("a whole picture").shown == upright);
    }
    let large = png(RgbImage::from_fn(1300, 10, |x, _| Rgb([(x / 6) as u8, 7, 9])));
    let shown = look(&large).expect("a whole picture").shown;
    assert_eq!(shown.dimensions(), (640, 4), "a large one is made smaller");
    assert_eq!(shown.get_pixel(320, 2).0[1..], [7, 9]);
    assert!(shown.get_pixel(320, 2).0[0].abs_diff(108) <= 1);
}
