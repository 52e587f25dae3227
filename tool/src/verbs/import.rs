use std::path::PathBuf;
use std::time::Duration;

use countersign_bus::UserName;
use nix::unistd::Uid;

use crate::cli::{Import, ImportFrom, ImportGoogle, ImportOath};
use crate::clock::now;
use crate::daemon::Daemon;
use crate::error::ToolError;
use crate::import::delivery::{Broken, End, Onto, deliver, held_back, rehearse};
use crate::import::error::ImportError;
use crate::import::found::{Found, Token};
use crate::import::homes::{self, Pattern, Person};
use crate::import::leftovers;
use crate::import::reading::{self, Contents};
use crate::import::report::{Form, Report};
use crate::import::why::Why;
use crate::import::{google, oath, uri};
use crate::progress::ProgressLine;
use crate::run::Session;
use crate::words::tell;

/// The longest `users.oath`, in bytes: some hundred thousand users.
const LONGEST_OATH: u64 = 64 * 1024 * 1024;
/// The most otpauth URIs at once, in bytes.
const LONGEST_INPUT: u64 = 64 * 1024;
/// How long a disk may take for one file. A network disk that is away never answers.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many users in a row of whom nobody knows whether they were stored: the daemon is gone.
const LOST_IN_A_ROW: usize = 3;

/// Takes over tokens from other programs. Each user's come in one piece.
pub async fn run(args: &Import, session: &Session) -> Result<(), ToolError> {
    let form = if args.from.how().json {
        Form::Json
    } else {
        Form::Table(session.screen)
    };
    match &args.from {
        ImportFrom::GoogleAuthenticator(from) => {
            let module = Some("pam_google_authenticator");
            if from.all_homes {
                return all_homes(args, from, form, session).await;
            }
            let (found, file) = one_file(from).await?;
            let mut run = Run::begin(args, form, &[&found], session).await?;
            run.take(found, Some(file)).await?;
            run.end(module)
        }
        ImportFrom::Oath(from) => {
            let all = oath_file(from).await?;
            let users: Vec<&Found> = all.iter().collect();
            let mut run = Run::begin(args, form, &users, session).await?;
            let count = all.len();
            for (number, found) in all.into_iter().enumerate() {
                run.progress(number, count);
                run.take(found, Some(from.file.clone())).await?;
            }
            run.end(Some("pam_oath"))
        }
        ImportFrom::Uri(from) => {
            let text = session
                .asker
                .secret_lines(&(tell!("import-question") + " "), LONGEST_INPUT)
                .await?;
            let found = uri::read(from.user.as_str(), &text);
            if found.tokens.is_empty() && found.rejected.is_empty() {
                return Err(failed(ImportError::NoUri));
            }
            let mut run = Run::begin(args, form, &[&found], session).await?;
            run.take(found, None).await?;
            run.end(None)
        }
    }
}

/// One import, from the first user to the last.
struct Run {
    /// `None` in a dry run.
    daemon: Option<Daemon>,
    onto: Onto,
    broken: Broken,
    report: Report,
    progress: ProgressLine,
    lost: usize,
}

impl Run {
    async fn begin(
        args: &Import,
        form: Form,
        users: &[&Found],
        session: &Session,
    ) -> Result<Self, ToolError> {
        let names = users.iter().filter_map(|found| found.user.as_deref());
        Self::with(args, Report::new(form, names), session).await
    }

    async fn with(args: &Import, report: Report, session: &Session) -> Result<Self, ToolError> {
        let how = args.from.how();
        Ok(Self {
            daemon: if how.dry_run {
                None
            } else {
                Some(session.daemon().await?)
            },
            onto: if how.add {
                Onto::Anybody
            } else {
                Onto::NotEnrolled
            },
            broken: if how.partly {
                Broken::TakesTheRest
            } else {
                Broken::Waits
            },
            report,
            progress: ProgressLine::new(),
            lost: 0,
        })
    }

    fn progress(&mut self, done: usize, all: usize) {
        self.progress
            .show(|| tell!("import-progress", "done" = done, "all" = all));
    }

    async fn take(&mut self, found: Found, file: Option<PathBuf>) -> Result<(), ToolError> {
        let end = match (&found.user, found.tokens.is_empty()) {
            (Some(user), false) => Some(match (held_back(&found, self.broken), &self.daemon) {
                (Some(end), _) => end,
                (None, None) => rehearse(user),
                (None, Some(daemon)) => {
                    let end = deliver(daemon, user, &found, self.onto).await;
                    // The table so far stays whole above whatever is said next.
                    end.inspect_err(|_| self.progress.clear())?
                }
            }),
            _ => None,
        };
        self.progress.clear();
        self.report.found(&found, end.as_ref(), file)?;
        self.lost = match end {
            Some(End::NotTaken(Why::WentAway)) => self.lost + 1,
            _ => 0,
        };
        if self.lost >= LOST_IN_A_ROW {
            return Err(ToolError::Import(ImportError::DaemonGone));
        }
        Ok(())
    }

