//! What a tenant can set about the sender of its mails.

use super::manage::is_host;
use crate::base::{Code, Email, Result, Stop};
use crate::frame::Link;
use crate::store::tenants::MailSettings;

/// Whether these settings can be.
pub(super) fn check(mail: &MailSettings) -> Result<()> {
    let refuse = |sentence: &'static str| Err(Stop::refuse(Code::Unprocessable, sentence));
    let addresses = [&mail.from_address, &mail.reply_to];
    if addresses.into_iter().flatten().any(|address| address.parse::<Email>().is_err()) {
        return refuse("mail.from_address and mail.reply_to are e-mail addresses");
    }
    if mail.from_name.as_ref().is_some_and(|name| name.len() > 100 || name.chars().any(char::is_control)) {
        return refuse("mail.from_name is one line of up to 100 bytes");
    }
    if mail.smtp_host.as_ref().is_some_and(|host| !is_host(host)) {
        return refuse("mail.smtp_host is a host name in lower case, without scheme and port");
    }
    if mail.http_url.as_ref().is_some_and(|url| Link::parse(url).is_none()) {
        return refuse("mail.http_url is an https URL");
    }
    Ok(())
}
