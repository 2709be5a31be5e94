//! Operators on dates, which are texts as RFC 3339 writes them. Results are in UTC with milliseconds, a form in which
//! texts sort as times do.

use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, Month, OffsetDateTime, UtcOffset};

use super::super::value::Num;
use super::eval::Maybe;
use super::scope::Env;
use super::{Failure, Operator};

type Computed = Result<Maybe, Failure>;

/// What this file knows to compute.
pub(super) fn apply(operator: Operator, values: &[Maybe], _: &Env<'_>) -> Option<Computed> {
    use Operator as O;
    match operator {
        O::DateAdd
        | O::DateDiff
        | O::DateToString
        | O::DateTrunc
        | O::DayOfMonth
        | O::DayOfWeek
        | O::DayOfYear
        | O::Hour
        | O::Minute
        | O::Month
        | O::Second
        | O::Year => Some(compute(operator, values)),
        _ => None,
    }
}

fn compute(operator: Operator, values: &[Maybe]) -> Computed {
    use Operator as O;
    let Some(first) = values.first().and_then(Option::as_ref).filter(|value| !value.is_null()) else {
        return Ok(Some(Value::Null));
    };
    let date = date(operator, first)?;
    match (operator, &values[1..]) {
        (O::DateTrunc, [unit]) => written(truncated(date, unit_of(unit)?)),
        (O::DateAdd, [unit, amount]) => written(added(date, unit_of(unit)?, amount)?),
        (O::DateDiff, [None | Some(Value::Null), _]) => Ok(Some(Value::Null)),
        (O::DateDiff, [Some(end), unit]) => {
            let end = self::date(operator, end)?;
            Ok(Some(between(date, end, unit_of(unit)?).into()))
        }
        (O::DateToString, [format]) => formatted(date, format),
        (O::Year, []) => Ok(Some(date.year().into())),
        (O::Month, []) => Ok(Some(u8::from(date.month()).into())),
        (O::DayOfMonth, []) => Ok(Some(date.day().into())),
        (O::DayOfYear, []) => Ok(Some(date.ordinal().into())),
        (O::DayOfWeek, []) => Ok(Some(date.weekday().number_from_sunday().into())),
        (O::Hour, []) => Ok(Some(date.hour().into())),
        (O::Minute, []) => Ok(Some(date.minute().into())),
        (O::Second, []) => Ok(Some(date.second().into())),
        _ => Failure::wrong(format!("`{}` does not take this", operator.name())),
    }
}

fn date(operator: Operator, value: &Value) -> Result<OffsetDateTime, Failure> {
    let parsed = value.as_str().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    match parsed.and_then(|date| date.checked_to_offset(UtcOffset::UTC)) {
        Some(date) => Ok(date),
        None => Failure::wrong(format!("`{}` takes a date as RFC 3339 writes it", operator.name())),
    }
}

