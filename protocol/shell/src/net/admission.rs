//! How many peers that nobody has approved yet may be at the door: in all, and from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Handshakes under way and links not approved yet, in all.
pub(super) const IN_ALL: usize = 64;
/// The same from one IPv4 address or one IPv6 network of 64 bits.
pub(super) const FROM_ONE_ADDRESS: usize = 8;

/// The door of a listener.
#[derive(Clone, Debug, Default)]
pub(super) struct Door(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// The right of one peer to be there unapproved; given back when dropped.
#[derive(Debug)]
pub(super) struct Admission {
    door: Door,
    from: IpAddr,
}

impl Door {
    /// Lets a peer from `address` in, if there is room.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Admission> {
        let from = network(address);
        let mut present = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all: usize = present.values().sum();
        let here = present.get(&from).copied().unwrap_or(0);
        if in_all >= IN_ALL || here >= FROM_ONE_ADDRESS {
            return None;
        }
        present.insert(from, here + 1);
        Some(Admission { door: self.clone(), from })
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut present = self.door.0.lock().unwrap_or_else(PoisonError::into_inner);
        match present.get_mut(&self.from) {
            Some(here) if *here > 1 => *here -= 1,
            _ => drop(present.remove(&self.from)),
        }
    }
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

    #[test]
    fn one_address_cannot_take_all_places() {
        let door = Door::default();
        let mut inside: Vec<_> =
            (0..FROM_ONE_ADDRESS).map(|n| door.admit(format!("2001:db8::{n}").parse().unwrap()).unwrap()).collect();
        assert!(door.admit("2001:db8::ffff".parse().unwrap()).is_none());
        assert!(door.admit("2001:db8:0:1::1".parse().unwrap()).is_some());
        inside.pop();
        assert!(door.admit("2001:db8::ffff".parse().unwrap()).is_some());
    }

    #[test]
    fn places_in_all_are_limited_and_given_back() {
        let door = Door::default();
        let admit = |n: usize| door.admit(format!("192.0.2.{n}").parse().unwrap());
        let inside: Vec<_> = (0..IN_ALL).map(|n| admit(n).unwrap()).collect();
        assert!(admit(200).is_none());
        drop(inside);
        assert!(door.0.lock().unwrap().is_empty());
        assert!(admit(200).is_some());
    }

    #[test]
    fn a_mapped_address_is_the_same_address() {
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), network("192.0.2.1".parse().unwrap()));
    }
}
