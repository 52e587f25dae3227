//! The two roads to the daemon: its own socket, for root alone, and the system bus.
//!
//! Root goes by the socket first, because any local user can hold up the bus with half-open
//! connections, and a broken bus would end all logins. Everybody else (a screen locker, say) goes
//! by the bus.
//!
//! Each question makes a connection of its own. Kept open while the person types, it would hold
//! one of the 256 that the bus allows to root per waiting login, and a daemon that was restarted
//! meanwhile would be noticed only by the failing code; connecting anew costs a tenth of a
//! millisecond. An enrollment is another thing: it belongs to the connection that began it, so that one
//! is kept.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU32;

use countersign_bus::{Code, DAEMON_USER, Fault, UserName, keys};
use zeroize::Zeroizing;

use crate::address::Address;
use crate::daemon::{Begun, Confirmed, Context, Daemon, Prepared, Receipt, Verified};
use crate::dbus::{Details, Message};
use crate::deadline::{Budget, Clock, Deadline};
use crate::failure::{Failure, Step};
use crate::frame::{self, Question};
use crate::options::Options;
use crate::wire::{From, Resting, Wire};
use crate::{bus_road, direct_road, ffi};

/// Which roads are taken.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Route {
    /// The login socket, and if it does not lead to the daemon, the system bus.
    DirectThenBus { socket: Address, bus: Address },
    /// That bus alone.
    Bus(Address),
}

impl Route {
    fn choose(effective_uid: u32, named_bus: Option<&Address>) -> Self {
        match named_bus {
            Some(bus) => Self::Bus(bus.clone()),
            None if effective_uid == 0 => Self::DirectThenBus {
                socket: Address::login_socket(),
                bus: Address::system_bus(),
            },
            None => Self::Bus(Address::system_bus()),
        }
    }
}

/// What the roads need to know of the machine; tests put other things in.
#[derive(Clone, Copy)]
pub struct Machine {
    /// The user that this process acts as.
    pub effective_uid: u32,
    /// Looks up the daemon's user.
    pub daemon_uid: fn() -> Option<u32>,
    /// A number for a call that nobody can foresee, so that no answer can come before its question.
    pub serial: fn() -> NonZeroU32,
}

impl Machine {
    /// Is this uid the daemon's? Root is trusted as well: it could be the daemon if it wanted, and
    /// it is root that listens on sockets for systemd.
    pub fn trusts(&self, uid: u32) -> bool {
        // The look-up comes second: it may go to the network for names that are not local.
        uid == 0 || (self.daemon_uid)() == Some(uid)
    }

    fn real() -> Self {
        Self {
            effective_uid: ffi::effective_uid(),
            daemon_uid: || ffi::uid_of(&crate::log::line(DAEMON_USER)),
            serial: unforeseeable,
        }
    }
}

/// The standard library's hash keys come from the kernel's random numbers, so this needs neither a
/// dependency nor a blocking call at early boot. It is a second line: on the bus only the pinned
/// owner's answers count anyway.
fn unforeseeable() -> NonZeroU32 {
    let [a, b, c, d, ..] = RandomState::new().build_hasher().finish().to_ne_bytes();
    NonZeroU32::new(u32::from_ne_bytes([a, b, c, d])).unwrap_or(NonZeroU32::MIN)
}

/// A connection whose other end is known to be the daemon.
pub struct Road<'d> {
    /// The connection.
    pub wire: Wire<'d>,
    /// The daemon's unique name, if there is a bus between.
    pub daemon: Option<String>,
    /// What still has to go before the first call.
    pub prefix: &'static [u8],
}

/// The daemon, by the first road that leads to it.
pub struct Roads<'c> {
    machine: Machine,
    route: Route,
    budget: Budget<'c>,
    detour: Option<Failure>,
    /// The connection on which an enrollment was begun.
    held: Option<Held>,
}

/// A connection that is kept while a person reads and types.
struct Held {
    wire: Resting,
    daemon: Option<String>,
}

impl<'c> Roads<'c> {
    /// Nothing is connected yet.
    pub fn new(options: &Options, clock: &'c dyn Clock) -> Self {
        let machine = Machine::real();
        let route = Route::choose(machine.effective_uid, options.bus.as_ref());
        let budget = Budget::new(clock, options.timeout);
        Self {
            machine,
            route,
            budget,
            detour: None,
            held: None,
        }
    }

    fn ask(
        &mut self,
        question: Question<'_>,
        user: &UserName,
        context: &Context,
    ) -> Result<(String, Details), Failure> {
        let deadline = self.budget.start();
        let mut answer = self.ask_once(&deadline, question, user, context);
        if answer.as_ref().is_err_and(Failure::is_undelivered) {
            // The daemon has left the bus since it was found there, as in an upgrade. There is another one.
            answer = self.ask_once(&deadline, question, user, context);
        }
        self.budget.stop(&deadline);
        answer
    }

    fn ask_once(
        &mut self,
        deadline: &Deadline<'_>,
        question: Question<'_>,
        user: &UserName,
        context: &Context,
    ) -> Result<(String, Details), Failure> {
        let mut road = self.open(deadline)?;
        let message = self.travel(&mut road, question, user, context)?;
        frame::body(&message, "sa{sv}", question.step())
    }