    fn end(mut self, module: Option<&str>) -> Result<(), ToolError> {
        self.progress.clear();
        let not_taken = self.report.not_taken();
        let lines = module.map(leftovers::of).unwrap_or_default();
        self.report.close(module, &lines)?;
        match not_taken {
            0 => Ok(()),
            count => Err(ToolError::Import(ImportError::NotAllTaken { count })),
        }
    }
}

fn failed(error: ImportError) -> ToolError {
    ToolError::Import(error)
}

/// Does what blocks on a thread of its own, and gives it up after a while.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Why> + Send + 'static,
) -> Result<T, Why> {
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(lost)) => Err(Why::Unreadable(lost.to_string())),
        Err(_elapsed) => Err(Why::NoAnswer),
    }
}

async fn all_homes(
    args: &Import,
    from: &ImportGoogle,
    form: Form,
    session: &Session,
) -> Result<(), ToolError> {
    let people = tokio::task::spawn_blocking(homes::everybody).await;
    let people = people
        .map_err(|lost| lost.to_string())
        .and_then(|people| people)
        .map_err(|error| failed(ImportError::NoUsers(error)))?;
    let names = people.iter().map(|it| it.name.as_str());
    let mut run = Run::with(args, Report::new(form, names), session).await?;
    let pattern = from.path.clone().unwrap_or_default();
    let count = people.len();
    for (number, person) in people.into_iter().enumerate() {
        run.progress(number, count);
        let file = pattern.path(&person);
        match read_of(&pattern, &person).await {
            Ok(Some(contents)) => {
                let found = google_file(&person.name, &contents);
                run.take(found, Some(file)).await?;
            }
            Ok(None) => run.report.without_file(),
            Err(why) => {
                let found = Found::nothing(Some(person.name), why);
                run.take(found, Some(file)).await?;
            }
        }
    }
    run.end(Some("pam_google_authenticator"))
}

async fn read_of(pattern: &Pattern, person: &Person) -> Result<Option<Contents>, Why> {
    let (pattern, person) = (pattern.clone(), person.clone());
    apart(move || pattern.read(&person)).await
}

/// The file that was named, or that of the user who was.
async fn one_file(from: &ImportGoogle) -> Result<(Found, PathBuf), ToolError> {
    let person = match &from.user {
        Some(user) => Some(known(user).await?),
        None => None,
    };
    let Some(file) = from.file.clone() else {
        // The command line asks for one of the two.
        let Some(person) = person else {
            return Err(failed(ImportError::NoSuchUser(String::new())));
        };
        let pattern = from.path.clone().unwrap_or_default();
        let file = pattern.path(&person);
        let contents = read_of(&pattern, &person)
            .await
            .and_then(|it| it.ok_or(Why::NoFile))
            .map_err(|why| failed(ImportError::File(file.clone(), why)))?;
        return Ok((google_file(&person.name, &contents), file));
    };
    let (named, owner) = (file.clone(), person.as_ref().map(|it| it.uid));
    let contents = apart(move || reading::named(&named, owner, homes::LONGEST))
        .await
        .map_err(|why| failed(ImportError::File(file.clone(), why)))?;
    let user = match person {
        Some(person) => person.name,
        None => match nix::unistd::User::from_uid(Uid::from_raw(contents.owner)) {
            Ok(Some(user)) => user.name,
            _ => return Err(failed(ImportError::NobodysFile(file, contents.owner))),
        },
    };
    Ok((google_file(&user, &contents), file))
}

async fn known(user: &UserName) -> Result<Person, ToolError> {
    let name = user.as_str().to_owned();
    let found = tokio::task::spawn_blocking(move || homes::somebody(&name)).await;
    found
        .map_err(|lost| lost.to_string())
        .and_then(|found| found)
        .map_err(|error| failed(ImportError::NoUsers(error)))?
        .ok_or_else(|| failed(ImportError::NoSuchUser(user.to_string())))
}

fn google_file(user: &str, contents: &Contents) -> Found {
    let Ok(text) = std::str::from_utf8(&contents.bytes) else {
        return Found::nothing(Some(user.to_owned()), Why::NotText);
    };
    let mut found = google::read(user, text, now());
    if contents.others_can_read {
        found.tokens.iter_mut().for_each(remark_others);
    }
    found
}

fn remark_others(token: &mut Token) {
    token.remarks.push(Why::OthersCanRead);
}

async fn oath_file(from: &ImportOath) -> Result<Vec<Found>, ToolError> {
    let file = from.file.clone();
    let (mut all, contents) = apart(move || {
        // Who can write this file decides who logs in as whom, so it must be root's, or the caller's.
        let owner = Some(Uid::effective().as_raw());
        reading::named(&file, owner, LONGEST_OATH)
    })
    .await
    .map(|contents| (oath::read(&contents.bytes, from.window), contents))
    .map_err(|why| failed(ImportError::File(from.file.clone(), why)))?;
    if contents.others_can_read {
        let tokens = all.iter_mut().flat_map(|found| &mut found.tokens);
        tokens.for_each(remark_others);
    }
    Ok(all)
}
