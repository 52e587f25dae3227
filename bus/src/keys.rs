//! The keys of the `a{sv}` arguments and replies.

/// Context: the PAM service (s), for example `sshd`.
pub const SERVICE: &str = "service";
/// Context: the terminal (s), as `PAM_TTY` has it.
pub const TTY: &str = "tty";
/// Context: the remote host (s), as `PAM_RHOST` has it. Empty or absent for a local login.
pub const RHOST: &str = "rhost";

/// Context: the login session (s) in which a local program asks, as the module finds it; two logins
/// at one terminal have different ones. Empty or absent where there is none.
pub const SESSION: &str = "session";

/// Details of `Login.Prepare`: the language to speak (s), `en` or `fr`.
pub const LANGUAGE: &str = "language";
/// Details of `Login.Prepare` with `enroll`: until when the enrollment may be put off, in seconds of
/// Unix time (t). Absent when it may not.
pub const ENROLL_BY: &str = "enroll-by";
/// Details of `Login.Prepare`: the lengths that an authenticator code of this user can have (au).
/// A user without tokens has the default length, so that the answer does not tell them apart.
pub const CODE_LENGTHS: &str = "code-lengths";
/// Details of `Login.Prepare` and `Login.Verify` over the bus: may the connection be kept for the next
/// `Verify` while the person types? (b) Absent for no: the bus allows few connections to one user, and the daemon counts those of root.
pub const KEEP: &str = "keep";
/// Details of `Login.Verify`: how long to wait after `throttled`, in seconds (u).
pub const RETRY_AFTER: &str = "retry-after";
/// Details of `Login.Verify` after `used`: which code is spent for good (s), a word of
/// [`crate::Spent`]. Absent when a code of a token was used, of which the next one is good.
pub const SPENT: &str = "spent";
/// Details of `Login.Verify`, only when a recovery code was accepted: how many are left (u).
/// Status: how many unused recovery codes there are (u).
pub const RECOVERY_CODES_LEFT: &str = "recovery-codes-left";

/// Status: has the user an active token? (b)
pub const ENROLLED: &str = "enrolled";
/// Status: the tokens (aa{sv}), with the keys of a token. Import: several tokens (aa{sv}) that are
/// taken in all together or not at all, in place of the keys of one.
pub const TOKENS: &str = "tokens";
/// Status: are time-based codes refused until somebody unlocks the account? (b)
pub const LOCKED: &str = "locked";
/// Status: attempts since the last accepted code (u): wrong ones and ones turned away unread.
pub const FAILED_ATTEMPTS: &str = "failed-attempts";
/// Status: how many of [`FAILED_ATTEMPTS`] were turned away unread (u).
pub const THROTTLED_ATTEMPTS: &str = "throttled-attempts";
/// Status: is a temporary code valid? (b) Options of `Unlock`: issue one as well (b).
pub const TEMPORARY_CODE: &str = "temporary-code";
/// Health: the daemon's version (s).
pub const VERSION: &str = "version";
/// Health: the daemon's clock, in seconds of Unix time (t).
pub const TIME: &str = "time";
/// Health: when the daemon was started, in seconds of Unix time (t).
pub const STARTED: &str = "started";
/// Health: when the configuration in force was read, in seconds of Unix time (t).
pub const CONFIGURATION_LOADED: &str = "configuration-loaded";
/// Health: what is wrong with the configuration files (as). While there is anything, what they say
/// is not in force.
pub const CONFIGURATION_PROBLEMS: &str = "configuration-problems";
/// Health: [`STORE_OPEN`], or why the store cannot be used (s).
pub const STORE: &str = "store";
/// Health: the word of [`STORE`] when all is well.
pub const STORE_OPEN: &str = "open";
/// Health: how many records are newer in memory than on the disk (u).
pub const UNSAVED: &str = "unsaved";
/// Health: how many users have a record (u).
pub const ACCOUNTS: &str = "accounts";
/// Health: when a code was last accepted for each PAM service, as root's programs named it, in
/// seconds of Unix time (a{st}); since the daemon was started.
pub const LAST_LOGINS: &str = "last-logins";
/// Health: is the login socket served? (b)
pub const LOGIN_SOCKET: &str = "login-socket";

/// Status: does the record belong to an earlier user of that name? (b) Administrators only.
pub const FOREIGN: &str = "foreign";
/// List: why the record cannot be read (s); nothing else is told of it then.
pub const UNREADABLE: &str = "unreadable";

