//! Changes of settings during a run, as a short line: `231:dropout=0.3,400:flip=off`. From the step after step 231 on,
//! the dropout rate is 0.3. Names and values are those of the address.

use super::{
    Settings, SettingsError,
    table::{Refused, Setting},
};

/// The most changes in one run, so that a hostile link does not slow down every step.
const MOST_CHANGES: usize = 100;

/// The setting of this name, if it can change during a run.
fn changeable(name: &str) -> Option<&'static Setting> {
    Setting::find(name).filter(|setting| setting.may_change)
}

/// A part of the line: after how many steps which setting gets which value. None if it is no such change.
fn read(part: &str) -> Option<(u64, &'static Setting, &str)> {
    let (step, change) = part.split_once(':')?;
    let (name, value) = change.split_once('=')?;
    Some((step.parse().ok()?, changeable(name)?, value))
}

impl From<Refused> for SettingsError {
    fn from(Refused { label, range, .. }: Refused) -> Self {
        Self::OutOfRange { label, range }
    }
}

impl Settings {
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.changes.split(',').filter(|part| !part.is_empty())
    }

    /// Checks the changes alone.
    ///
    /// # Errors
    /// If one of them cannot be.
    pub fn check_changes(&self) -> Result<(), SettingsError> {
        let (mut changed, mut before) = (self.clone(), 0);
        for (place, part) in self.parts().enumerate() {
            let change = read(part).filter(|(step, ..)| place < MOST_CHANGES && *step >= before);
            let (step, setting, value) = change.ok_or(SettingsError::Changes)?;
            setting.set(&mut changed, value)?;
            before = step;
        }
        Ok(())
    }

    /// The settings that hold for the step after step `step`. They have no changes.
    #[must_use]
    pub fn at(&self, step: u64) -> Self {
        let mut now = Self { changes: String::new(), ..self.clone() };
        for (at, setting, value) in self.parts().filter_map(read) {
            if at <= step {
                // If the value is impossible, which the check notices, nothing changes.
                let _ = setting.set(&mut now, value);
            }
        }
        now
    }

    /// Changes the setting called `name` to the value that `text` names, from the step after step `step` on.
    ///
    /// # Errors
    /// If this setting cannot change during a run, or cannot have this value, or too much was changed before. Then all
    /// stays as it is.
    pub fn change(&mut self, step: u64, name: &str, text: &str) -> Result<(), SettingsError> {
        let setting = changeable(name).ok_or(SettingsError::Changes)?;
        // A second change after the same step takes the place of the first.
        let change = format!("{step}:{name}=");
        let mut parts: Vec<_> = self.parts().filter(|part| !part.starts_with(&change)).collect();
        let mut now = Self { changes: parts.join(","), ..self.clone() }.at(step);
        let before = setting.text(&now);
        setting.set(&mut now, text)?;
        let change = change + &setting.text(&now);
        if before != setting.text(&now) {
            parts.push(&change);
        }
        let changed = Self { changes: parts.join(","), ..self.clone() };
        changed.check_changes()?;
        *self = changed;
        Ok(())
    }

    /// The changes in their order: after which step, and what, such as "dropout 0.3".
    pub fn changed(&self) -> Vec<(u64, String)> {
        let mut now = self.clone();
        let told = |(step, setting, value): (u64, &Setting, &str)| {
            let _ = setting.set(&mut now, value);
            (step, format!("{} {}", setting.name.replace('-', " "), setting.text(&now)))
        };
        self.parts().filter_map(read).map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changing(changes: &str) -> Settings {
        Settings { changes: changes.into(), ..Settings::default() }
    }

    #[test]
    fn a_change_holds_from_the_step_after_its_step_on() {
        let settings = changing("3:dropout=0.3,7:flip=off,7:dropout=0.1");
        assert_eq!(settings.check(), Ok(()));
        let held = [0, 2, 3, 6, 7, 9].map(|step| (settings.at(step).dropout_rate, settings.at(step).flip));
        assert_eq!(held, [(0.5, true), (0.5, true), (0.3, true), (0.3, true), (0.1, false), (0.1, false)]);
        assert_eq!(settings.at(2), Settings::default());
        let told = settings.changed();
        assert_eq!(told, [(3, "dropout 0.3".into()), (7, "flip off".into()), (7, "dropout 0.1".into())]);
    }

    #[test]
    fn a_change_is_noted_as_the_address_writes_it_and_the_last_after_a_step_counts() {
        let mut settings = Settings::default();
        settings.change(231, "dropout", " .30").expect("a rate");
        settings.change(231, "conv-rate", "0.01").expect("a rate");
        settings.change(231, "dropout", "0.2").expect("a rate");
        assert_eq!(settings.changes, "231:conv-rate=0.01,231:dropout=0.2");
        settings.change(231, "dropout", "0.5").expect("a rate");
        assert_eq!(settings.changes, "231:conv-rate=0.01", "it is as it was");
        settings.change(400, "conv-rate", "0.01").expect("a rate");
        assert_eq!(settings.changes, "231:conv-rate=0.01", "nothing is new");
        let before = settings.clone();
        for (step, name, text) in
            [(400, "dropout", "2"), (400, "batch", "64"), (400, "pets", "2"), (230, "flip", "off")]
        {
            settings.change(step, name, text).expect_err(name);
        }
        assert_eq!(settings, before);
    }

    #[test]
    fn what_would_change_a_shape_the_length_or_the_optimiser_does_not_change_during_a_run() {
        for name in ["epochs", "batch", "optimiser", "warm-up", "seed", "images", "network", "layers"] {
            let told = Settings::default().change(3, name, "1").expect_err(name).to_string();
            assert!(told.starts_with("changes are written as 231:dropout=0.3,400:flip=off"), "{told}");
        }
    }

    #[test]
    fn malformed_and_hostile_changes_are_refused() {
        let many: String = (0..=MOST_CHANGES).map(|step| format!("{step}:shift={},", step % 2)).collect();
        let few: String = (0..MOST_CHANGES).map(|step| format!("{step}:shift={},", step % 2)).collect();
        assert_eq!(changing(&few).check(), Ok(()));
        let huge = "9".repeat(100_000);
        for changes in [
            "dropout=0.3",
            "1:dropout",
            "-1:dropout=0.3",
            "1.5:dropout=0.3",
            "NaN:dropout=0.3",
            "18446744073709551616:dropout=0.3",
            "2:flip=off,1:flip=on",
            "1:<script>=1",
            &huge,
            &many,
        ] {
            let short = changes.get(..40).unwrap_or(changes);
            assert_eq!(changing(changes).check(), Err(SettingsError::Changes), "{short}");
            assert_eq!(changing(&changes[..changes.len().min(100)]).at(u64::MAX).batch_size, 128, "{short}");
        }
        let told = changing("3:dropout=1").check().expect_err("no rate").to_string();
        assert_eq!(told, "Dropout must be 0 to 0.95");
        for changes in ["3:conv-rate=NaN", "1:dropout=0.3;2:flip=off", "1:flip=<script>"] {
            assert!(changing(changes).check().is_err(), "{changes}");
        }
    }
}
