# Questions, and what is said to an answer.
tool-question-code = Current code:
tool-question-code-or-recovery = Current code or recovery code:
tool-question-yes = { $question } [y/N]
tool-code-empty = no code was given
tool-code-too-long = that is too long for a code
tool-code-not-a-code = a code has only the letters a to z and digits
tool-line-too-long = the line is too long

# Enrolling.
tool-enroll-question = Code that the app shows (not echoed):
tool-enroll-question-again = You are enrolled already. Current code, to add another token:
tool-enroll-wrong = { $left ->
    [one] That code is not right. Wait for the next one ({ $left } more try).
   *[other] That code is not right. Wait for the next one ({ $left } more tries).
}
tool-enroll-done = Done: { $user } is enrolled, and the codes of the app count from now on.
tool-enroll-codes-stay = The recovery codes stay as they were.
tool-enroll-saved =
    The QR code is saved as { $file }, readable by you alone.
    Whoever has it can make your codes: move it to a safe place.
tool-enroll-next =
    Next, try a login in a second session before you close this one. The code that
    you just typed is used: wait for the next.

# Recovery codes.
tool-recovery-intro = Recovery codes. Each lets you in once when the phone is not at hand:
tool-recovery-advice =
    Write them down or print them now, and keep them away from the phone and from
    this computer. They are not shown again: `countersign recovery-codes` makes new
    ones.
tool-recovery-void = The old ones are void.

# A key to scan or to type.
tool-key-add = Add this account to the app:
tool-key-add-not-utf8 = Add this account to the app. (No QR code, as the locale is not a UTF-8 one: set LC_ALL=C.UTF-8 to see it, or save it with --save.)
tool-key-add-no-room = Add this account to the app. (No QR code, as it needs { $columns } by { $lines } characters and the terminal has { $has-columns } by { $has-lines }: make it larger, or save it with --save.)
tool-key-scan = Scan this with an authenticator app, or add the account by hand:
tool-key-scan-inverted = Scan this with an authenticator app, or add the account by hand (on a bright screen the picture is inverted: then use --no-qr or --save):
tool-key-account = Account
tool-key-issuer = Issuer
tool-key-secret = Key
tool-key-codes = Codes
tool-key-uri = URI
tool-key-by-time = by time, { $digits } digits, every { $period } s, { $algorithm }
tool-key-by-counter = by counter from { $counter }, { $digits } digits, { $algorithm }
tool-key-saved =
    The QR code is saved as { $file }, readable by you alone.
    Whoever has it can make the codes: move it to a safe place.

# The state of an account.
tool-status-enrolled = { $user } is enrolled.
tool-status-not-enrolled = { $user } is not enrolled.
tool-status-recovery-codes = Recovery codes left: { $left }
tool-status-temporary-code = A temporary code of an administrator is valid.
tool-status-failed = { $count ->
    [one] { $count } failed attempt since the last login.
   *[other] { $count } failed attempts since the last login.
}
tool-status-failed-unread = { $count ->
    [one] { $count } failed attempt since the last login, { $unread } of them turned away unread.
   *[other] { $count } failed attempts since the last login, { $unread } of them turned away unread.
}
tool-status-locked = LOCKED after too many wrong codes: only a recovery code helps.
tool-status-foreign = FOREIGN: this enrollment belongs to an earlier user of the name.
tool-status-token = TOKEN
tool-status-added = ADDED
tool-status-last-used = LAST USED
tool-status-codes = CODES
tool-status-unknown = unknown
tool-status-never = never
tool-status-by-time = by time
tool-status-by-counter = by counter
tool-status-digits = { $digits } digits
tool-status-period = every { $period } s
tool-status-remove-foreign = Remove it with `countersign disable --user { $user }`.
tool-status-unlock-own =
    Log in with a recovery code, or ask an administrator to run
    `countersign unlock` for you.
tool-status-unlock = Unlock it with `countersign unlock { $user }`.
tool-status-not-yours = If these attempts were not yours, somebody may know your password: change it.
tool-status-enroll = Set up an authenticator app with `countersign enroll`.
tool-status-renew = Make new recovery codes with `countersign recovery-codes`.

