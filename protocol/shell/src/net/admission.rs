//! How many peers that nobody has approved yet may be at the door: in all, and from one address. When it is full the one who has
//! dawdled longest leaves, so that a flood of strangers keeps nobody out.

use beside_protocol::session::contact::Source;
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// Handshakes under way and links not approved yet, in all.
pub(super) const IN_ALL: usize = 64;
/// The same from one IPv4 address or one IPv6 network of 64 bits.
pub(super) const FROM_ONE_ADDRESS: usize = 8;
/// For so long nobody has to leave: enough for a handshake over most lines. It also limits how many handshakes a flood has us
/// compute, to [`IN_ALL`] in this time.
const UNDISTURBED: Duration = Duration::from_millis(250);

/// The door of a listener.
#[derive(Clone, Debug, Default)]
pub(super) struct Door(Arc<Mutex<Inside>>);

#[derive(Debug, Default)]
struct Inside {
    /// In the order of their coming.
    peers: BTreeMap<u64, Peer>,
    came: u64,
}

#[derive(Debug)]
struct Peer {
    from: IpAddr,
    since: Instant,
    /// Tells the peer's connection to make room; `None` for one who may stay.
    evict: Option<oneshot::Sender<()>>,
}

/// The right of one peer to be there unapproved; given back when dropped.
#[derive(Debug)]
pub(super) struct Admission {
    door: Door,
    number: u64,
}

/// Told when the peer has to make room. An error means that it never will have to.
pub(super) type Eviction = oneshot::Receiver<()>;

impl Door {
    /// Lets a peer from `address` in at `now`, if there is room or somebody can make it.
    pub(super) fn admit(&self, now: Instant, address: IpAddr) -> Option<(Admission, Eviction)> {
        let from = network(address);
        let mut inside = self.lock();
        if inside.count(from) >= FROM_ONE_ADDRESS || inside.peers.len() >= IN_ALL && !inside.make_room(now) {
            return None;
        }
        let (evict, eviction) = oneshot::channel();
        inside.came += 1;
        let number = inside.came;
        inside.peers.insert(number, Peer { from, since: now, evict: Some(evict) });
        Some((Admission { door: self.clone(), number }, eviction))
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    fn count(&self, from: IpAddr) -> usize {
        self.peers.values().filter(|peer| peer.from == from).count()
    }

    /// Has one peer leave: of those with the most others from where they are the first, who has been there long enough.
    fn make_room(&mut self, now: Instant) -> bool {
        let leaves = |peer: &Peer| peer.evict.is_some() && now.saturating_duration_since(peer.since) >= UNDISTURBED;
        let first = self.peers.iter().filter(|(_, peer)| leaves(peer)).rev();
        let Some((&number, _)) = first.max_by_key(|(_, peer)| self.count(peer.from)) else { return false };
        if let Some(evict) = self.peers.remove(&number).and_then(|peer| peer.evict) {
            // It may be about to leave by itself.
            let _ = evict.send(());
        }
        true
    }
}

impl Admission {
    /// From now on the peer does not have to make room.
    pub(super) fn keep(&self) {
        if let Some(peer) = self.door.lock().peers.get_mut(&self.number) {
            peer.evict = None;
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.door.lock().peers.remove(&self.number);
    }
}

/// The same as a number, for who counts what comes from where.
pub(super) fn source(address: IpAddr) -> Source {
    Source(match network(address) {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    })
}

/// What one peer can be assumed to own: an IPv4 address, or the first 64 bits of an IPv6 one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot::error::TryRecvError;

    fn admit(door: &Door, now: Instant, from: &str) -> Option<(Admission, Eviction)> {
        door.admit(now, from.parse().unwrap())
    }

    /// A door that is full of peers from as many addresses.
    fn full(now: Instant) -> (Door, Vec<(Admission, Eviction)>) {
        let door = Door::default();
        let inside = (0..IN_ALL).map(|n| admit(&door, now, &format!("192.0.2.{n}")).unwrap()).collect();
        (door, inside)
    }

    #[test]
    fn one_address_cannot_take_all_places() {
        let (door, now) = (Door::default(), Instant::now());
        let mut inside: Vec<_> =
            (0..FROM_ONE_ADDRESS).map(|n| admit(&door, now, &format!("2001:db8::{n}")).unwrap()).collect();
        assert!(admit(&door, now, "2001:db8::ffff").is_none());
        assert!(admit(&door, now, "2001:db8:0:1::1").is_some());
        inside.pop();
        assert!(admit(&door, now, "2001:db8::ffff").is_some());
    }

    #[test]
    fn places_in_all_are_limited_and_given_back() {
        let now = Instant::now();
        let (door, inside) = full(now);
        assert!(admit(&door, now, "192.0.2.200").is_none());
        drop(inside);
        assert!(door.lock().peers.is_empty());
        assert!(admit(&door, now, "192.0.2.200").is_some());
    }

    #[test]
    fn who_has_dawdled_longest_makes_room() {
        let now = Instant::now();
        let (door, mut inside) = full(now);
        inside[0].0.keep();
        assert!(inside[0].1.try_recv() == Err(TryRecvError::Closed), "who is known may stay");
        let newcomer = admit(&door, now + UNDISTURBED, "192.0.2.200").unwrap();
        assert_eq!(inside[1].1.try_recv(), Ok(()));
        assert_eq!(door.lock().peers.len(), IN_ALL);
        drop(inside.remove(1));
        assert_eq!(door.lock().peers.len(), IN_ALL, "a place is given back once");
        drop((newcomer, inside));
        assert!(door.lock().peers.is_empty());
    }

    #[test]
    fn of_a_crowd_from_one_address_one_makes_room() {
        let now = Instant::now();
        let (door, mut inside) = full(now);
        drop(inside.pop());
        let _neighbour = admit(&door, now, "192.0.2.7").unwrap();
        let _newcomer = admit(&door, now + UNDISTURBED, "192.0.2.200").unwrap();
        assert_eq!(inside[7].1.try_recv(), Ok(()));
        assert_eq!(inside[0].1.try_recv(), Err(TryRecvError::Empty));
    }

    #[test]
    fn a_mapped_address_is_the_same_address() {
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), network("192.0.2.1".parse().unwrap()));
    }
}
