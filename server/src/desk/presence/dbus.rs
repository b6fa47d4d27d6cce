//! Linux: the session manager (logind) tells whether the session is locked and in front; where there is none, the screen
//! saver of the desktop tells whether it is on.

use super::Presence;
use futures_util::StreamExt;
use std::convert::Infallible;
use zbus::{Connection, OwnedObjectPath, Proxy, fdo::PropertiesProxy, proxy::CacheProperties};

const LOGIND: &str = "org.freedesktop.login1";

/// Which session is this process's, or else the one that its user sees.
const OWN: &str = "auto";

/// Screen savers: a name, which is the interface too, and where the object is.
const SCREEN_SAVERS: [(&str, &str); 3] = [
    ("org.gnome.ScreenSaver", "/org/gnome/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
    ("org.freedesktop.ScreenSaver", "/ScreenSaver"),
];

/// Tells of the present state and of each change; returns only with why it can't (any more).
pub(super) fn watch(mut tell: impl FnMut(Presence)) -> Result<Infallible, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(async {
        let unmanaged = match Session::of_this_process().await {
            Ok(session) => return Err(ended("the session manager", session.follow(&mut tell).await)),
            Err(error) => error,
        };
        match ScreenSaver::find().await {
            Ok(Some(saver)) => Err(ended("the screen saver", saver.follow(&mut tell).await)),
            Ok(None) => Err(format!("there is no session manager ({unmanaged}), and no screen saver that tells")),
            Err(error) => Err(format!("there is no session manager ({unmanaged}), and no desktop's bus ({error})")),
        }
    })
}

fn ended(who: &str, how: zbus::Result<()>) -> String {
    how.map_or_else(|error| format!("{who} tells no more: {error}"), |()| format!("{who} tells no more"))
}

/// A session as logind has it.
struct Session {
    session: Proxy<'static>,
    properties: PropertiesProxy<'static>,
}

impl Session {
    async fn of_this_process() -> zbus::Result<Self> {
        let bus = Connection::system().await?;
        let manager = Proxy::new(&bus, LOGIND, "/org/freedesktop/login1", "org.freedesktop.login1.Manager").await?;
        let path: OwnedObjectPath = manager.call("GetSession", &OWN).await?;
        let properties = PropertiesProxy::builder(&bus).destination(LOGIND).path(path.clone()).build().await?;
        let session = zbus::proxy::Builder::new(&bus)
            .destination(LOGIND)
            .path(path)
            .interface("org.freedesktop.login1.Session")
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        let session = Self { session, properties };
        session.presence().await?;
        Ok(session)
    }

    async fn presence(&self) -> zbus::Result<Presence> {
        let locked: bool = self.session.get_property("LockedHint").await?;
        let active: bool = self.session.get_property("Active").await?;
        Ok(if locked || !active { Presence::Locked } else { Presence::Here })
    }

    /// Ends when the bus does.
    async fn follow(&self, tell: &mut impl FnMut(Presence)) -> zbus::Result<()> {
        let mut changes = self.properties.receive_properties_changed().await?;
        loop {
            tell(self.presence().await?);
            if changes.next().await.is_none() {
                return Ok(());
            }
        }
    }
}

/// A desktop's screen saver: what it covers nobody at the machine sees.
struct ScreenSaver(Proxy<'static>);

impl ScreenSaver {
    /// The first that answers.
    async fn find() -> zbus::Result<Option<Self>> {
        let bus = Connection::session().await?;
        for (name, path) in SCREEN_SAVERS {
            let saver = Self(Proxy::new(&bus, name, path, name).await?);
            if saver.presence().await.is_ok() {
                return Ok(Some(saver));
            }
        }
        Ok(None)
    }

    async fn presence(&self) -> zbus::Result<Presence> {
        let active: bool = self.0.call("GetActive", &()).await?;
        Ok(if active { Presence::Locked } else { Presence::Here })
    }

    /// Ends when the bus does.
    async fn follow(&self, tell: &mut impl FnMut(Presence)) -> zbus::Result<()> {
        let mut changes = self.0.receive_signal("ActiveChanged").await?;
        loop {
            tell(self.presence().await?);
            if changes.next().await.is_none() {
                return Ok(());
            }
        }
    }
}
