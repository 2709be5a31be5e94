//! Whether clocks agree. Codes, tokens and one-time passwords live for minutes, and several processes share them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::Finding;
use crate::base::{Clock, Seconds, Timestamp};
use crate::store::{Db, moment};

/// What passes between two looks at clocks that agree.
const AGREE: i64 = 2;
/// From here on short-lived things are refused that are good.
const APART: i64 = 30;

/// The database's clock against this machine's.
pub(super) async fn of_database(db: &Db, clock: &Clock) -> Finding {
    match moment::now(db).await {
        Ok(_) if db.kind() == "sqlite" => Finding::ok("clock", "the database has this machine's clock"),
        Ok(there) => judged("the database", there.since(clock.now())),
        Err(error) => Finding::fail("clock", format!("the database does not tell the time: {error}"), "ask it again"),
    }
}

/// A clock that is so far ahead of ours.
pub(super) fn judged(whose: &str, ahead: Seconds) -> Finding {
    let seconds = ahead.0.abs();
    let detail = format!("{whose} is {seconds} seconds {}", if ahead.0 < 0 { "behind" } else { "ahead" });
    let advice = "keep the clocks of all machines together (chrony, systemd-timesyncd)";
    match seconds {
        0..=AGREE => Finding::ok("clock", format!("{whose} agrees")),
        ..APART => Finding::warn("clock", detail, advice),
        _ => Finding::fail("clock", detail, advice),
    }
}

/// The instant that a `Date` header names (RFC 9110 §6.6.1).
pub(super) fn of_header(date: &str) -> Option<Timestamp> {
    OffsetDateTime::parse(date, &Rfc2822).ok().map(|at| Timestamp(at.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    #[test]
    fn clocks_that_are_apart_are_told_of() {
        let verdict = |ahead| judged("the database", Seconds(ahead)).verdict;
        assert_eq!((verdict(0), verdict(-2)), (Verdict::Ok, Verdict::Ok));
        assert_eq!((verdict(3), verdict(-29)), (Verdict::Warn, Verdict::Warn));
        assert_eq!((verdict(30), verdict(-4_000)), (Verdict::Fail, Verdict::Fail));
        assert!(judged("the database", Seconds(-40)).detail.contains("40 seconds behind"));
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(of_header("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Timestamp(784_111_777)));
        assert_eq!(of_header("yesterday"), None);
    }
}