/// Token and details of `BeginEnrollment`: its name (s). Options: which token is meant.
pub const NAME: &str = "name";
/// Token and options: `totp` or `hotp` (s).
pub const KIND: &str = "kind";
/// Token and options: `SHA1`, `SHA256` or `SHA512` (s).
pub const ALGORITHM: &str = "algorithm";
/// Token and options: how many digits a code has, 6 to 8 (u).
pub const DIGITS: &str = "digits";
/// Token and options: length of a time step in seconds (u); 0 for `hotp`.
pub const PERIOD: &str = "period";
/// Token: when it was activated, in seconds of Unix time (t).
pub const CREATED: &str = "created";
/// Token: when a code of it was last accepted, in seconds of Unix time (t); absent when never.
pub const LAST_USED: &str = "last-used";
/// Import: the secret in base32 (s).
pub const SECRET: &str = "secret";
/// Import: the next counter of a `hotp` token (t).
pub const COUNTER: &str = "counter";
/// Import: the name shown in the app before the user name (s). Absent: the host's name.
pub const ISSUER: &str = "issuer";
/// Import: how many time steps (`totp`, 0 to 10) or counters (`hotp`, 1 to 100) may be off (u).
pub const WINDOW: &str = "window";
/// Import: by how many time steps the token's clock is ahead of ours (x); negative when behind.
pub const OFFSET: &str = "offset";
/// Import: the last time step of a `totp` token whose code was accepted elsewhere (t). Neither it nor
/// an earlier one counts.
pub const LAST_STEP: &str = "last-step";
/// Import: the last code of the token that was accepted elsewhere (s), so that it stays used. Of a
/// `hotp` token it is looked for at [`COUNTER`] alone, of a `totp` token in today's window.
pub const LAST_CODE: &str = "last-code";
/// Import: recovery codes that work elsewhere (as).
pub const RECOVERY_CODES: &str = "recovery-codes";
/// Reply of `Import`, in each of [`TOKENS`] beside [`NAME`]: was it taken now (b)? If not, it was there.
pub const TAKEN: &str = "taken";
/// Reply of `Import`: how many recovery codes were taken now (u). The others were there.
pub const RECOVERY_CODES_TAKEN: &str = "recovery-codes-taken";
/// Reply of `Import`: the user has made other recovery codes since, so that none was taken (b).
pub const SUPERSEDED: &str = "superseded";
/// Import: refuse a user who is enrolled already with anything else than what comes (b).
pub const UNLESS_ENROLLED: &str = "unless-enrolled";

/// Options: a current code that proves who is asking (s). Reply of `Unlock`: the temporary code (s).
pub const CODE: &str = "code";
/// Options of `BeginEnrollment`, from root: the context (a{sv}) of the login in the middle of which
/// the user enrolls. Policy must say `enroll` for it.
pub const LOGIN: &str = "login";
/// Details of `BeginEnrollment` with [`LOGIN`]: what `CompleteEnrollment` takes (s), from whoever sees that
/// login succeed.
pub const RECEIPT: &str = "receipt";
/// Details of `BeginEnrollment`: seconds until it is forgotten (u).
pub const EXPIRES: &str = "expires";

/// List filter: begin after this user name (s).
pub const AFTER: &str = "after";
/// List filter: at most so many (u).
pub const LIMIT: &str = "limit";

/// Options of `Unlock`: remove the tokens and recovery codes as well (b).
pub const DISABLE: &str = "disable";
/// Temporary code: how long it is valid, in seconds (u).
pub const VALID: &str = "valid";
/// Temporary code: how many logins it is good for (u).
pub const USES: &str = "uses";

/// Store: how many records there are, or are under a key (u).
pub const RECORDS: &str = "records";
/// Store: the length of the journal in bytes (t).
pub const JOURNAL: &str = "journal";
/// Store: the keys (aa{sv}), the one that seals first, those that are not here last.
pub const KEYS: &str = "keys";
/// Key: which it is (s), from a hash of it.
pub const ID: &str = "id";
/// Key: where it lies (s): `credential`, `old-credential`, `key-file`, `old-key-file` or [`MISSING`].
pub const PLACE: &str = "place";
/// Key: there are records under it, and it is not here.
pub const MISSING: &str = "missing";
/// Reply of `Reseal`: how many records were under another key (u).
pub const RESEALED: &str = "resealed";

/// `s`: whose enrollments this host works with, where the store is shared. In the reply of `Admin.StoreStatus`, where
/// [`RECORDS`], [`UNSAVED`] and [`JOURNAL`] are then 0.
pub const TENANT: &str = "tenant";
/// `s`: why the shared store does not answer. The keys after this one are missing then.
pub const UNREACHABLE: &str = "unreachable";
/// `s`: the server that answered.
pub const SERVER: &str = "server";
/// `s`: what it says that it is.
pub const SERVER_VERSION: &str = "server-version";
/// `i`: the version of the schema there.
pub const SCHEMA: &str = "schema";
/// `s`: what a change has reached when it is answered: one of the three words below.
pub const COMMIT_WAITS: &str = "commit-waits";
/// Nothing: a crash of the server forgets.
pub const WAITS_FOR_NOTHING: &str = "nothing";
/// The server's disk: the loss of that server forgets.
pub const WAITS_FOR_DISK: &str = "disk";
/// A standby, too.
pub const WAITS_FOR_STANDBY: &str = "standby";
/// `d`: how many seconds the server's clock is ahead of this host's.
pub const CLOCK_SKEW: &str = "clock-skew";
/// `b`: whether this host's role there is an administrator's.
pub const ADMINISTERS: &str = "administers";