    fn begin<'d>(
        &mut self,
        deadline: &'d Deadline<'d>,
        user: &UserName,
        context: &Context,
    ) -> Result<Begun, Failure> {
        let step = Step::Begin;
        let mut road = self.open(deadline)?;
        let message = self.travel(&mut road, Question::Begin, user, context)?;
        let (uri, details): (Zeroizing<String>, Details) = frame::body(&message, "sa{sv}", step)?;
        let Some(receipt) = details.text(keys::RECEIPT) else {
            let what = "no receipt".to_owned();
            return Err(Failure::Malformed { step, what });
        };
        let begun = Begun {
            uri,
            receipt: receipt.to_owned().into(),
        };
        self.held = Some(Held {
            wire: road.wire.rest(),
            daemon: road.daemon,
        });
        Ok(begun)
    }

    fn confirm<'d>(
        &mut self,
        held: Held,
        deadline: &'d Deadline<'d>,
        user: &UserName,
        code: &Code,
    ) -> Result<Confirmed, Failure> {
        let mut road = Road {
            wire: held.wire.resume(deadline),
            daemon: held.daemon,
            prefix: b"",
        };
        let (question, context) = (Question::Confirm(code), Context::default());
        let step = question.step();
        let confirmed = match self.travel(&mut road, question, user, &context) {
            Ok(message) => Confirmed::Yes(frame::body(&message, "as", step)?),
            Err(failure) if failure.is(Fault::CodeNotAccepted) => Confirmed::WrongCode,
            Err(failure) => return Err(failure),
        };
        self.held = Some(Held {
            wire: road.wire.rest(),
            daemon: road.daemon,
        });
        Ok(confirmed)
    }

    /// Finds the daemon. Only this part falls back to the other road: a question that may have been
    /// heard is not put again, or one code would count as two.
    fn open<'d>(&mut self, deadline: &'d Deadline<'d>) -> Result<Road<'d>, Failure> {
        self.detour = None;
        let (socket, bus) = match &self.route {
            Route::Bus(bus) => return bus_road::open(bus, &self.machine, deadline),
            Route::DirectThenBus { socket, bus } => (socket, bus),
        };
        let direct = match direct_road::open(socket, &self.machine, deadline) {
            Ok(road) => return Ok(road),
            Err(failure) if deadline.left().is_err() => return Err(failure),
            Err(failure) => failure,
        };
        match bus_road::open(bus, &self.machine, deadline) {
            Ok(road) => {
                // A host without the socket is set up so; that is worth no line at every login.
                self.detour = (!direct.is_absence()).then_some(direct);
                Ok(road)
            }
            Err(bus) => Err(Failure::BothRoads {
                direct: Box::new(direct),
                bus: Box::new(bus),
            }),
        }
    }

    fn travel(
        &self,
        road: &mut Road<'_>,
        question: Question<'_>,
        user: &UserName,
        context: &Context,
    ) -> Result<Message, Failure> {
        let step = question.step();
        let serial = (self.machine.serial)();
        let call = question.call(serial, road.daemon.as_deref(), user, context)?;
        road.wire.send(road.prefix, step)?;
        road.wire.send(&call, step)?;
        let from = road.daemon.as_deref().map_or(From::Peer, From::Name);
        road.wire.answer(serial, from, step)
    }
}

impl Daemon for Roads<'_> {
    fn prepare(&mut self, user: &UserName, context: &Context) -> Result<Prepared, Failure> {
        let (word, details) = self.ask(Question::Prepare, user, context)?;
        let requirement = known(&word, Step::Prepare)?;
        let lengths = details.numbers(keys::CODE_LENGTHS).unwrap_or_default();
        let code_lengths = lengths
            .iter()
            .filter_map(|n| usize::try_from(*n).ok())
            .collect();
        let language = details.text(keys::LANGUAGE);
        Ok(Prepared {
            requirement,
            enroll_by: details.big_number(keys::ENROLL_BY),
            code_lengths,
            language: language
                .and_then(|code| code.parse().ok())
                .unwrap_or_default(),
        })
    }

    fn verify(
        &mut self,
        user: &UserName,
        code: &Code,
        context: &Context,
    ) -> Result<Verified, Failure> {
        let (word, details) = self.ask(Question::Verify(code), user, context)?;
        Ok(Verified {
            verdict: known(&word, Step::Verify)?,
            retry_after: details.number(keys::RETRY_AFTER),
            recovery_codes_left: details.number(keys::RECOVERY_CODES_LEFT),
            spent: details.text(keys::SPENT).and_then(|word| word.parse().ok()),
        })
    }

    fn begin_enrollment(&mut self, user: &UserName, context: &Context) -> Result<Begun, Failure> {
        let deadline = self.budget.start();
        let begun = self.begin(&deadline, user, context);
        self.budget.stop(&deadline);
        begun
    }

    fn confirm_enrollment(&mut self, user: &UserName, code: &Code) -> Result<Confirmed, Failure> {
        let step = Step::Confirm;
        let held = self.held.take().ok_or(Failure::Closed { step })?;
        let deadline = self.budget.start();
        let confirmed = self.confirm(held, &deadline, user, code);
        self.budget.stop(&deadline);
        confirmed
    }

    fn complete_enrollment(&mut self, user: &UserName, receipt: &Receipt) -> Result<(), Failure> {
        let deadline = self.budget.start();
        let question = Question::Complete(receipt);
        let completed = self.open(&deadline).and_then(|mut road| {
            self.travel(&mut road, question, user, &Context::default())
                .map(drop)
        });
        self.budget.stop(&deadline);
        completed
    }

    fn detour(&mut self) -> Option<Failure> {
        self.detour.take()
    }
}

fn known<T: std::str::FromStr>(word: &str, step: Step) -> Result<T, Failure> {
    word.parse().map_err(|_| Failure::UnknownWord { step })
}

#[cfg(test)]
#[path = "roads_tests.rs"]
mod tests;
