//! By SMTP (RFC 5321), over TLS from the greeting (RFC 3207) or from the first byte (RFC 8314). Connections are kept
//! for a while, apart by server and credentials.

use std::path::PathBuf;
use std::time::Duration;

use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use moka::sync::Cache;

use super::deliver::Undelivered;
use super::sender::Smtp;
use crate::base::Fault;
use crate::config::SmtpSecurity;
use crate::outbound::Outbound;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// How long connections to a server are kept; its name is looked up anew after that.
const KEPT: Duration = Duration::from_mins(5);
/// Connections to one server.
const MOST: u32 = 4;

/// The answers that are about us, not about the mail: they may change (RFC 4954 §6, RFC 3207 §4).
const ABOUT_US: [&str; 5] = ["530", "534", "535", "538", "454"];

/// SMTP servers that are spoken with. Cloning shares the connections.
#[derive(Clone, Debug)]
pub(super) struct SmtpServers {
    outbound: Outbound,
    roots: Vec<Certificate>,
    hello: ClientId,
    timeout: Duration,
    known: Cache<String, Transport>,
}

impl SmtpServers {
    /// That also trust the roots in these files, and greet as `host`.
    pub(super) fn new(outbound: Outbound, roots: &[PathBuf], host: &str, timeout: u64) -> Result<Self, Fault> {
        let mut trusted = Vec::new();
        for file in roots {
            trusted.push(Certificate::from_pem(&std::fs::read(file)?)?);
        }
        let known = Cache::builder().max_capacity(64).time_to_live(KEPT).build();
        let timeout = Duration::from_secs(timeout.max(1));
        Ok(Self { outbound, roots: trusted, hello: ClientId::Domain(host.to_owned()), timeout, known })
    }

    /// Hands a message over.
    pub(super) async fn send(&self, server: &Smtp, message: Message) -> Result<(), Undelivered> {
        let mark = server.mark();
        let transport = match self.known.get(&mark) {
            Some(transport) => transport,
            None => self.transport(server).await?,
        };
        match transport.send(message).await {
            Ok(_) => {
                self.known.insert(mark, transport);
                Ok(())
            }
            Err(error) => {
                self.known.invalidate(&mark);
                let code = error.status().map(|code| code.to_string());
                let ours = code.as_deref().is_some_and(|code| ABOUT_US.contains(&code));
                let for_good = error.is_permanent() && !ours;
                Err(Undelivered { for_good, why: chain(&error) })
            }
        }
    }

    /// Greets a server and proves who we are, as for a message, and sends none.
    pub(super) async fn greet(&self, server: &Smtp) -> Result<(), Undelivered> {
        match self.transport(server).await?.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Undelivered::for_now("the mail server closed the connection")),
            Err(error) => Err(Undelivered::for_now(chain(&error))),
        }
    }

    async fn transport(&self, server: &Smtp) -> Result<Transport, Undelivered> {
        if server.host.is_empty() {
            return Err(Undelivered::for_now("no mail server is configured"));
        }
        // A tenant's server is connected to at the very address that was found to be public.
        let place = if server.foreign {
            let address = self.outbound.address(&server.host, server.port).await;
            address
                .map_err(|error| Undelivered::for_now(error.to_string().replace("the URL", "the mail server")))?
                .to_string()
        } else {
            server.host.clone()
        };
        let tls = match server.security {
            SmtpSecurity::None => Tls::None,
            SmtpSecurity::Starttls => Tls::Required(self.tls(&server.host)?),
            SmtpSecurity::Tls => Tls::Wrapper(self.tls(&server.host)?),
        };
        let mut builder = Transport::builder_dangerous(place)
            .port(server.port)
            .hello_name(self.hello.clone())
            .timeout(Some(self.timeout))
            .pool_config(PoolConfig::new().max_size(MOST).idle_timeout(Duration::from_secs(30)))
            .tls(tls);
        if let Some((user, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(builder.build())
    }

    fn tls(&self, host: &str) -> Result<TlsParameters, Undelivered> {
        let builder = TlsParameters::builder(host.to_owned());
        let builder = self.roots.iter().fold(builder, |builder, root| builder.add_root_certificate(root.clone()));
        builder.build().map_err(|error| Undelivered::for_now(chain(&error)))
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    line
}
