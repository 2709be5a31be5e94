//! By an HTTP API like Mailgun's (`POST …/messages`): a form, and a key as the password of user `api`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::compose::Content;
use super::deliver::Undelivered;
use super::sender::{Http, Sender};
use crate::outbound::Outbound;
use crate::store::mails::Mail;

/// Hands a mail over.
pub(super) async fn send(
    outbound: &Outbound,
    api: &Http,
    (sender, name): (&Sender, &str),
    (mail, content): (&Mail, &Content),
) -> Result<(), Undelivered> {
    let body = form(sender, name, mail, content);
    let key = STANDARD.encode(format!("api:{}", api.key.expose()));
    let request = http::Request::post(&api.url)
        .header("authorization", format!("Basic {key}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .map_err(|_| Undelivered::for_now("mail.http_url is not a URL"))?;
    let answer = outbound.send(request).await;
    let answer = answer.map_err(|error| Undelivered::for_now(error.to_string().replace("the URL", "the mail API")))?;
    match answer.status().as_u16() {
        200..=299 => Ok(()),
        // The message itself is refused; everything else is about us or about the moment.
        status @ (400 | 413 | 422) => Err(Undelivered::for_good(format!("the mail API answered {status}"))),
        status => Err(Undelivered::for_now(format!("the mail API answered {status}"))),
    }
}

fn form(sender: &Sender, name: &str, mail: &Mail, content: &Content) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let name = sender.name.as_deref().unwrap_or(name);
    let name: String = name.chars().filter(|c| !c.is_control() && !"\"\\<>".contains(*c)).collect();
    form.append_pair("from", &format!("\"{name}\" <{}>", sender.address));
    form.append_pair("to", &mail.recipient);
    form.append_pair("subject", &content.subject);
    form.append_pair("text", &content.text);
    form.append_pair("html", &content.html);
    form.append_pair("h:Message-Id", &mail.message_id);
    form.append_pair("h:Auto-Submitted", "auto-generated");
    form.append_pair("h:Content-Language", &content.language);
    if let Some(reply_to) = &sender.reply_to {
        form.append_pair("h:Reply-To", reply_to);
    }
    // Mailgun rewrites links otherwise, and then they are not ours any more.
    form.append_pair("o:tracking", "no");
    form.finish()
}
