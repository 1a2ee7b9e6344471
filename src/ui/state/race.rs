//! The experiment "GPU or CPU?": the setup that is being measured, and the results.

use crate::protocol::{Measured, Setup};

/// The steps of the article's timed run: 4 epochs of 390 steps of 128 images.
pub const ARTICLE_STEPS: u32 = 4 * 390;

/// The setups in the order in which they are shown.
pub const SETUPS: [Setup; 3] = [Setup::WebGpu, Setup::Split, Setup::Cpu];

/// The state of the experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RaceState {
    /// The state of the measurement.
    pub phase: RacePhase,
    /// The results in the order in which they were measured.
    pub measured: Vec<(Setup, Measured)>,
}

/// The state of the experiment's measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RacePhase {
    /// Nothing is being measured.
    #[default]
    Idle,
    /// The worker was asked.
    Asked,
    /// A setup is being measured.
    Measuring {
        /// The setup.
        setup: Setup,
        /// The steps timed so far.
        step: u32,
    },
}

impl RaceState {
    /// The result of `setup`.
    pub fn of(&self, setup: Setup) -> Option<&Measured> {
        self.measured.iter().find(|(known, _)| *known == setup).map(|(_, measured)| measured)
    }

    /// Starts again without results.
    pub fn begin(&mut self) {
        *self = Self { phase: RacePhase::Asked, measured: Vec::new() };
    }

    /// Stores the result of `setup`.
    pub fn settle(&mut self, setup: Setup, measured: Measured) {
        self.measured.retain(|(known, _)| *known != setup);
        self.measured.push((setup, measured));
    }
}

/// The seconds that the article's run would take at `step_ms` milliseconds per step.
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
