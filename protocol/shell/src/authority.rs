//! An organisation's own key: it certifies officers and signs the list of its team.

use crate::{
    identity::{Identity, IdentityError, verify},
    name::Name,
    program::Failure,
    state::{StateDir, StateError, failed},
};
use beside_protocol::{
    record::{Certificate, Change, Changes, Claim, MAX_CHANGES, Notary, TeamList, TokenError},
    wire::Fingerprint,
};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The file of the organisation's private key, for its owner only.
const KEY: &str = "organisation.key";

/// The file of what the organisation calls itself.
const NAME: &str = "organisation.name";

/// The file of the newest list of the team.
const LIST: &str = "team.list";

/// The most bytes of a token that are read: more than any has.
const LIMIT: u64 = 2 * 1024 * 1024;

/// An organisation on the machine of who looks after it.
#[derive(Debug)]
pub struct Authority {
    state: StateDir,
    identity: Identity,
    name: Name,
}

/// Why something can't be made or signed in an organisation's name.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// There is no organisation here.
    #[error("there is no organisation here; make one with `beside-viewer organisation new --name NAME`")]
    None,
    /// There is one already.
    #[error("there is an organisation here already: {0}; see `organisation show`")]
    Exists(Name),
    /// The name is there without the key, or the name is none.
    #[error("{0} does not hold the name of the organisation; write it there, as one line")]
    Unnamed(String),
    /// A certificate can't hold for so long, or not have such a name.
    #[error("the certificate would be none: its time is too long to count, or a name too long")]
    Invalid,
    /// There is no list yet, or there is one already.
    #[error("{0}")]
    List(&'static str),
    /// A key is revoked already.
    #[error("the key {0} is revoked already")]
    Revoked(Fingerprint),
    /// The list is no list, or not this organisation's.
    #[error("the list of the team, {0}, was altered or is not of this organisation")]
    Foreign(String),
    /// What is kept is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A file can't be read or written, or others may.
    #[error(transparent)]
    State(#[from] StateError),
    /// The key can't be made or read.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl From<AuthorityError> for Failure {
    fn from(error: AuthorityError) -> Self {
        Self::other(error)
    }
}

impl Authority {
    /// Makes an organisation: a key of its own, in a file for its owner only.
    pub fn create(state: &StateDir, name: Name) -> Result<Self, AuthorityError> {
        let _lock = state.lock("organisation.lock")?;
        match Self::open(state) {
            Ok(authority) => return Err(AuthorityError::Exists(authority.name)),
            Err(AuthorityError::None) => {}
            Err(error) => return Err(error),
        }
        state.replace(NAME, format!("{name}\n").as_bytes())?;
        let identity = Identity::create(state, KEY)?;
        Ok(Self { state: state.clone(), identity, name })
    }

    /// The organisation that is here.
    pub fn open(state: &StateDir) -> Result<Self, AuthorityError> {
        let identity = Identity::existing(state, KEY)?.ok_or(AuthorityError::None)?;
        let unnamed = || AuthorityError::Unnamed(state.file(NAME).display().to_string());
        let (text, _) = state.text(NAME)?.ok_or_else(unnamed)?;
        let name = text.trim_end().parse().map_err(|_| unnamed())?;
        Ok(Self { state: state.clone(), identity, name })
    }

    /// What it calls itself.
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Its KEY.
    pub fn key(&self) -> Fingerprint {
        self.identity.fingerprint()
    }

    /// Says, from now on and for so long, whose a key is.
    pub fn certify(&self, key: Fingerprint, officer: &Name, duration: Duration) -> Result<Certificate, AuthorityError> {
        let from = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let until = from.checked_add(duration.as_secs()).ok_or(AuthorityError::Invalid)?;
        let (organisation, officer) = (self.name.to_string(), officer.to_string());
        let certificate = Certificate::new(Claim { organisation, officer, key, from, until }, &self.identity);
        if certificate.is_valid() { Ok(certificate) } else { Err(AuthorityError::Invalid) }
    }

    /// Makes the first list of the team, which changes nothing.
    pub fn new_list(&self) -> Result<TeamList, AuthorityError> {
        let _lock = self.state.lock("organisation.lock")?;
        if self.list()?.is_some() {
            return Err(AuthorityError::List("there is a list of the team already; revoke or rotate keys on it"));
        }
        self.sign_list(Changes { serial: 1, changes: Vec::new() })
    }

    /// Makes the next list of the team, with one change more.
    pub fn change_list(&self, change: Change) -> Result<TeamList, AuthorityError> {
        let _lock = self.state.lock("organisation.lock")?;
        let none = AuthorityError::List("there is no list of the team yet; make it with `organisation list new`");
        let list = self.list()?.ok_or(none)?;
        let revoked = list.revoked();
        let named = match change {
            Change::Revoked(key) => [key, key],
            Change::Rotated { old, new } => [old, new],
        };
        if let Some(key) = named.into_iter().find(|key| revoked.contains(key)) {
            return Err(AuthorityError::Revoked(key));
        }
        let Changes { serial, mut changes } = list.content;
        if changes.len() == MAX_CHANGES || matches!(change, Change::Rotated { old, new } if old == new) {
            return Err(AuthorityError::List("the list is full, or both keys are the same"));
        }
        changes.push(change);
        self.sign_list(Changes { serial: serial + 1, changes })
    }

    fn sign_list(&self, content: Changes) -> Result<TeamList, AuthorityError> {
        let list = TeamList::new(content, &self.identity);
        self.state.replace(LIST, format!("{list}\n").as_bytes())?;
        Ok(list)
    }

    /// The newest list, if there is one.
    fn list(&self) -> Result<Option<TeamList>, AuthorityError> {
        let Some((text, _)) = self.state.text(LIST)? else { return Ok(None) };
        let list: TeamList = text.parse()?;
        if list.organisation == self.identity.key() && list.is_signed(verify) {
            Ok(Some(list))
        } else {
            Err(AuthorityError::Foreign(self.state.file(LIST).display().to_string()))
        }
    }
}

/// The text of a file, or of stdin where it is `-`; no more than any token has.
pub fn read_token(path: &Path) -> Result<String, StateError> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        io::stdin().lock().take(LIMIT).read_to_string(&mut text)
    } else {
        File::open(path).and_then(|file| file.take(LIMIT).read_to_string(&mut text))
    };
    read.map_err(failed("read", path))?;
    Ok(text)
}

