//! The networks that come with the page: where they are, and their files, once they are here.

use crate::{
    checkpoint::Card,
    domain::{DeviceChoice, NetworkName},
};
use std::collections::HashMap;

/// Where the networks' files are, and those that are here.
#[derive(Default)]
pub(super) struct Shipped {
    /// Where each network's folder is; ends in a slash.
    pub url: String,
    /// The device that the visitor asked for.
    pub choice: DeviceChoice,
    /// The card and the weights of each network that was downloaded.
    pub files: HashMap<NetworkName, (Vec<u8>, Vec<u8>)>,
}

/// Whether the weights are those of their card; a card that cannot be read says so where it is used.
pub(super) fn is_whole((card, weights): &(Vec<u8>, Vec<u8>)) -> bool {
    serde_json::from_slice::<Card>(card).map_or(true, |card| card.describes(weights))
}