# The list of all accounts. The words are narrow, for a table of 80 columns.
tool-list-user = USER
tool-list-tokens = TOKENS
tool-list-last-used = LAST USED
tool-list-codes-left = CODES LEFT
tool-list-state = STATE
tool-list-never = never
tool-list-unreadable = unreadable
tool-list-locked = locked
tool-list-foreign = FOREIGN
tool-list-no-token = no token
tool-list-temporary-code = temporary code
tool-list-failed = { $count } failed
tool-list-ok = ok
tool-list-nobody = Nobody is enrolled.

# Trying, adjusting and removing.
tool-verify-question = Code to try:
tool-verify-accepted = Accepted. That code is used now: a login takes the next one.
tool-verify-recovery-code = { $left ->
    [one] Accepted. That recovery code is used up; { $left } is left.
   *[other] Accepted. That recovery code is used up; { $left } are left.
}
tool-resync-question = Code that the app shows:
tool-resync-question-next = The code after that one:
tool-resync-done =
    Adjusted. Both codes are used now: a login takes the next one.
    If it is a phone, let it set its clock automatically.
tool-disable-sure-token = Remove the token { $token } of { $user }?
tool-disable-sure = Remove all tokens and recovery codes of { $user }?
tool-disable-done-token = The token { $token } of { $user } is removed. Delete its entry in the app too.
tool-disable-done =
    The tokens and recovery codes of { $user } are removed.
    Delete the entries in the app and saved pictures too: they are of no use any more.

# Letting somebody in again.
tool-unlock-nothing = { $user } was not locked: there was nothing to clear.
tool-unlock-not-locked = { $count ->
    [one] { $user } was not locked; { $count } failed attempt cleared.
   *[other] { $user } was not locked; { $count } failed attempts cleared.
}
tool-unlock-done = { $count ->
    [one] { $user } is unlocked; { $count } failed attempt cleared.
   *[other] { $user } is unlocked; { $count } failed attempts cleared.
}
tool-unlock-temporary-code = { $count ->
    [one] This temporary code lets { $user } in for { $count } login within { $valid }.
   *[other] This temporary code lets { $user } in for { $count } logins within { $valid }.
}
tool-unlock-right-person = Make sure that you speak to the right person before you read it out.
tool-unlock-disabled =
    The tokens and recovery codes of { $user } are removed.
    Ask them to run `countersign enroll` once they are logged in.
tool-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
tool-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
tool-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
tool-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
tool-no-duration = write a whole number and a unit: 90s, 30m, 8h or 2d

# What was to be done. They come before what went wrong.
tool-cannot-status = cannot show the state of { $user }
tool-cannot-enroll = cannot enroll { $user }
tool-cannot-export = cannot export the key of { $user }
tool-cannot-renew = cannot replace the recovery codes of { $user }
tool-cannot-resync = cannot adjust to the authenticator of { $user }
tool-cannot-disable = cannot disable the codes of { $user }
tool-cannot-verify = cannot verify a code of { $user }
tool-cannot-list = cannot list the enrolled users
tool-cannot-unlock = cannot unlock { $user }
tool-cannot-issue = cannot issue a temporary code to { $user }
tool-cannot = { $cannot }: { $why }

