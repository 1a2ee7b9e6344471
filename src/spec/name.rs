//! The names of the networks.

use serde::{Deserialize, Serialize};

/// A shipped network, or a visitor's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkName {
    /// The network of Xu Cui's 2017 article.
    #[default]
    Cui2017,
    /// A small modern network after airbench94 (Keller Jordan, 2024).
    Tenfold2026,
    /// A network that a visitor built of layers. All such networks have this name.
    Own,
}

impl NetworkName {
    /// The shipped networks, oldest first.
    pub const ALL: [Self; 2] = [Self::Cui2017, Self::Tenfold2026];

    /// The default network; if its files are missing, the page uses another one.
    pub const FIRST_SHOWN: Self = Self::Tenfold2026;

    /// The identifier in addresses, attributes, folders and files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Cui2017 => "cui2017",
            Self::Tenfold2026 => "tenfold2026",
            Self::Own => "own",
        }
    }

    /// The title that the page shows.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cui2017 => "Cui 2017",
            Self::Tenfold2026 => "Tenfold 2026",
            Self::Own => "Own network",
        }
    }

    /// The shipped network with this identifier, if there is one.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.id() == id)
    }
}