/// The file of the certificate that this machine's officer keeps.
const CERTIFICATE: &str = "certificate";

/// Keeps the certificate of this machine's officer, in the place of the one before.
pub fn keep_certificate(state: &StateDir, certificate: &Certificate) -> Result<(), StateError> {
    state.replace(CERTIFICATE, format!("{certificate}\n").as_bytes())
}

/// The certificate of this machine's officer, if there is one.
pub fn kept_certificate(state: &StateDir) -> Result<Option<Certificate>, AuthorityError> {
    let Some((text, _)) = state.text(CERTIFICATE)? else { return Ok(None) };
    Ok(Some(text.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        organisations::{AllowedOrganisation, Circle, Organisations},
        state::tests::temporary,
        store::{Enrolment, Officers},
        team::{TeamError, import},
    };
    use beside_protocol::{record::Time, wire::Permissions};

    const ANN: Fingerprint = Fingerprint([1; 32]);
    const BOB: Fingerprint = Fingerprint([2; 32]);
    const CAT: Fingerprint = Fingerprint([3; 32]);

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// A host on which an organisation is allowed, and the three officers are enrolled: Ann and Cat by it, Bob not.
    fn host(authority: &Authority) -> (tempfile::TempDir, StateDir) {
        let (parent, state) = temporary();
        let allowed = AllowedOrganisation { name: name("Contoso IT"), permit: Permissions::CONTROL };
        Organisations::open(&state).unwrap().introduce(authority.key(), allowed).unwrap();
        let mut officers = Officers::open(&state).unwrap();
        for (key, officer, organisation) in
            [(ANN, "Ann", Some(authority.key())), (BOB, "Bob", None), (CAT, "Cat", Some(authority.key()))]
        {
            let (permit, standing_until) = (Permissions::VIEW, Some(SystemTime::now() + Duration::from_secs(9999)));
            let agreements = Vec::new();
            let enrolment = Enrolment { name: name(officer), permit, standing_until, organisation, agreements };
            officers.put(key, enrolment).unwrap();
        }
        (parent, state)
    }

    #[test]
    fn an_organisation_is_made_once_and_certifies() {
        let (_parent, state) = temporary();
        assert!(matches!(Authority::open(&state), Err(AuthorityError::None)));
        let made = Authority::create(&state, name("Contoso")).unwrap();
        assert!(matches!(Authority::create(&state, name("Other")), Err(AuthorityError::Exists(_))));
        let authority = Authority::open(&state).unwrap();
        assert_eq!((authority.key(), authority.name()), (made.key(), made.name()));
        let certificate = authority.certify(ANN, &name("Anna Berg"), Duration::from_secs(60)).unwrap();
        let now = Time::from(SystemTime::now());
        assert_eq!(certificate.to_string().parse(), Ok(certificate.clone()));
        assert_eq!(certificate.check(now, verify), Ok(()));
        assert!(certificate.check(now.after(Duration::from_secs(61)), verify).is_err());
        keep_certificate(&state, &certificate).unwrap();
        assert_eq!(kept_certificate(&state).unwrap(), Some(certificate));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let (_parent, state) = temporary();
        Authority::create(&state, name("Contoso")).unwrap();
        std::fs::set_permissions(state.file(KEY), std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(Authority::open(&state).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_rotation_moves_only_what_the_organisation_vouched_for() {
        let (_parent, own) = temporary();
        let authority = Authority::create(&own, name("Contoso")).unwrap();
        assert!(matches!(authority.change_list(Change::Revoked(ANN)), Err(AuthorityError::List(_))));
        let first = authority.new_list().unwrap().to_string();
        let (_host_parent, host) = host(&authority);
        assert_eq!(import(&host, &first).unwrap().revoked, 0);
        let (new_ann, new_bob) = (Fingerprint([11; 32]), Fingerprint([12; 32]));
        authority.change_list(Change::Rotated { old: ANN, new: new_ann }).unwrap();
        authority.change_list(Change::Rotated { old: BOB, new: new_bob }).unwrap();
        let third = authority.change_list(Change::Revoked(CAT)).unwrap().to_string();
        let ann = Officers::open(&host).unwrap().get(&ANN).cloned().unwrap();
        let imported = import(&host, &third).unwrap();
        assert_eq!((imported.serial, imported.revoked, imported.moved), (4, 3, 1));
        let officers = Officers::open(&host).unwrap();
        assert_eq!(
            officers.iter().collect::<Vec<_>>(),
            [(&new_ann, &ann)],
            "name, permissions and standing end are kept"
        );
        let circle = Circle::open(&host).unwrap();
        let trust = circle.trust(&officers);
        assert_eq!(trust.revoked, [ANN, BOB, CAT].into());
        assert_eq!(trust.organisations[&authority.key()].successors[&ANN], new_ann);
        assert_eq!(circle.revoker(&CAT), Some(&name("Contoso IT")));
        // Once more is nothing new; an older list is refused.
        assert_eq!(import(&host, &third).unwrap().moved, 0);
        let error = import(&host, &first).unwrap_err();
        assert!(matches!(error, TeamError::Stale { .. }), "{error}");
        assert!(error.to_string().contains("number 1") && error.to_string().contains("number 4"), "{error}");
        assert!(matches!(authority.change_list(Change::Revoked(ANN)), Err(AuthorityError::Revoked(ANN))));
    }

    #[test]
    fn lists_of_others_and_altered_ones_are_refused() {
        let ((_one, own), (_two, others)) = (temporary(), temporary());
        let authority = Authority::create(&own, name("Contoso")).unwrap();
        let stranger = Authority::create(&others, name("Contoso")).unwrap();
        let (_host_parent, host) = host(&authority);
        assert!(matches!(import(&host, &stranger.new_list().unwrap().to_string()), Err(TeamError::Unknown(_))));
        let mut list = authority.new_list().unwrap();
        list.content.changes.push(Change::Revoked(BOB));
        assert!(matches!(import(&host, &list.to_string()), Err(TeamError::Forged)));
        // What was revoked stays revoked, whatever a newer list says.
        let revoked = authority.change_list(Change::Revoked(BOB)).unwrap();
        import(&host, &revoked.to_string()).unwrap();
        let shorter = TeamList::new(Changes { serial: 9, changes: Vec::new() }, &authority.identity);
        assert!(matches!(import(&host, &shorter.to_string()), Err(TeamError::Stale { .. })));
    }
}