# Why the daemon refused.
tool-refused-resync-other = only the owner of the account may do this. Ask { $user } to run `countersign resync`
tool-refused-even-root = the daemon does not allow this, not even to root. `journalctl -u countersignd` says why
tool-refused-own = this is not allowed to you. Ask an administrator to do it
tool-refused-administrator = only an administrator may do this. Try again where polkit can ask you who you are, or run it as root, for example with sudo
tool-refused-which-token = there are several tokens. Choose one with --name; { $status } shows the names
tool-refused-too-many-tokens = there are as many tokens as an account can have. Remove one with { $removal }; { $status } shows the names
tool-refused-argument = the daemon refused it: { $text }. `countersign --help` shows the choices
tool-refused-argument-enroll = the daemon refused it: { $text }. `countersign enroll --help` shows the choices; where there are too many tokens, remove one with { $removal }
tool-refused-no-such-user = there is no such user on this host. Check the spelling: `getent passwd` lists the users
tool-refused-no-such-token = there is no token named "{ $token }". { $status } shows the names
tool-refused-not-enrolled = this user is not enrolled. `countersign list` shows who is
tool-refused-not-enrolled-own = no authenticator is set up. Do so with `countersign enroll`
tool-refused-enrolled-meanwhile = the account was given a token meanwhile, and nothing was changed. Remove the new entry from the app and run { $enroll } again
tool-refused-enrolled-meanwhile-own = the account was given a token meanwhile, and nothing was changed. Remove the new entry from the app and run { $enroll } again, which asks for a current code then
tool-refused-token-exists = there is a token of that name. Choose another with --name, or remove the old one with { $removal }
tool-refused-earlier-user = this enrollment is an earlier user's. Remove it with { $removal }
tool-refused-earlier-user-own = an earlier user of this name has left an enrollment. Ask an administrator to remove it with { $removal }
tool-refused-code-resync = these are not two codes in a row. Type the code that the app shows, wait for the next one and type that; none of them may have been used before
tool-refused-code-disable = that code is not right or was used already. Wait for the next one and try again, or use a recovery code
tool-refused-code-no-recovery = that code is not right or was used already. Wait for the next one; a recovery code does not do here
tool-refused-code = that code is not right or was used already. Wait for the next one and try again
tool-refused-expired = the enrollment has run out and nothing was changed. Remove the new entry from the app and run `countersign enroll` again
tool-refused-not-stored = the change could not be stored and was not made. `journalctl -u countersignd` says why, and a full disk is the usual cause
tool-refused-no-store = the store cannot be used, so that nobody can tell who is enrolled. `journalctl -u countersignd` says why and what to do
tool-refused-busy = the daemon has too much under way. Try again in a moment

# Why a code is not good for a login.
tool-turned-wrong = that code is not right. Take the one that the app shows now; if it stays so, the clock of the phone may be off: try `countersign resync`
tool-turned-used = that code was used already. Wait for the next one
tool-turned-throttled = too many wrong codes. Try again in { $seconds } s
tool-turned-throttled-a-while = too many wrong codes. Try again later
tool-turned-locked = the account is locked after too many wrong codes. Log in with a recovery code, or ask an administrator to run `countersign unlock` for you
tool-turned-unknown = the daemon judged the code with a word that this version does not know. Install the same version of both

# What else ends the tool.
tool-no-bus = cannot reach the message bus at { $address }: { $why }. Is it running? `systemctl status dbus` says so
tool-no-answer = no answer within { $seconds } s
tool-no-daemon = the message bus does not know the Countersign daemon. Is it installed? If it is, start it with `systemctl start countersignd`
tool-not-started = the Countersign daemon could not be started ({ $name }). `systemctl status countersignd` and `journalctl -u countersignd` say why, and as root `countersign store check` whether it is the key
tool-bus-denied = the message bus does not let you speak to the Countersign daemon. Ask an administrator whether its bus policy is installed
tool-bus-full = the message bus has too many connections or calls of yours. Try again in a moment
tool-lost = { $cannot }: the daemon went away in the middle. Look with `countersign status` what stands, and try again
tool-timeout = { $cannot }: no answer within { $seconds } s. Look with `systemctl status countersignd` whether the daemon runs, with `countersign status` what stands, and try again
tool-unexpected = { $cannot }: the daemon's answer makes no sense ({ $what }). Install the same version of both
tool-answer-no-key = no { $key }
tool-answer-wrong-type = { $key } has the wrong type
tool-answer-not-in-order = the names are not in order
tool-answer-none = no reply
tool-no-key = cannot show the key: { $why }. Install the same version of both
tool-not-otpauth = what the daemon sent is no otpauth URI
tool-otpauth-no-secret = the otpauth URI that the daemon sent has no secret
tool-otpauth-broken = the otpauth URI that the daemon sent is broken
tool-too-long-for-qr = the names are too long for a QR code. Use --no-qr and type the key instead
tool-own-name = cannot use your own user name: { $why }
tool-user-empty = the user name is empty
tool-user-too-long = the user name is { $bytes } bytes long; at most { $most } are allowed
tool-user-not-utf8 = the user name is not UTF-8 text
tool-user-forbidden = the user name has the character { $character }, which is not allowed
tool-nameless = uid { $uid } has no user name on this host, so it has no account. `getent passwd { $uid }` shows the same
tool-no-terminal = cannot ask for a code, as there is no terminal ({ $why }). Give it on standard input instead, one code a line
tool-input = cannot read the code: { $why }
tool-input-ended = no code was given. Nothing was changed
tool-not-a-code = { $why }. Nothing was changed
tool-too-many-wrong = { $attempts } wrong codes: the enrollment is given up and nothing was changed. Remove the new entry from the app, check that the clock of the phone is set automatically, and run `countersign enroll` again
tool-declined = nothing was changed
tool-cancelled = cancelled: nothing was changed
tool-interrupted-under-way = interrupted while a change was under way. `countersign status` shows whether it was made
tool-interrupted-after = interrupted after a change was made. `countersign status` shows it
tool-output = cannot write to standard output: { $why }
tool-codes-not-shown = the change is made, but the recovery codes could not be written to standard output: { $why }. Make new ones with `countersign recovery-codes`
tool-start = cannot begin: { $why }

