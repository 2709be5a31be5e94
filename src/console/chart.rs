//! Small charts: fourteen days as bars, drawn on the server; the numbers stand in words beside them.

use crate::base::Timestamp;
use crate::frame::Words;
use crate::store::overviews::OfDay;

/// Days of a chart.
pub const DAYS: i64 = 14;
/// The height of the tallest bar.
const HEIGHT: i64 = 40;
const SECONDS: i64 = 86_400;

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its element's id.
    pub id: &'static str,
    /// What is counted.
    pub title: String,
    /// How often in all.
    pub total: i64,
    /// Everything that it shows, in a sentence.
    pub told: String,
    /// The days, the oldest first.
    pub bars: Vec<Bar>,
}

/// A day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// How far to the right.
    pub x: i64,
    /// How far down it begins.
    pub y: i64,
    /// How tall it is.
    pub height: i64,
    /// The day and its number.
    pub told: String,
}

/// The first moment of the days that are shown at this one.
#[must_use]
pub const fn first(now: Timestamp) -> Timestamp {
    Timestamp((now.0.div_euclid(SECONDS) - DAYS + 1) * SECONDS)
}

impl Chart {
    /// How often something of a kind happened on each of the days.
    #[must_use]
    pub fn new(words: Words, (id, kind, title): (&'static str, &str, &str), found: &[OfDay], now: Timestamp) -> Self {
        let start = first(now).0 / SECONDS;
        let of_day =
            |day: i64| found.iter().filter(|row| row.kind == kind && row.day == day).map(|row| row.count).sum();
        let counts: Vec<i64> = (start..start + DAYS).map(of_day).collect();
        let total: i64 = counts.iter().sum();
        let most = counts.iter().copied().max().unwrap_or_default().max(1);
        let bar = |(place, count): (i64, i64)| {
            // Something is to be seen of whatever happened.
            let height = if count == 0 { 1 } else { (count * HEIGHT / most).max(2) };
            let day = Timestamp((start + place) * SECONDS).rfc3339();
            let day = day.split('T').next().unwrap_or_default();
            Bar { x: place * 10, y: HEIGHT - height, height, told: format!("{day}: {count}") }
        };
        let told = words.with_names(
            "console-chart",
            &[("title", &words.say(title)), ("total", &total.to_string()), ("days", &DAYS.to_string())],
        );
        Self { id, title: words.say(title), total, told, bars: (0..).zip(counts).map(bar).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_anything_is_a_line_and_the_busiest_fills_the_height() {
        let now = Timestamp(100 * SECONDS + 5);
        let row = |day, count| OfDay { day, kind: "user.login".to_owned(), count };
        let found = [row(100, 4), row(99, 1), row(87, 2), row(86, 9)];
        let chart = Chart::new(Words::default(), ("sign-ins", "user.login", "console-sign-ins"), &found, now);
        assert_eq!((chart.total, chart.bars.len()), (7, 14), "the day before the first does not count");
        let heights: Vec<_> = chart.bars.iter().map(|bar| bar.height).collect();
        assert_eq!((heights[0], heights[1], heights[12], heights[13]), (20, 1, 10, 40));
        assert_eq!((chart.bars[13].y, chart.bars[13].told.as_str()), (0, "1970-04-11: 4"));
        assert!(chart.told.contains('7') && chart.told.contains("14"), "{}", chart.told);
    }
}
