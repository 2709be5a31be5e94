//! Signed links: whoever holds one may read one file, or bring one file, for a while. A link is what it allows and a
//! proof that we said so; it is stored nowhere. Links to read end with the file, and all of them when its owner
//! withdraws them; a link to bring a file works once, because it names the file that it makes. A link leads nowhere while
//! the person who made it may not act, and not any more once the API key that made it is worth nothing.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::describe::NewFile;
use super::{Asker, Deed, Files, not_found};
use crate::base::{ApiKeyId, Code, Digest, FileId, Result, Seconds, Stop, TenantId, Timestamp, UserId};
use crate::store::files::{self as store, File};
use crate::store::users::{self, UserStatus};
use crate::store::{api_keys, audit};

/// The longest that a link lives.
pub const LONGEST: Seconds = Seconds(7 * 86_400);

/// What a link allows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Which file.
    pub file: FileId,
    /// Until when.
    pub until: Timestamp,
    /// What.
    pub allows: Allows,
    /// The person who made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// The API key that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ApiKeyId>,
}

/// To read, or to bring.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allows {
    /// To read the file, as long as its links are of this generation.
    Read(i64),
    /// To bring the file.
    Bring(Box<Bring>),
}

/// What is to be brought.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bring {
    /// Whose it will be.
    pub owner: String,
    /// What is said of it.
    pub new: NewFile,
    /// Most bytes.
    pub most: Option<u64>,
    /// The one type that is taken.
    pub kind: Option<String>,
}

impl Files {
    /// A link to read a file; whoever makes one may read it themselves.
    ///
    /// # Errors
    /// There is no such file, or the link would live too long.
    pub async fn link_to_read(&self, asker: &Asker, id: &FileId, lives: Seconds) -> Result<(String, Timestamp)> {
        let file = self.find_for(Deed::Read, asker, id).await?;
        let (allows, by, key) = (Allows::Read(file.links), asker.person(), asker.key.clone());
        let link = Link { file: file.id.clone(), until: self.until(lives)?, allows, by, key };
        self.linked(asker, &link).await
    }

    /// A link to bring a file, which will be its maker's; and the id that the file will have.
    ///
    /// # Errors
    /// The maker may not bring such a file, or the link would live too long.
    pub async fn link_to_bring(&self, asker: &Asker, bring: Bring, lives: Seconds) -> Result<(String, Link)> {
        self.may_create(asker, &bring.new).await?;
        let (file, until) = (FileId::generate(), self.until(lives)?);
        let (by, key) = (asker.person(), asker.key.clone());
        let link = Link { file, until, allows: Allows::Bring(Box::new(bring)), by, key };
        Ok((self.linked(asker, &link).await?.0, link))
    }

    /// What a link allows now.
    ///
    /// # Errors
    /// It is none of ours, for another file, or its time is over; which of these is not told.
    pub fn read_link(&self, tenant: &TenantId, id: &FileId, text: &str) -> Result<Link> {
        let (payload, mac) = text.split_once('.').ok_or_else(worthless)?;
        let known = self.keys.mac("file-link", tenant, &[payload])?;
        if Digest::of(known.as_bytes()) != Digest::of(mac.as_bytes()) {
            return Err(worthless());
        }
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| worthless())?;
        let link: Link = serde_json::from_slice(&payload).map_err(|_| worthless())?;
        if link.file != *id || link.until <= self.clock.now() {
            return Err(worthless());
        }
        Ok(link)
    }

    /// The file that a link leads to.
    ///
    /// # Errors
    /// [`Code::Forbidden`]: the link was withdrawn; [`Code::NotFound`]: the file is gone.
    pub async fn linked_file(&self, tenant: &TenantId, link: &Link) -> Result<File> {
        self.key_may_act(tenant, link).await?;
        let found = match &link.by {
            Some(person) => store::get_for(&self.db, tenant, &link.file, person).await?,
            None => store::get(&self.db, tenant, &link.file).await?.map(|file| (file, true)),
        };
        let (file, valid) = found.filter(|(file, _)| file.deleted_at.is_none()).ok_or_else(not_found)?;
        match link.allows {
            Allows::Read(generation) if valid && generation == file.links => Ok(file),
            _ => Err(worthless()),
        }
    }

    /// Whether the person or the API key that made a link may still act; a client's links are its tenant's.
    ///
    /// # Errors
    /// [`Code::Forbidden`]: they may not.
    pub async fn maker_may_act(&self, tenant: &TenantId, link: &Link) -> Result<()> {
        self.key_may_act(tenant, link).await?;
        let Some(person) = &link.by else { return Ok(()) };
        let maker = users::by_id(&self.db, tenant, person).await?;
        let acts = maker.is_some_and(|maker| maker.status == UserStatus::Active);
        if acts { Ok(()) } else { Err(worthless()) }
    }

    async fn key_may_act(&self, tenant: &TenantId, link: &Link) -> Result<()> {
        let Some(key) = &link.key else { return Ok(()) };
        if api_keys::is_live(&self.db, tenant, key, self.clock.now()).await? { Ok(()) } else { Err(worthless()) }
    }

    /// A file that its owner made public, where the tenant allows that.
    ///
    /// # Errors
    /// There is none.
    pub async fn public(&self, tenant: &TenantId, id: &FileId) -> Result<Option<File>> {
        let found = store::get(&self.db, tenant, id).await?;
        let public = |file: &File| file.deleted_at.is_none() && file.view.visibility == store::Visibility::Public;
        Ok(found.filter(public))
    }

    fn until(&self, lives: Seconds) -> Result<Timestamp> {
        if (1..=LONGEST.0).contains(&lives.0) {
            return Ok(self.clock.now().plus(lives));
        }
        Err(Stop::refuse(Code::InvalidParameter, "a link lives from a second to seven days"))
    }

    async fn linked(&self, asker: &Asker, link: &Link) -> Result<(String, Timestamp)> {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(link)?);
        let mac = self.keys.mac("file-link", &asker.tenant, &[&payload])?;
        let event = audit::Event::new(&asker.tenant, self.clock.now(), "file.shared").by(&asker.by.id);
        let detail = serde_json::json!({ "until": link.until.rfc3339() });
        audit::record(&self.db, event.on(link.file.as_str()).from(&asker.by.origin).detail(detail)).await?;
        Ok((format!("{payload}.{mac}"), link.until))
    }
}

fn worthless() -> Stop {
    Stop::refuse(Code::Forbidden, "this link is not valid, or not any more")
}
