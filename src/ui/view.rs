//! The page's four views, with their names in the address.

/// One of the four views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// A picture and the network's answer.
    #[default]
    Look,
    /// A network in training.
    Learn,
    /// The kept runs.
    Runs,
    /// What Tenfold is.
    About,
}

impl View {
    /// All views, in the order of the bar.
    pub const ALL: [Self; 4] = [Self::Look, Self::Learn, Self::Runs, Self::About];

    /// The view's name in the address, after the `#`, and in `data-view`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Learn => "learn",
            Self::Runs => "runs",
            Self::About => "about",
        }
    }

    /// The view of this name, or the first view if no view has it.
    pub fn find(name: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.name() == name).unwrap_or_default()
    }

    /// The text of its link in the bar.
    pub fn label(self) -> &'static str {
        match self {
            Self::Look => "Look",
            Self::Learn => "Learn",
            Self::Runs => "Runs",
            Self::About => "About",
        }
    }

    /// The document's title while the view is shown.
    pub fn title(self) -> &'static str {
        match self {
            Self::Look => "Tenfold: watch a neural network see, and learn",
            Self::Learn => "Learn: Tenfold",
            Self::Runs => "Runs: Tenfold",
            Self::About => "About: Tenfold",
        }
    }

    /// Whether the view shows the selected picture and its answer.
    pub fn has_answer(self) -> bool {
        matches!(self, Self::Look | Self::Learn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_view_is_found_by_its_name_and_no_other_name_finds_one() {
        for view in View::ALL {
            assert_eq!(View::find(view.name()), view);
        }
        assert_eq!(View::find(""), View::Look);
        assert_eq!(View::find("Learn"), View::Look);
    }

    #[test]
    fn the_first_paint_has_the_first_views_title_and_the_bars_links() {
        let shell = include_str!("../../index.html");
        assert!(shell.contains(&format!("<title>{}</title>", View::default().title())));
        let links: Vec<_> = shell.split("<a href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(links, View::ALL.map(View::name));
    }
}
