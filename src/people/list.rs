//! Lists of people as administrators read them: the newest first, or those whose names begin in some way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::People;
use crate::base::{Code, Email, Refusal, Result, Timestamp, UserId};
use crate::store::people::Described;
use crate::store::tenants::Tenant;
use crate::store::user_lists::{self as store, Filter};

/// Longest beginning of a name that is looked for, in characters.
const LONGEST: usize = 100;

/// Which people are asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked<'a> {
    /// How an address, a user name, a name or a family name begins.
    pub q: Option<&'a str>,
    /// Of this address.
    pub email: Option<&'a str>,
    /// Of this user name.
    pub username: Option<&'a str>,
    /// What else they have to be.
    pub filter: Filter,
    /// Where the page before ended, as it said.
    pub cursor: Option<&'a str>,
}

/// A page.
#[derive(Debug)]
pub struct Listed {
    /// The people.
    pub people: Vec<Described>,
    /// Where the next page begins, if there may be one.
    pub next: Option<String>,
}

impl People {
    /// Up to `limit` of those who are asked for.
    ///
    /// # Errors
    /// `InvalidCursor`: the cursor is of another list. `InvalidRequest`: a beginning is too long.
    pub async fn list(&self, tenant: &Tenant, asked: &Asked<'_>, limit: i64) -> Result<Listed> {
        if asked.email.is_some() || asked.username.is_some() {
            return self.named(tenant, asked).await;
        }
        match asked.q.map(str::trim).filter(|q| !q.is_empty()) {
            Some(q) => self.called(tenant, q, asked, limit).await,
            None => self.newest(tenant, asked, limit).await,
        }
    }

    async fn newest(&self, tenant: &Tenant, asked: &Asked<'_>, limit: i64) -> Result<Listed> {
        let before = asked.cursor.map(|cursor| place(cursor, 'n')).transpose()?;
        let before = match before {
            Some((at, id)) => Some((Timestamp(at.parse().map_err(|_| foreign())?), id)),
            None => None,
        };
        let people = store::newest(&self.db, &tenant.id, asked.filter, before, limit).await?;
        let last = people.last().filter(|_| is_full(people.len(), limit));
        let next = last.map(|last| cursor('n', &last.user.created_at.0.to_string(), &last.user.id));
        Ok(Listed { people, next })
    }

    async fn called(&self, tenant: &Tenant, q: &str, asked: &Asked<'_>, limit: i64) -> Result<Listed> {
        if q.chars().count() > LONGEST {
            return Err(Refusal::new(Code::InvalidRequest, "q has 100 characters at most").into());
        }
        let after = asked.cursor.map(|cursor| place(cursor, 'w')).transpose()?;
        let found = store::called(&self.db, &tenant.id, (q, after), asked.filter, limit).await?;
        let last = found.last().filter(|_| is_full(found.len(), limit));
        let next = last.map(|last| cursor('w', &last.word, &last.person.user.id));
        Ok(Listed { next, people: found.into_iter().map(|found| found.person).collect() })
    }

    async fn named(&self, tenant: &Tenant, asked: &Asked<'_>) -> Result<Listed> {
        let mut people = store::named(&self.db, &tenant.id, (asked.email, asked.username)).await?;
        let Filter { role, status, verified, created_after } = asked.filter;
        // Who is named by both has to be one person.
        let both = asked.email.is_some() && asked.username.is_some() && people.len() > 1;
        people.retain(|person| {
            let user = &person.user;
            !both
                && role.is_none_or(|role| user.role == role)
                && status.is_none_or(|status| user.status == status)
                && verified.is_none_or(|verified| user.email_verified.0 == verified)
                && created_after.is_none_or(|after| user.created_at > after)
                && asked.email.is_none_or(|email| is(email, user.email.as_ref().map(Email::as_str)))
                && asked.username.is_none_or(|name| is(name, user.username.as_deref()))
        });
        Ok(Listed { people, next: None })
    }
}

fn is(asked: &str, has: Option<&str>) -> bool {
    has.is_some_and(|has| Email::key_of(has) == Email::key_of(asked))
}

fn is_full(found: usize, limit: i64) -> bool {
    i64::try_from(found).is_ok_and(|found| found >= limit)
}

fn cursor(kind: char, key: &str, id: &UserId) -> String {
    URL_SAFE_NO_PAD.encode(format!("{kind}{id}\n{key}"))
}

/// What a cursor of this kind says.
fn place(cursor: &str, kind: char) -> Result<(String, UserId), Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| foreign())?;
    let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).ok_or_else(foreign)?;
    let (id, key) = text.strip_prefix(kind).and_then(|text| text.split_once('\n')).ok_or_else(foreign)?;
    Ok((key.to_owned(), UserId::from(id)))
}

fn foreign() -> Refusal {
    Refusal::new(Code::InvalidCursor, "this is no cursor of this list")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_of_its_own_list() {
        let made = cursor('w', "ada lovelace", &UserId::from("1"));
        assert_eq!(place(&made, 'w').unwrap(), ("ada lovelace".to_owned(), UserId::from("1")));
        assert!(place(&made, 'n').is_err());
        for bad in [
            "",
            "x",
            "%",
            &URL_SAFE_NO_PAD.encode("w1"),
            &URL_SAFE_NO_PAD.encode([0xff]),
            &URL_SAFE_NO_PAD.encode("w1\n\0"),
        ] {
            assert!(place(bad, 'w').is_err(), "{bad}");
        }
    }
}