# Why a picture was not saved.
tool-file-not-saved = cannot save the QR code as { $file }: { $why }
tool-file-extension = the name must end in .jpg, .png or .svg for a picture, or in .pdf for a card to print
tool-file-exists = there is a file of that name. Choose another, or replace it with --force
tool-file-link = that is a symbolic link, and links are never followed. Choose another name
tool-file-no-file = that is a directory or a device. Choose another name
tool-file-no-directory = its directory does not exist. Create it, or choose another
tool-file-not-allowed = { $why }. Choose a directory that you may write in
tool-file-full = the disk is full or your quota is used up. Make room, or choose another disk
tool-file-not-moved = { $why }. It was saved as { $at } instead: move it yourself
tool-file-other = { $why }. Choose another name or directory

# What proves nothing, and what to do then.
tool-turned-used-recovery-code = that recovery code was used already. Take another one of the list
tool-turned-used-temporary-code = that temporary code was used already. Ask the administrator for another
tool-refused-used = that code was used already. Wait for the next one of the app
tool-refused-used-or-recovery = that code was used already. Wait for the next one of the app, or take a recovery code that is not used yet
tool-refused-locked = the account is locked after too many wrong codes. Log in once with a recovery code, or ask an administrator to run `countersign unlock { $user }`
tool-refused-locked-or-recovery = the account is locked after too many wrong codes. Use a recovery code here, or ask an administrator to run `countersign unlock { $user }`

# The command line: headings of the help, and what is said of mistakes.
tool-usage-usage = Usage
tool-usage-commands = Commands
tool-usage-arguments = Arguments
tool-usage-options = Options
tool-usage-command = COMMAND
tool-usage-default = {"["}default: { $value }]
tool-usage-more = For more information, try '--help'.
tool-usage-unknown = unexpected argument '{ $argument }' found
tool-usage-unknown-verb = unrecognized subcommand '{ $verb }'
tool-usage-missing = the following required arguments were not provided:
tool-usage-no-value = a value is required for '{ $argument }' but none was supplied
tool-usage-invalid = invalid value '{ $value }' for '{ $argument }'
tool-usage-why = { $mistake }: { $why }
tool-usage-known = {"["}possible values: { $values }]
tool-usage-twice = the argument '{ $argument }' cannot be used multiple times
tool-usage-conflict = the argument '{ $argument }' cannot be used with '{ $with }'
tool-usage-conflict-several = the argument '{ $argument }' cannot be used with:
tool-usage-conflict-some = the argument '{ $argument }' cannot be used with one or more of the other specified arguments
tool-usage-no-number = that is not a whole number
tool-usage-too-large = that number is too large
tool-usage-range = { $value } is not in { $range }
tool-usage-tip-argument = tip: a similar argument exists: '{ $meant }'
tool-usage-tip-verb = tip: a similar subcommand exists: '{ $meant }'
tool-usage-tip-value = tip: a similar value exists: '{ $meant }'
tool-usage-tip-dashes = tip: to pass '{ $argument }' as a value, use '-- { $argument }'
