//! The geometry of a curve: the positions of points, which points are drawn, and the marks of the axes.

/// A point of a curve: (step, value).
pub type Point = (f64, f64);

/// The most points of a curve that are drawn; more could not be distinguished.
const DRAWN_LIMIT: usize = 400;

/// At most `limit` points, evenly spread; the last step is always kept.
///
/// Each of them is the mean of a group of points, so that the choice of points does not matter.
pub fn thin(points: &[Point], limit: usize) -> Vec<Point> {
    let size = points.len().div_ceil(limit.max(1)).max(1);
    let mean = |group: &[Point]| {
        let count = group.len() as f64;
        let (_, sum) = group.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        (group[group.len() - 1].0, sum / count)
    };
    points.chunks(size).map(mean).collect()
}

/// At most `limit` of the points, evenly spread, with the last one: the rows of a table.
pub fn sample(points: &[Point], limit: usize) -> Vec<Point> {
    let size = points.len().div_ceil(limit.max(1)).max(1);
    points.chunks(size).map(|group| group[group.len() - 1]).collect()
}

/// The part of the plane that a plot shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// The horizontal range is from 0 to this step.
    pub steps: f64,
    /// The lowest value of the vertical range.
    pub low: f64,
    /// The highest value of the vertical range.
    pub high: f64,
}

/// The width of the plot's coordinates; the plot is stretched to the available space.
pub const WIDTH: f64 = 1000.0;
/// The height of the plot's coordinates.
pub const HEIGHT: f64 = 400.0;

impl Frame {
    /// The position of `point` in the plot. Points outside of the range are moved to the edge.
    pub fn place(&self, (step, value): Point) -> (f64, f64) {
        let x = (step / self.steps).clamp(0.0, 1.0) * WIDTH;
        let y = (1.0 - ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)) * HEIGHT;
        (x, y)
    }

    /// The line through the points as an SVG path.
    pub fn path(&self, points: &[Point]) -> String {
        let mut path = String::new();
        for (index, &point) in thin(points, DRAWN_LIMIT).iter().enumerate() {
            let (x, y) = self.place(point);
            path += &format!("{}{x:.1} {y:.1}", if index == 0 { "M" } else { "L" });
        }
        path
    }
}

/// The last step on a plot's axis. At first it leaves the curve at least half of the width. It doubles during the run,
/// and in the end it is `steps`. So a curve can be seen from the beginning.
pub fn extent(step: u64, steps: u64) -> u64 {
    let mut extent = steps.max(1);
    while extent > 20 && extent / 2 > step + step / 8 {
        extent = extent.div_ceil(2);
    }
    extent
}

/// About `count` round numbers from `low` to `high`, and the decimals that they need.
pub fn marks(low: f64, high: f64, count: usize) -> (Vec<f64>, usize) {
    let rough = (high - low) / count.max(1) as f64;
    if !(rough.is_finite() && rough > 0.0) {
        return (vec![low], 0);
    }
    let power = 10f64.powi(rough.log10().floor() as i32);
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|factor| factor * power).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    let decimals = (0..6).find(|decimals| (step * 10f64.powi(*decimals)).fract().abs() < 1e-6).unwrap_or(6);
    ((first..=last).map(|index| index as f64 * step).collect(), decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_grows_with_the_run_and_never_leaves_the_curve_out() {
        assert_eq!(extent(0, 4_212), 17);
        let mut before = 0;
        for step in 0..=4_212 {
            let now = extent(step, 4_212);
            assert!(now >= step && now >= before && now <= 4_212, "{step}: {before}, {now}");
            assert!(step < 20 || now <= 2 * (step + step / 8) + 2, "half of the plot is empty at step {step}: {now}");
            before = now;
        }
        assert_eq!(before, 4_212);
        assert_eq!(extent(0, 0), 1);
    }

    #[test]
    fn a_long_curve_is_thinned_to_means_and_keeps_its_end() {
        let points: Vec<_> = (0..1_000).map(|step| (f64::from(step), f64::from(step % 2))).collect();
        let thinned = thin(&points, 100);
        assert_eq!(thinned.len(), 100);
        assert_eq!(thinned[99], (999.0, 0.5));
        assert_eq!(thin(&points[..3], 100), points[..3]);
        assert_eq!(sample(&points, 20).len(), 20);
    }

    #[test]
    fn marks_are_round_and_inside() {
        assert_eq!(marks(0.0, 2.3, 4), (vec![0.0, 1.0, 2.0], 0));
        assert_eq!(marks(0.0, 1.0, 4), (vec![0.0, 0.25, 0.5, 0.75, 1.0], 2));
        assert_eq!(marks(0.0, 4_212.0, 4), (vec![0.0, 2_000.0, 4_000.0], 0));
        assert_eq!(marks(1.0, 1.0, 4), (vec![1.0], 0));
    }

    #[test]
    fn a_value_beyond_the_frame_lies_on_its_edge() {
        let frame = Frame { steps: 100.0, low: 0.0, high: 2.0 };
        assert_eq!(frame.place((50.0, 1.0)), (500.0, 200.0));
        assert_eq!(frame.place((200.0, 9.0)), (1_000.0, 0.0));
        assert_eq!(frame.path(&[(0.0, 2.0), (100.0, 0.0)]), "M0.0 0.0L1000.0 400.0");
    }
}
