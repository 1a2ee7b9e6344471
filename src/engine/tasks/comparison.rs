//! Asks several networks about the same picture.

use crate::{
    data::Seen,
    domain::NetworkName,
    engine::{host::Host, predictor::Predictor, session::Session},
    infer::Judgement,
    protocol::{Compared, Event, Opinion, PictureId, RequestKind},
};

impl<H: Host> Session<H> {
    /// Asks each network about the picture `id`, if there is one, and posts the answers with a description of each
    /// network. The answering network has its current weights, the others the shipped ones.
    pub(in crate::engine) async fn compare(&mut self, id: Option<PictureId>) {
        match self.compared(id).await {
            Ok(networks) => self.host.post(Event::Compared { id, networks }),
            Err(reason) => self.host.refuse(RequestKind::Compare, format!("The networks cannot be compared. {reason}")),
        }
    }

    async fn compared(&mut self, id: Option<PictureId>) -> Result<Vec<Compared>, String> {
        let answering = self.predictor.as_ref().ok_or("There is no network yet.")?.network();
        self.others.retain(|other| other.network() != answering);
        for network in NetworkName::ALL.into_iter().filter(|&network| network != answering) {
            if !self.others.iter().any(|other| other.network() == network) {
                let other = self.open_like_now(network).await?;
                self.others.push(other);
            }
        }
        // Each network answers at its fastest. The answering one is prepared already, if it has answered before.
        for predictor in self.others.iter_mut().chain(&mut self.predictor) {
            predictor.prepare().await;
        }
        let seen = id.and_then(|id| self.pictures.seen(id));
        let mut predictors: Vec<_> = self.others.iter().chain(&self.predictor).collect();
        predictors.sort_by_key(|predictor| predictor.network());
        let mut compared = Vec::new();
        for predictor in predictors {
            compared.push(self.look_at(predictor, seen).await?);
        }
        Ok(compared)
    }

    async fn look_at(&self, predictor: &Predictor, seen: Option<Seen>) -> Result<Compared, String> {
        let classifier = predictor.classifier();
        let opinion = match seen {
            Some(seen) => {
                let failed = |error| format!("The device stopped computing ({error}). Try again.");
                // The first answer compiles kernels and allocates memory; it is not timed.
                classifier.logits(&[seen]).await.map_err(failed)?;
                let start_ms = self.host.now_ms();
                let judgements = classifier.judgements(&[seen]).await.map_err(failed)?;
                let milliseconds = (self.host.now_ms() - start_ms) as f32;
                let Judgement { probabilities, is_none } = judgements[0];
                Some(Opinion { probabilities, is_none, milliseconds })
            }
            None => None,
        };
        let (network, device) = (predictor.summary(), predictor.report().clone());
        let (layers, calibration) = (classifier.network().layers(), classifier.calibration().cloned());
        Ok(Compared { network, device, layers, calibration, opinion })
    }
}
