//! The speed of a run, and timers for repeated work.

use std::collections::VecDeque;

/// Steps over which the speed is averaged.
const STEPS: usize = 30;

/// A step counts as interrupted if it takes at least this many times the mean of those before, and at least
/// [`FROZEN_MS`]. Then the computer slept, or the browser froze a hidden page.
const FROZEN_TIMES: f64 = 20.0;

/// The least time of a step that counts as interrupted, in milliseconds.
const FROZEN_MS: f64 = 10_000.0;

/// The times of the last steps, without the work between them.
#[derive(Debug)]
pub(super) struct Speed {
    steps_ms: VecDeque<f64>,
    began_ms: f64,
}

impl Speed {
    /// A speed whose first step begins at `now_ms`.
    pub fn new(now_ms: f64) -> Self {
        Self { steps_ms: VecDeque::new(), began_ms: now_ms }
    }

    /// A step begins at `now_ms`.
    pub fn begin(&mut self, now_ms: f64) {
        self.began_ms = now_ms;
    }

    /// The step ends at `now_ms`. Returns its milliseconds. An interrupted step does not count for the speed and
    /// returns 0.
    pub fn end(&mut self, now_ms: f64) -> f64 {
        let step_ms = now_ms - self.began_ms;
        if step_ms >= FROZEN_MS && !self.steps_ms.is_empty() && step_ms >= FROZEN_TIMES * self.mean_ms() {
            return 0.0;
        }
        self.steps_ms.push_back(step_ms);
        if self.steps_ms.len() > STEPS {
            self.steps_ms.pop_front();
        }
        step_ms
    }

    /// The mean time of the last steps, in milliseconds; 0 before the first.
    pub fn mean_ms(&self) -> f64 {
        self.steps_ms.iter().sum::<f64>() / self.steps_ms.len().max(1) as f64
    }
}

/// A timer for work that is repeated.
#[derive(Debug)]
pub(super) struct Timer {
    /// The least time between two repetitions, in milliseconds.
    pub interval_ms: f64,
    last_ms: f64,
}

impl Timer {
    /// Due `interval_ms` after `now_ms`, then after each reset.
    pub fn new(interval_ms: f64, now_ms: f64) -> Self {
        Self { interval_ms, last_ms: now_ms }
    }

    /// Due at once, and `interval_ms` after that.
    pub fn due_now(interval_ms: f64) -> Self {
        Self::new(interval_ms, f64::NEG_INFINITY)
    }

    /// Whether the work is due at `now_ms`.
    pub fn is_due(&self, now_ms: f64) -> bool {
        now_ms - self.last_ms >= self.interval_ms
    }

    /// The work was done at `now_ms`.
    pub fn reset(&mut self, now_ms: f64) {
        self.last_ms = now_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speed(steps_ms: &[f64]) -> Speed {
        let mut speed = Speed::new(0.0);
        for &step_ms in steps_ms {
            speed.begin(1000.0);
            speed.end(1000.0 + step_ms);
        }
        speed
    }

    #[test]
    fn a_speed_is_the_mean_of_the_last_thirty_steps() {
        assert_eq!(Speed::new(5.0).mean_ms(), 0.0);
        assert_eq!(speed(&[10.0, 20.0]).mean_ms(), 15.0);
        let steps_ms: Vec<_> = [900.0].into_iter().chain([40.0; 30]).collect();
        assert_eq!(speed(&steps_ms).mean_ms(), 40.0);
    }

    #[test]
    fn a_night_of_sleep_is_not_a_step_and_a_slow_device_is() {
        assert_eq!(speed(&[100.0, 3.6e7, 100.0]).mean_ms(), 100.0);
        assert_eq!(speed(&[15_000.0, 15_000.0]).mean_ms(), 15_000.0);
        assert_eq!(speed(&[100.0, 9_900.0]).mean_ms(), 5_000.0);
    }

    #[test]
    fn a_timer_is_due_once_its_interval_has_passed() {
        let mut timer = Timer::new(100.0, 50.0);
        assert!(!timer.is_due(149.0) && timer.is_due(150.0));
        timer.reset(150.0);
        assert!(!timer.is_due(200.0));
        assert!(Timer::due_now(100.0).is_due(0.0));
    }
}
