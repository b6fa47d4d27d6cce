//! The injector: a process that injects what comes in on stdin, and releases all that it holds when that ends.

use super::{Inject, InjectError};
use crate::pipe;
use beside_protocol::session::{Held, Injection};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};

/// From the injector to the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromInjector {
    /// A backend works: what is sent will be injected.
    Ready,
    /// None does, and why; the injector ends.
    Unavailable(String),
}

/// The body of the injector process, started by the desk: returns when stdin ends or the display is lost.
pub fn run() -> Result<(), InjectError> {
    let backend = match super::open() {
        Ok(backend) => backend,
        Err(error) => {
            report(&FromInjector::Unavailable(error.to_string()));
            return Err(error);
        }
    };
    report(&FromInjector::Ready);
    pump(&mut io::stdin().lock(), backend.into())
}

/// Tells the desk; if the desk is gone, stdin is closed too and `pump` ends by that.
fn report(message: &FromInjector) {
    if let Err(error) = pipe::write(&mut io::stdout().lock(), message) {
        tracing::warn!(%error, "cannot write to the desk");
    }
}

fn pump(source: &mut impl Read, mut keyboard: Releasing) -> Result<(), InjectError> {
    let broken = |error: String| InjectError::Lost(format!("the pipe from the desk broke ({error})"));
    while let Some(bytes) = pipe::read_bytes(source).map_err(|error| broken(error.to_string()))? {
        let injection = Injection::from_pipe(&bytes).map_err(|error| broken(error.to_string()))?;
        match keyboard.inject(&injection) {
            Err(error) if error.is_passing() => tracing::warn!(%error, "input was not injected"),
            result => result?,
        }
    }
    Ok(())
}

/// A backend with its ledger: what is down when this is dropped (at the end, after an error, in a panic) comes up.
struct Releasing {
    backend: Box<dyn Inject>,
    held: Held,
}

impl From<Box<dyn Inject>> for Releasing {
    fn from(backend: Box<dyn Inject>) -> Self {
        Self { backend, held: Held::new() }
    }
}

impl Releasing {
    fn inject(&mut self, injection: &Injection) -> Result<(), InjectError> {
        self.held.note(injection.action());
        self.backend.inject(injection)
    }
}

impl Drop for Releasing {
    fn drop(&mut self) {
        let releases = self.held.release_all();
        let results = releases.iter().map(|release| self.backend.inject(release));
        // Each is tried, whatever became of the ones before it.
        let failures = results.filter(Result::is_err).count();
        if let Err(error) = self.backend.finish() {
            tracing::warn!(%error, failures, "what was held may not have been released");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beside_protocol::wire::{Action, Button, Key, Press};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Fake(Arc<Mutex<Vec<Action>>>);

    impl Inject for Fake {
        fn inject(&mut self, injection: &Injection) -> Result<(), InjectError> {
            self.0.lock().unwrap().push(injection.action().clone());
            match injection.action() {
                Action::Key(key @ Key(0xa4), _) => Err(InjectError::NoSuchKey(*key)),
                Action::Text(_) => Err(InjectError::Lost("unplugged".into())),
                _ => Ok(()),
            }
        }

        fn finish(&mut self) -> Result<(), InjectError> {
            self.0.lock().unwrap().push(Action::Move);
            Ok(())
        }
    }

    fn pumped(actions: &[Action]) -> (Vec<Action>, Result<(), InjectError>) {
        let mut pipe_bytes = Vec::new();
        for action in actions {
            // As `Injection::to_pipe` writes it: only the session machine can make one.
            let at: Option<beside_protocol::frame::Point> = None;
            pipe::write(&mut pipe_bytes, &(at, action)).unwrap();
        }
        let fake = Fake::default();
        let backend: Box<dyn Inject> = Box::new(fake.clone());
        let result = pump(&mut pipe_bytes.as_slice(), backend.into());
        let done = fake.0.lock().unwrap().clone();
        (done, result)
    }

    #[test]
    fn what_is_held_at_the_end_is_released_and_awaited() {
        let down = [Action::Key(Key(4), Press::Down), Action::Button(Button::Left, Press::Down)];
        let (done, result) = pumped(&down);
        assert!(result.is_ok());
        let releases = [Action::Button(Button::Left, Press::Up), Action::Key(Key(4), Press::Up), Action::Move];
        assert_eq!(done, [&down[..], &releases].concat());
    }

    #[test]
    fn a_missing_key_is_passed_over_but_a_lost_display_ends_it() {
        let text = Action::Text("x".into());
        let (done, result) = pumped(&[
            Action::Key(Key(0xa4), Press::Down),
            Action::Key(Key(4), Press::Down),
            text.clone(),
            Action::Key(Key(5), Press::Down),
        ]);
        assert!(matches!(result, Err(InjectError::Lost(_))));
        assert!(!done.contains(&Action::Key(Key(5), Press::Down)), "nothing after the loss");
        assert!(done.contains(&Action::Key(Key(4), Press::Up)), "yet the release is tried");
    }
}
