//! A time lapse of a run: the network's answers to a few test images, again and again while it learnt.
//!
//! A history keeps it as a short line, `1:312507,4:319511`: after step 1 the first image was class 3 with 12%, the
//! second class 5 with 7%, and so on.

use super::{CLASS_COUNT, History, likeliest};

/// Frames of a whole run, besides those of its beginning, when most changes.
const FRAMES: u64 = 40;

/// A frame: after which step, and each image's likeliest class with its probability.
pub type Frame = (u64, Vec<(usize, f32)>);

/// The frame that `text` describes, if it describes one.
fn read(text: &str) -> Option<Frame> {
    let (step, answers) = text.split_once(':')?;
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| usize::from(byte - b'0'));
    let answer = |answer: &[u8]| {
        let [class, tens, ones] = answer else { return None };
        Some((digit(class)?, (10 * digit(tens)? + digit(ones)?) as f32 / 100.0))
    };
    Some((step.parse().ok()?, answers.as_bytes().chunks(3).map(answer).collect::<Option<_>>()?))
}

impl History {
    /// Adds the probabilities of each image after step `step` of `steps` to the time lapse, unless the last frame was
    /// shortly before. Returns whether they were added.
    pub fn film(&mut self, step: u64, steps: u64, answers: &[[f32; CLASS_COUNT]]) -> bool {
        let last = self.lapse.rsplit(',').next().and_then(|frame| frame.split(':').next()?.parse::<u64>().ok());
        let last = last.unwrap_or(0);
        let gap = (steps / FRAMES).min(last / 4).max(1);
        if answers.is_empty() || step < last + if step == steps { 1 } else { gap } {
            return false;
        }
        if !self.lapse.is_empty() {
            self.lapse.push(',');
        }
        self.lapse += &format!("{step}:");
        for answer in answers {
            let class = likeliest(answer);
            self.lapse += &format!("{class}{:02}", ((answer[class] * 100.0).round() as u32).min(99));
        }
        true
    }

    /// The frames of the time lapse. Those of a damaged file that cannot be read are left out.
    pub fn frames(&self) -> Vec<Frame> {
        self.lapse.split(',').filter_map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sure_of(class: usize, probability: f32) -> [f32; CLASS_COUNT] {
        let mut answer = [(1.0 - probability) / 9.0; CLASS_COUNT];
        answer[class] = probability;
        answer
    }

    /// The time lapse of a run of `steps` steps whose answers come after each of them.
    fn run(steps: u64) -> History {
        let mut history = History::default();
        for step in 1..=steps {
            history.film(step, steps, &vec![sure_of((step % 10) as usize, 0.5); 20]);
        }
        history
    }

    #[test]
    fn a_frame_has_each_images_likeliest_class_and_its_probability() {
        let mut history = History::default();
        assert!(!history.film(1, 9, &[]));
        assert!(history.film(1, 9, &[sure_of(3, 0.124), sure_of(5, 0.999)]));
        assert!(!history.film(1, 9, &[sure_of(3, 0.2)]), "once for each step");
        assert!(history.film(9, 9, &[sure_of(0, 0.3), sure_of(9, 0.42)]));
        assert_eq!(history.lapse, "1:312599,9:030942");
        assert_eq!(history.frames(), [(1, vec![(3, 0.12), (5, 0.99)]), (9, vec![(0, 0.3), (9, 0.42)])]);
    }

    #[test]
    fn a_run_of_any_length_gets_a_lapse_of_a_few_kilobytes_with_its_beginning_and_its_end() {
        for steps in [1, 2, 30, 319, 7_020, 1_000_000] {
            let history = run(steps);
            let frames: Vec<u64> = history.frames().into_iter().map(|(step, _)| step).collect();
            assert_eq!((frames[0], frames.last()), (1, Some(&steps)));
            assert!(frames.len() >= steps.min(30) as usize && frames.len() < 110, "{steps}: {}", frames.len());
            assert!(frames.windows(2).all(|pair| pair[1] - pair[0] <= (steps / FRAMES).max(1)), "{frames:?}");
            assert!(history.lapse.len() < 8_000, "{steps}: {} bytes", history.lapse.len());
        }
    }

    #[test]
    fn a_lapse_that_was_damaged_gives_the_frames_that_can_be_read() {
        let lapse = |lapse: &str| History { lapse: lapse.into(), ..History::default() }.frames();
        assert_eq!(lapse(""), []);
        assert_eq!(lapse("1:31,x:312,2:3a2,3:312,:312,4"), [(3, vec![(3, 0.12)])]);
        assert_eq!(lapse("1:31ü"), []);
    }
}
