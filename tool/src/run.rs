//! From the command line to the exit status.

use std::cell::Cell;
use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::FromArgMatches;
use nix::unistd::Uid;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::ask::Asker;
use crate::cli::{Cli, Verb};
use crate::clock;
use crate::completion;
use crate::daemon::{Daemon, Progress};
use crate::error::{Stage, ToolError};
use crate::help::in_words;
use crate::screen::Screen;
use crate::usage::mistake;
use crate::utc::Day;
use crate::verbs;
use crate::words::words;

/// Refused or failed.
const FAILED: u8 = 1;
/// Wrong usage.
const USAGE: u8 = 2;

/// The longest that the daemon is waited for where its answer is not what was asked for.
const IN_PASSING: Duration = Duration::from_secs(2);

/// What every verb works with.
pub struct Session {
    /// Where words go.
    pub screen: Screen,
    /// Where answers come from.
    pub asker: Asker,
    /// The day that is written on what is made today.
    pub today: Day,
    /// Where the files of this machine are.
    pub root: PathBuf,
    bus: String,
    /// How far things have gone, for whoever interrupts.
    pub progress: Progress,
}

impl Session {
    /// The address of the bus that is used.
    pub fn bus_address(&self) -> &str {
        &self.bus
    }

    /// Connects to the bus.
    pub async fn daemon(&self) -> Result<Daemon, ToolError> {
        Daemon::connect(&self.bus, Rc::clone(&self.progress)).await
    }

    /// When the running daemon read its configuration, in seconds of Unix time, as far as it can be asked
    /// in passing: by root, and without waiting for it.
    pub async fn configuration_loaded(&self) -> Option<u64> {
        if !Uid::effective().is_root() {
            return None;
        }
        let asked = async { self.daemon().await.ok()?.configuration_loaded().await };
        tokio::time::timeout(IN_PASSING, asked).await.ok()?
    }
}

/// Runs the tool with these arguments.
pub fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    completion::answer(crate::command);
    let cli = match parse(args) {
        Ok(cli) => cli,
        Err(answer) => return usage(answer),
    };
    match perform(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever closes the pipe has read enough, and needs no message.
            if !matches!(&error, ToolError::Output(e) if e.kind() == ErrorKind::BrokenPipe) {
                complain(&error.to_string());
            }
            ExitCode::from(FAILED)
        }
    }
}

fn complain(text: &str) {
    // Where nobody can be told, the exit status still tells.
    let _ = writeln!(std::io::stderr(), "countersign: {}", text.trim_end());
}

/// Help and version are answers; anything else is a mistake in the arguments.
fn usage(answer: clap::Error) -> ExitCode {
    if answer.use_stderr() {
        complain(&mistake(answer));
        ExitCode::from(USAGE)
    } else if answer.print().is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    }
}

/// The command line as it was typed.
fn parse(args: impl Iterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = in_words(crate::command(), words());
    let matches = command.try_get_matches_from_mut(args)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    cli.check(&mut command).map(|()| cli)
}

fn perform(cli: Cli) -> Result<(), ToolError> {
    let session = Session {
        screen: Screen::of_stdout(),
        asker: Asker::of_stdin(),
        today: Day(clock::now()),
        root: cli.root,
        bus: cli.bus,
        progress: Rc::new(Cell::new(Stage::default())),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ToolError::Start)?;
    let outcome = runtime.block_on(async {
        let mut signals = Signals::catch().map_err(ToolError::Start)?;
        // Dropping the verb undoes it: the terminal echoes again, a picture that is not kept is
        // removed, and the daemon forgets an enrollment whose connection is gone.
        tokio::select! {
            outcome = dispatch(&cli.verb, &session) => outcome,
            () = signals.any() => Err(ToolError::Interrupted(session.progress.get())),
        }
    });
    // A thread may still wait for a line that nobody will type.
    runtime.shutdown_background();
    outcome
}

async fn dispatch(verb: &Verb, session: &Session) -> Result<(), ToolError> {
    match verb {
        Verb::Enroll(args) => verbs::enroll::run(args, session).await,
        Verb::Status(args) => verbs::status::run(args, session).await,
        Verb::Export(args) => verbs::export::run(args, session).await,
        Verb::Disable(args) => verbs::disable::run(args, session).await,
        Verb::RecoveryCodes(args) => verbs::recovery_codes::run(args, session).await,
        Verb::Verify(args) => verbs::verify::run(args, session).await,
        Verb::Resync(args) => verbs::resync::run(args, session).await,
        Verb::List(args) => verbs::list::run(args, session).await,
        Verb::Unlock(args) => verbs::unlock::run(args, session).await,
        Verb::Import(args) => verbs::import::run(args, session).await,
        Verb::Config(args) => verbs::config::run(args, session).await,
        Verb::Doctor(args) => verbs::doctor::run(args, session).await,
        Verb::Pam(verb) => verbs::pam::run(verb, session).await,
        Verb::Store(verb) => verbs::store::run(verb, session).await,
    }
}

/// The signals that would end the process with things half done.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
}

impl Signals {
    fn catch() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
            _ = self.quit.recv() => {}
        }
    }
}
