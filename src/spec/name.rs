//! The list of networks: what each is called.

use serde::{Deserialize, Serialize};

/// A network that Tenfold brings, or one of the visitor's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkName {
    /// That of Xu Cui's 2017 article.
    #[default]
    Cui2017,
    /// A small modern network after airbench94 (Keller Jordan, 2024).
    Tenfold2026,
    /// A network that somebody built of layers; only the layers say which.
    Own,
}

impl NetworkName {
    /// The networks that come with trained weights, oldest first.
    pub const ALL: [Self; 2] = [Self::Cui2017, Self::Tenfold2026];

    /// The network that answers where nobody has chosen one; where its files are missing, another does.
    pub const FIRST_SHOWN: Self = Self::Tenfold2026;

    /// Identifier, in addresses, attributes, folders and files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Cui2017 => "cui2017",
            Self::Tenfold2026 => "tenfold2026",
            Self::Own => "own",
        }
    }

    /// Name to show.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cui2017 => "Cui 2017",
            Self::Tenfold2026 => "Tenfold 2026",
            Self::Own => "Own network",
        }
    }

    /// The network that comes with trained weights and has this identifier, if there is one.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.id() == id)
    }
}
