//! The switches for the page's looks: light or dark colours, and the projector mode.

use yew::prelude::*;

use crate::platform::page;

/// Where the browser stores the theme: `light` or `dark`.
const THEME_KEY: &str = "tenfold-theme";

/// Where the browser stores whether the projector mode is on: `on` or `off`. `index.html` reads both.
const PROJECTOR_KEY: &str = "tenfold-projector";

/// Two buttons that remember the visitor's choice. The theme starts with the system's.
#[component]
pub fn Looks() -> Html {
    let is_dark = use_state(|| match page::stored(THEME_KEY).as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => page::system_is_dark(),
    });
    let is_projecting = use_state(|| page::root_attribute("data-projector").is_some());
    let on_theme = {
        let is_dark = is_dark.clone();
        Callback::from(move |_: MouseEvent| {
            let theme = if *is_dark { "light" } else { "dark" };
            page::set_root_attribute("data-theme", Some(theme));
            page::store(THEME_KEY, theme);
            is_dark.set(!*is_dark);
        })
    };
    let on_projector = {
        let is_projecting = is_projecting.clone();
        Callback::from(move |_: MouseEvent| {
            let next = !*is_projecting;
            page::set_root_attribute("data-projector", next.then_some("on"));
            page::store(PROJECTOR_KEY, if next { "on" } else { "off" });
            // After a reload the switch counts, and not the link that led here.
            page::replace_query(["projector"].into_iter(), &[]);
            is_projecting.set(next);
        })
    };
    let (theme, shape) = if *is_dark { ("Switch to light", sun()) } else { ("Switch to dark", moon()) };
    let projector = "Projector mode: larger type, fewer words";
    html! {
        <div class="looks">
            <button
                type="button"
                class="icon-button"
                data-action="projector"
                aria-pressed={is_projecting.to_string()}
                aria-label={projector}
                title={projector}
                onclick={on_projector}
            >
                <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                    <path d="M2.5 3.5h15M4 3.5V12h12V3.5M10 12v2.5M7 17l3-2.5 3 2.5" />
                </svg>
            </button>
            <button type="button" class="icon-button" data-action="theme" aria-label={theme} title={theme} onclick={on_theme}>
                <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">{ shape }</svg>
            </button>
        </div>
    }
}

fn moon() -> Html {
    html! { <path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z" /> }
}

fn sun() -> Html {
    html! {
        <>
            <circle cx="10" cy="10" r="3.5" />
            <path d="M10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M4 16l1.4-1.4M14.6 5.4 16 4" />
        </>
    }
}
