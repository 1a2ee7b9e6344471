//! The page: one state, a pure reducer, and components, one in each file.
//!
//! [`state`], [`view`], [`plan`], [`cards`], [`drawing`], [`scatter`], [`intake`], [`curve`], [`paint`], [`raster`],
//! [`tasks`], [`terms`] and [`words`] are plain functions, which are tested natively. [`edge`] has the side effects:
//! the worker and the files. Nothing here names Burn.

mod app;
mod benchmark;
mod card;
pub(crate) mod cards;
mod components;
mod csv;
mod curve;
mod drawing;
mod edge;
mod field;
mod intake;
mod intent;
mod paint;
mod plan;
mod progress;
mod raster;
mod scatter;
mod state;
mod tasks;
mod terms;
mod view;
mod views;
mod words;

pub use app::App;

/// Shows the page and starts its worker; with `?benchmark`, starts the benchmark instead.
pub fn mount() {
    if crate::platform::page::query("benchmark").is_some() {
        return benchmark::mount();
    }
    yew::Renderer::<App>::with_root(crate::platform::page::mount_point()).render();
}

#[cfg(test)]
mod tests {
    use crate::domain::CLASSES;

    #[test]
    fn the_first_paint_shows_the_ten_in_the_data_sets_order() {
        let shell = include_str!("../../index.html");
        let scenes: Vec<_> =
            shell.split("src=\"scenes/").skip(1).filter_map(|rest| rest.split(".png").next()).collect();
        assert_eq!(scenes, CLASSES);
    }

    #[test]
    fn every_class_has_a_scene() {
        for class in CLASSES {
            let path = format!("{}/assets/scenes/{class}.png", env!("CARGO_MANIFEST_DIR"));
            assert!(std::path::Path::new(&path).exists(), "{path} is missing");
        }
    }
}
