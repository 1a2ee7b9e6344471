//! The experiment "GPU or CPU?": what is being measured, and what was.

use crate::protocol::{Measured, Setup};

/// Steps of the article's timed run: 4 epochs of 390 steps of 128 images.
pub const ARTICLE_STEPS: u32 = 4 * 390;

/// The setups in the order in which they are shown.
pub const SETUPS: [Setup; 3] = [Setup::WebGpu, Setup::Split, Setup::Cpu];

/// Everything about the experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RaceState {
    /// What goes on.
    pub phase: RacePhase,
    /// What was measured, in the order in which it was.
    pub measured: Vec<(Setup, Measured)>,
}

/// What goes on in the experiment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RacePhase {
    /// Nothing.
    #[default]
    Idle,
    /// The worker was asked.
    Asked,
    /// A setup is being measured.
    Measuring {
        /// Which.
        setup: Setup,
        /// Steps timed so far.
        step: u32,
    },
}

impl RaceState {
    /// What was measured of `setup`.
    pub fn of(&self, setup: Setup) -> Option<&Measured> {
        self.measured.iter().find(|(known, _)| *known == setup).map(|(_, measured)| measured)
    }

    /// Begins anew.
    pub fn begin(&mut self) {
        *self = Self { phase: RacePhase::Asked, measured: Vec::new() };
    }

    /// Takes in what was measured of `setup`.
    pub fn settle(&mut self, setup: Setup, measured: Measured) {
        self.measured.retain(|(known, _)| *known != setup);
        self.measured.push((setup, measured));
    }
}

/// Seconds that the article's run would take at `step_ms` milliseconds a step.
pub fn article_run_secs(step_ms: f32) -> f64 {
    f64::from(step_ms) * f64::from(ARTICLE_STEPS) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_articles_run_is_extrapolated_from_a_step() {
        assert_eq!(article_run_secs(10.0), 15.6);
    }

    #[test]
    fn measuring_again_forgets_what_was_measured_before() {
        let mut race = RaceState::default();
        race.settle(Setup::Cpu, Measured::Steps { count: 3, step_ms: 900.0 });
        race.settle(Setup::Cpu, Measured::Steps { count: 5, step_ms: 800.0 });
        assert_eq!(race.of(Setup::Cpu), Some(&Measured::Steps { count: 5, step_ms: 800.0 }));
        race.begin();
        assert_eq!((race.phase, race.of(Setup::Cpu)), (RacePhase::Asked, None));
    }
}
