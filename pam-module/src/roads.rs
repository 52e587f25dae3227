//! The two roads to the daemon: its own socket, for root alone, and the system bus.
//!
//! Root goes by the socket first, because any local user can hold up the bus with half-open
//! connections, and a broken bus would end all logins. Everybody else (a screen locker, say) goes
//! by the bus.
//!
//! `Prepare` holds no secret, so it goes along with the handshake, before the other end has shown who it
//! is; what comes back counts only from whom that is then found to be. A code goes to nobody else.
//!
//! The connection is kept while the person types, for connecting anew costs as much as the question. It
//! may be gone by then: the daemon takes the place of one on which nothing is under way when places run
//! out, or ends. A question that nobody can have acted on is put again on a new connection, and any other
//! is not. On the bus, which allows 256 connections to a user, root keeps one only where the daemon says
//! that few do. An enrollment belongs to the connection that began it, so that one is always kept.

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
use crate::frame::{self, Frame, Question};
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

/// Makes a question that may be put before the other end has shown who it is, for the name under which the
/// daemon is to be reached, if it needs one. There is nothing in it that nobody else may see.
pub type Ahead<'a> = &'a dyn Fn(Option<&str>) -> Result<Frame, Failure>;

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
    /// The connection of the last question, for the next one.
    kept: Option<Held>,
    /// The connection on which an enrollment was begun.
    held: Option<Held>,
}

/// A connection that is kept while a person reads and types.
struct Held {
    wire: Resting,
    daemon: Option<String>,
}

impl Held {
    fn resume<'d>(self, deadline: &'d Deadline<'d>) -> Road<'d> {
        Road {
            wire: self.wire.resume(deadline),
            daemon: self.daemon,
            prefix: b"",
        }
    }
}

impl Road<'_> {
    /// Waits for the daemon's answer to the call with this serial.
    fn answer(&mut self, serial: NonZeroU32, step: Step) -> Result<Message, Failure> {
        let from = self.daemon.as_deref().map_or(From::Peer, From::Name);
        self.wire.answer(serial, from, step)
    }

    fn rest(self) -> Held {
        Held {
            wire: self.wire.rest(),
            daemon: self.daemon,
        }
    }
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
            kept: None,
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
            // The daemon has gone since it was found there, as in an upgrade. There is another one.
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
        let step = question.step();
        let (road, message) = if question.holds_a_secret() {
            let mut road = match self.kept(deadline) {
                Some(road) => road,
                None => self.open(deadline, None)?,
            };
            let message = self.travel(&mut road, question, user, context)?;
            (road, message)
        } else {
            let serial = (self.machine.serial)();
            let ahead = |daemon: Option<&str>| question.call(serial, daemon, user, context);
            let mut road = self.open(deadline, Some(&ahead))?;
            let message = road.answer(serial, step)?;
            (road, message)
        };
        let (word, details): (String, Details) = frame::body(&message, "sa{sv}", step)?;
        if self.may_keep(&road, &details) {
            self.kept = Some(road.rest());
        }
        Ok((word, details))
    }

    /// The connection of the question before, if there is still somebody at its other end.
    fn kept<'d>(&mut self, deadline: &'d Deadline<'d>) -> Option<Road<'d>> {
        let mut road = self.kept.take()?.resume(deadline);
        road.wire.is_open().then_some(road)
    }

    /// May the connection be kept for the next question, while the person types?
    fn may_keep(&self, road: &Road<'_>, details: &Details) -> bool {
        match road.daemon {
            None => true,
            Some(_) => self.machine.effective_uid != 0 || details.says_yes(keys::KEEP),
        }
    }

    fn begin<'d>(
        &mut self,
        deadline: &'d Deadline<'d>,
        user: &UserName,
        context: &Context,
    ) -> Result<Begun, Failure> {
        let step = Step::Begin;
        let mut road = self.open(deadline, None)?;
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
        self.held = Some(road.rest());
        Ok(begun)
    }

    fn confirm<'d>(
        &mut self,
        held: Held,
        deadline: &'d Deadline<'d>,
        user: &UserName,
        code: &Code,
    ) -> Result<Confirmed, Failure> {
        let mut road = held.resume(deadline);
        let (question, context) = (Question::Confirm(code), Context::default());
        let step = question.step();
        let confirmed = match self.travel(&mut road, question, user, &context) {
            Ok(message) => Confirmed::Yes(frame::body(&message, "as", step)?),
            Err(failure) if failure.is(Fault::CodeNotAccepted) => Confirmed::WrongCode,
            Err(failure) => return Err(failure),
        };
        self.held = Some(road.rest());
        Ok(confirmed)
    }

    /// Finds the daemon. Only this part falls back to the other road: a question that may have been
    /// heard is not put again, or one code would count as two.
    fn open<'d>(
        &mut self,
        deadline: &'d Deadline<'d>,
        ahead: Option<Ahead<'_>>,
    ) -> Result<Road<'d>, Failure> {
        self.detour = None;
        let (socket, bus) = match &self.route {
            Route::Bus(bus) => return bus_road::open(bus, &self.machine, deadline, ahead),
            Route::DirectThenBus { socket, bus } => (socket, bus),
        };
        let direct = match direct_road::open(socket, &self.machine, deadline, ahead) {
            Ok(road) => return Ok(road),
            Err(failure) if deadline.left().is_err() => return Err(failure),
            Err(failure) => failure,
        };
        match bus_road::open(bus, &self.machine, deadline, ahead) {
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
        // In one piece, so that whoever hung up has read all of it or cannot have acted on it.
        let mut sent = Frame::new(Vec::with_capacity(road.prefix.len() + call.len()));
        sent.extend_from_slice(road.prefix);
        sent.extend_from_slice(&call);
        road.prefix = b"";
        road.wire.send(&sent, step)?;
        road.answer(serial, step)
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
        let completed = self.open(&deadline, None).and_then(|mut road| {
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
