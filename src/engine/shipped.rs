//! The shipped networks: their address, and their files once they are downloaded.

use crate::{
    checkpoint::Card,
    domain::{DeviceChoice, NetworkName},
};
use std::collections::HashMap;

/// The address of the networks' files, and those that are downloaded.
#[derive(Default)]
pub(super) struct Shipped {
    /// The address of the networks' folders; ends in a slash.
    pub url: String,
    /// The device that the visitor asked for.
    pub choice: DeviceChoice,
    /// The card and the weights of each downloaded network.
    pub files: HashMap<NetworkName, (Vec<u8>, Vec<u8>)>,
}

/// Whether the weights match their card. True for a card that cannot be read: its error is told where it is used.
pub(super) fn is_whole((card, weights): &(Vec<u8>, Vec<u8>)) -> bool {
    serde_json::from_slice::<Card>(card).map_or(true, |card| card.describes(weights))
}
