use std::collections::VecDeque;
use std::time::Duration;

use super::constants::{Call, Constants, Waits};
use super::simulation::Fleet;
use crate::dice::Dice;

/// What a login goes through, one after the other.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Step {
    /// One of its host's connections.
    Connection,
    /// Work of a processor, which has to wake up if it sleeps.
    Work {
        at: Place,
        work: Duration,
        wake: Duration,
    },
    /// A way through the network.
    Travel(Duration),
    /// A flush of the log that is written ahead.
    Flush { of: Disk, takes: Duration },
    /// The server has taken up the connection.
    Connected,
    /// The connection is given back.
    Return,
}

/// Whose processors.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Place {
    Server,
    Host,
}

/// Whose disk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Disk {
    Primary,
    Standby,
}

/// Round trips until a new connection can be asked: TCP, the wish for TLS, TLS, who one is, settings, what is prepared.
const TRIPS_TO_CONNECT: u32 = 6;

/// The steps of one login, with times by chance that have the measured means and shapes.
pub(super) fn login(constants: &Constants, fleet: &Fleet, dice: &mut Dice) -> VecDeque<Step> {
    let mut steps = VecDeque::new();
    for (call, waits) in constants.calls() {
        one_call(&mut steps, constants, call, waits, fleet, dice);
    }
    steps
}

fn one_call(
    steps: &mut VecDeque<Step>,
    constants: &Constants,
    call: &Call,
    waits: Waits,
    fleet: &Fleet,
    dice: &mut Dice,
) {
    let times = call.took.draw(dice);
    let taken = |micros: f64| Duration::from_secs_f64(micros * times / 1e6);
    // Somebody is asleep at either end.
    let wake = taken(constants.wake(call, waits) / 2.0);
    let (asks, hears) = (taken(call.client / 2.0), taken(call.client / 2.0));
    let way = Step::Travel(fleet.round_trip / 2);
    steps.push_back(Step::Connection);
    steps.push_back(Step::Work {
        at: Place::Host,
        work: asks,
        wake: Duration::ZERO,
    });
    steps.push_back(way);
    steps.push_back(Step::Work {
        at: Place::Server,
        work: taken(call.server),
        wake,
    });
    if waits == Waits::ForTheDisk {
        steps.push_back(Step::Flush {
            of: Disk::Primary,
            takes: taken(constants.flush),
        });
        if let Some(away) = fleet.standby {
            steps.push_back(Step::Travel(away / 2));
            steps.push_back(Step::Flush {
                of: Disk::Standby,
                takes: taken(constants.flush),
            });
            steps.push_back(Step::Travel(away / 2));
        }
    }
    steps.push_back(way);
    steps.push_back(Step::Work {
        at: Place::Host,
        work: hears,
        wake,
    });
    steps.push_back(Step::Return);
}

/// Puts before the other steps what comes first where there is no connection.
pub(super) fn connect(steps: &mut VecDeque<Step>, fleet: &Fleet) {
    steps.push_front(Step::Connected);
    steps.push_front(Step::Work {
        at: Place::Server,
        work: fleet.connecting,
        wake: Duration::ZERO,
    });
    steps.push_front(Step::Travel(fleet.round_trip * TRIPS_TO_CONNECT));
}