fn written(date: OffsetDateTime) -> Computed {
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let (hour, minute, second, milli) = (date.hour(), date.minute(), date.second(), date.millisecond());
    if !(0..=9999).contains(&year) {
        return Failure::wrong("the date is beyond what RFC 3339 can write");
    }
    Ok(Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z").into()))
}

/// The units, those of fixed length with their milliseconds.
#[derive(Clone, Copy)]
enum Unit {
    Months(i64),
    Millis(i64),
}

const DAY: i64 = 86_400_000;

fn unit_of(value: &Maybe) -> Result<Unit, Failure> {
    Ok(match value.as_ref().and_then(Value::as_str) {
        Some("year") => Unit::Months(12),
        Some("quarter") => Unit::Months(3),
        Some("month") => Unit::Months(1),
        Some("week") => Unit::Millis(7 * DAY),
        Some("day") => Unit::Millis(DAY),
        Some("hour") => Unit::Millis(3_600_000),
        Some("minute") => Unit::Millis(60_000),
        Some("second") => Unit::Millis(1_000),
        Some("millisecond") => Unit::Millis(1),
        _ => {
            return Failure::wrong(
                "a unit is one of year, quarter, month, week, day, hour, minute, second, millisecond",
            );
        }
    })
}

fn millis(date: OffsetDateTime) -> i64 {
    i64::try_from(date.unix_timestamp_nanos() / 1_000_000 - i128::from(date.unix_timestamp_nanos() % 1_000_000 < 0))
        .unwrap_or_default()
}

fn months(date: OffsetDateTime) -> i64 {
    i64::from(date.year()) * 12 + i64::from(u8::from(date.month())) - 1
}

/// How many whole units lie between the beginning of time and this date; weeks begin on Sunday.
fn count(date: OffsetDateTime, unit: Unit) -> i64 {
    // 1970-01-01 was a Thursday: four days after a Sunday.
    match unit {
        Unit::Months(length) => months(date).div_euclid(length),
        Unit::Millis(length) if length == 7 * DAY => (millis(date) + 4 * DAY).div_euclid(length),
        Unit::Millis(length) => millis(date).div_euclid(length),
    }
}

fn truncated(date: OffsetDateTime, unit: Unit) -> OffsetDateTime {
    let whole = count(date, unit);
    match unit {
        Unit::Months(length) => month(whole * length, 1).map_or(date, |day| day.midnight().assume_utc()),
        Unit::Millis(length) => {
            let start = if length == 7 * DAY { whole * length - 4 * DAY } else { whole * length };
            OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(start)).unwrap_or(date)
        }
    }
}

/// The day of a month that is counted from the year 0; the last one, where there are fewer.
fn month(count: i64, day: u8) -> Option<time::Date> {
    let year = i32::try_from(count.div_euclid(12)).ok()?;
    let month = Month::try_from(u8::try_from(count.rem_euclid(12)).ok()? + 1).ok()?;
    time::Date::from_calendar_date(year, month, day.min(month.length(year))).ok()
}

fn added(date: OffsetDateTime, unit: Unit, amount: &Maybe) -> Result<OffsetDateTime, Failure> {
    let Some(Num::Int(amount)) = amount.as_ref().and_then(Num::in_value) else {
        return Failure::wrong("an amount is a whole number");
    };
    let moved = match unit {
        Unit::Months(length) => {
            let count = amount.checked_mul(length).and_then(|by| months(date).checked_add(by));
            count.and_then(|count| month(count, date.day())).map(|day| date.replace_date(day))
        }
        Unit::Millis(length) => {
            let by = amount.checked_mul(length);
            by.and_then(|by| date.checked_add(Duration::milliseconds(by)))
        }
    };
    moved.map_or_else(|| Failure::wrong("the date is out of range"), Ok)
}

/// How many beginnings of a unit lie between the two.
fn between(start: OffsetDateTime, end: OffsetDateTime, unit: Unit) -> i64 {
    count(end, unit) - count(start, unit)
}

fn formatted(date: OffsetDateTime, format: &Maybe) -> Computed {
    let format = match format {
        None | Some(Value::Null) => return written(date),
        Some(Value::String(format)) => format,
        Some(_) => return Failure::wrong("a format is a text"),
    };
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match chars.next().and_then(|c| part(date, c)) {
            Some(part) => out.push_str(&part),
            None => return Failure::wrong("a format knows %Y %m %d %H %M %S %L %j %u %w %V %G %%"),
        }
    }
    Ok(Some(out.into()))
}

/// What a letter of a format stands for.
fn part(date: OffsetDateTime, letter: char) -> Option<String> {
    Some(match letter {
        'Y' => format!("{:04}", date.year()),
        'm' => format!("{:02}", u8::from(date.month())),
        'd' => format!("{:02}", date.day()),
        'H' => format!("{:02}", date.hour()),
        'M' => format!("{:02}", date.minute()),
        'S' => format!("{:02}", date.second()),
        'L' => format!("{:03}", date.millisecond()),
        'j' => format!("{:03}", date.ordinal()),
        'u' => date.weekday().number_from_monday().to_string(),
        'w' => date.weekday().number_from_sunday().to_string(),
        'V' => format!("{:02}", date.iso_week()),
        'G' => format!("{:04}", date.to_iso_week_date().0),
        '%' => "%".to_owned(),
        _ => return None,
    })
}
