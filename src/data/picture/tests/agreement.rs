//! What the network sees is compared with Pillow.

use super::*;

/// Asserts that the network sees the same of `picture` as Pillow, each byte within `levels`.
#[track_caller]
fn assert_agrees(picture: &[u8], expected: &[u8], levels: u8) {
    let seen = see(picture).expect("the fixture is a whole picture");
    assert_eq!(expected.len(), seen.len(), "an expectation is 32x32 RGB");
    let (at, worst) = seen
        .iter()
        .zip(expected)
        .map(|(&seen, &expected)| seen.abs_diff(expected))
        .enumerate()
        .max_by_key(|&(_, difference)| difference)
        .expect("pictures are not empty");
    assert!(worst <= levels, "byte {at}: saw {}, expected {} within {levels}", seen[at], expected[at]);
}

/// One test in each line: its name, the picture, the expected pixels, the tolerance in levels.
macro_rules! agreements {
    ($($test:ident: $picture:literal, $expected:literal, $levels:literal;)*) => {$(
        #[test]
        fn $test() {
            assert_agrees(fixture!($picture), fixture!($expected), $levels);
        }
    )*};
}

// Resampling alone. Fixed-point weights may cost 1 level.
agreements! {
    a_wide_picture_is_cropped_and_averaged: "wide.png", "wide.rgb", 1;
    a_tall_picture_is_cropped_and_averaged: "tall.png", "tall.rgb", 1;
    an_uneven_ratio_is_averaged_by_area: "odd.png", "odd.rgb", 1;
    noise_is_averaged_by_area: "noise.png", "noise.rgb", 1;
    one_pixel_too_many_is_resampled: "just-over.png", "just-over.rgb", 1;
    a_small_picture_is_enlarged_bilinearly: "small.png", "small.rgb", 1;
    thirty_two_by_thirty_two_passes_bit_for_bit: "exact.png", "exact.rgb", 0;
}

// Compositing; one more level for Pillow's rounding.
agreements! {
    transparency_lies_over_white: "alpha.png", "alpha.rgb", 2;
    grey_with_transparency_lies_over_white: "grey-alpha.png", "grey-alpha.rgb", 2;
    a_palette_with_transparency_lies_over_white: "palette.png", "palette.rgb", 2;
    a_transparent_colour_lies_over_white: "colour-key.png", "colour-key.rgb", 1;
    a_transparent_colour_of_sixteen_bits_lies_over_white: "colour-key-16.png", "colour-key.rgb", 1;
}

agreements! {
    sixteen_bit_colour_becomes_eight: "rgb-16.png", "rgb-16.rgb", 1;
    sixteen_bit_grey_becomes_eight: "grey-16.png", "grey-16.rgb", 1;
    sixteen_bit_transparency_lies_over_white: "rgba-16.png", "rgba-16.rgb", 2;
    sixteen_bit_grey_with_transparency_lies_over_white: "grey-alpha-16.png", "grey-alpha-16.rgb", 2;
}

// Decoders of JPEG and lossy WebP may round in different ways.
agreements! {
    a_jpeg_agrees: "photo.jpg", "photo.rgb", 3;
    a_progressive_jpeg_agrees: "progressive.jpg", "progressive.rgb", 3;
    a_grey_jpeg_agrees: "grey.jpg", "grey.rgb", 2;
    a_cmyk_jpeg_agrees: "cmyk.jpg", "cmyk.rgb", 3;
    a_ycck_jpeg_agrees: "ycck.jpg", "ycck.rgb", 3;
    a_lossy_webp_agrees: "lossy.webp", "lossy-webp.rgb", 2;
    a_lossy_webp_with_transparency_agrees: "lossy-alpha.webp", "lossy-alpha-webp.rgb", 2;
}

agreements! {
    a_lossless_webp_agrees: "lossless.webp", "lossless-webp.rgb", 2;
    the_first_frame_of_an_animated_webp_is_seen: "animated.webp", "animated-webp.rgb", 2;
    the_first_frame_of_a_gif_is_seen: "animated.gif", "animated-gif.rgb", 1;
    a_gif_frame_keeps_its_place_on_the_canvas: "offset.gif", "offset-gif.rgb", 1;
    a_bmp_agrees: "plain.bmp", "plain-bmp.rgb", 1;
    a_bmp_with_a_palette_agrees: "palette.bmp", "palette-bmp.rgb", 1;
}

#[test]
fn every_exif_orientation_of_a_png_is_turned_upright_exactly() {
    let upright = see(fixture!("orientation-1.png")).expect("the fixture is a whole picture");
    assert_agrees(fixture!("orientation-1.png"), fixture!("upright.rgb"), 1);
    for (value, picture) in [
        (2, fixture!("orientation-2.png")),
        (3, fixture!("orientation-3.png")),
        (4, fixture!("orientation-4.png")),
        (5, fixture!("orientation-5.png")),
        (6, fixture!("orientation-6.png")),
        (7, fixture!("orientation-7.png")),
        (8, fixture!("orientation-8.png")),
    ] {
        assert!(see(picture).expect("the fixture is a whole picture") == upright, "orientation {value}");
    }
    assert!(see(fixture!("orientation-6.webp")).expect("the fixture is a whole picture") == upright, "WebP");
}

// The expected pixels were never compressed. Another orientation would differ by more than 100 levels.
agreements! {
    a_jpeg_of_orientation_1_is_upright: "orientation-1.jpg", "upright.rgb", 12;
    a_jpeg_of_orientation_2_is_upright: "orientation-2.jpg", "upright.rgb", 12;
    a_jpeg_of_orientation_3_is_upright: "orientation-3.jpg", "upright.rgb", 12;
    a_jpeg_of_orientation_4_is_upright: "orientation-4.jpg", "upright.rgb", 12;
    a_jpeg_of_orientation_5_is_upright: "orientation-5.jpg", "upright.rgb", 12;
    a_jpeg_of_orientation_6_is_upright: "orientation-6.jpg", "upright.rgb", 12;
    a_jpeg_of_orientation_7_is_upright: "orientation-7.jpg", "upright.rgb", 12;
    a_jpeg_of_orientation_8_is_upright: "orientation-8.jpg", "upright.rgb", 12;
}
