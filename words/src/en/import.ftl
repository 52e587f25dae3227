# The table.
import-column-user = USER
import-column-token = TOKEN
import-column-result = RESULT
import-column-why = WHY
import-taken = taken
import-would-be-taken = would be taken
import-already-there = already taken
import-not-taken = NOT TAKEN
import-left-out = left out
import-token-on-line = { $name } (line { $line })
import-codes = { $count ->
    [one] { $count } recovery code
   *[other] { $count } recovery codes
}
import-line = line { $line }
import-file = file

# Why something was not taken, or is different.
import-why-no-secret = there is no secret
import-why-not-base32 = the secret is not base32
import-why-not-hex = the secret is not in pairs of hexadecimal digits
import-why-too-short = the secret has { $bytes } bytes and must have 10 at least: enroll anew
import-why-too-long = the secret has { $bytes } bytes and may have 64 at most: enroll anew
import-why-no-kind = there is neither TOTP_AUTH nor HOTP_COUNTER
import-why-bad-option = { $option } has a value without meaning: correct the file
import-why-offset-too-far = the clock is more than 1500 steps off: delete TIME_SKEW, set the clock
import-why-unknown-option = the option is not known
import-why-unknown-line = neither an option nor a scratch code
import-why-too-many-codes = more than the 32 recovery codes that an account can have
import-why-window-cut = with a window of { $steps } steps both ways, the widest there is
import-why-others-can-read = others could read the file: enroll anew if they may know the secret
import-why-pin-left = without its PIN: the password of the login takes its place
import-why-unknown-type = the type is not known
import-why-no-user = the line ends before the user
import-why-bad-user = the name cannot be a user’s
import-why-bad-counter = the moving factor is not a number
import-why-bad-time = the time of the last use is not a time, and was not needed
import-why-bad-last-code = the last code is not a code
import-why-waits = the user is taken once line { $line } is mended, or without it by --partly
import-why-newer-codes = the user has newer recovery codes
import-why-comment = a comment
import-why-same-as-line = the same token as on line { $line }
import-why-too-many-tokens = more than the 8 tokens that an account can have
import-why-not-otpauth = not an otpauth URI of kind totp or hotp
import-why-migration = an export of the app, which is not read: give each account’s own URI
import-why-broken-uri = a number or an escape in the URI is broken
import-why-bad-digits = codes have 6 to 8 digits
import-why-bad-period = a time step has 1 to 86400 seconds
import-why-bad-algorithm = the algorithm is not SHA1, SHA256 or SHA512
import-why-no-home = the home directory is not there: if it is not mounted, mount it and try again
import-why-no-file = there is no such file
import-why-symlink = a symbolic link is in the way: name the file that it leads to
import-why-not-a-file = not a regular file
import-why-other-owner = the file belongs to somebody else
import-why-others-can-write = others could have written the file: look at it, then `chmod go-w` it
import-why-too-large = too large to be such a file
import-why-not-text = not text
import-why-unreadable = it cannot be read: { $error }
import-why-no-answer = its disk does not answer
import-why-no-such-user = there is no such user
import-why-earlier-user = an enrollment of an earlier user is there: `countersign disable --user` removes it
import-why-enrolled = enrolled already with another token: use --add to keep both
import-why-not-stored = it could not be stored: `journalctl -u countersignd` says why
import-why-busy = the daemon has too much under way: try again
import-why-refused = the daemon refused it: { $error }
import-why-went-away = the daemon went away: try again

# The end.
import-sum-taken = { $tokens ->
    [0] Nothing new was taken.
    [one] Taken: { $tokens } token of { $users ->
        [one] { $users } user
       *[other] { $users } users
    }.
   *[other] Taken: { $tokens } tokens of { $users ->
        [one] { $users } user
       *[other] { $users } users
    }.
}
import-sum-codes = { $count ->
    [one] Taken: { $count } recovery code.
   *[other] Taken: { $count } recovery codes.
}
import-sum-dry-run = { $tokens ->
    [one] A dry run: { $tokens } token of { $users ->
        [one] { $users } user
       *[other] { $users } users
    } would be taken. Nothing was changed.
   *[other] A dry run: { $tokens } tokens of { $users ->
        [one] { $users } user
       *[other] { $users } users
    } would be taken. Nothing was changed.
}
import-sum-already-there = Taken before: { $count }.
import-sum-not-taken = Not taken: { $count }.
import-sum-without-file = { $count ->
    [one] { $count } user has no file.
   *[other] { $count } users have no file.
}
import-left-rate-limit = { $count ->
    [one] RATE_LIMIT stays behind ({ $count } file): Countersign slows down wrong codes by itself.
   *[other] RATE_LIMIT stays behind ({ $count } files): Countersign slows down wrong codes by itself.
}
import-left-grace-period = { $count ->
    [one] LAST… stays behind ({ $count } file): `remember` in countersign.toml does the same.
   *[other] LAST… stays behind ({ $count } files): `remember` in countersign.toml does the same.
}
import-left-skew = { $count ->
    [one] RESETTING_TIME_SKEW stays behind ({ $count } file): `countersign resync` does the same.
   *[other] RESETTING_TIME_SKEW stays behind ({ $count } files): `countersign resync` does the same.
}
import-scratch-codes =
    The recovery codes are the old scratch codes, which are short and lie in the old
    file. `countersign recovery-codes` makes better ones.
import-files-left =
    These files still hold the secrets. Once everybody has logged in with
    Countersign, delete them with `shred -u`:
import-and-more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
import-pam-lines =
    These lines of PAM still ask { $module }.
    Put pam_countersign.so in their place:
import-progress = { $done } of { $all } users …
import-question = otpauth URI (not echoed; an empty line ends):

# Failures.
import-cannot = cannot import the tokens of { $user }
import-error-not-all = { $count ->
    [one] { $count } thing was not taken; the table says why. When it is mended, run this again: what was taken stays
   *[other] { $count } things were not taken; the table says why. When they are mended, run this again: what was taken stays
}
import-error-daemon-gone = the daemon went away and does not come back. `systemctl status countersignd` says why; run this again then, and what was taken stays
import-error-file = cannot import { $file }: { $why }
import-error-nobodys-file = cannot import { $file }: its owner, uid { $uid }, is no user of this host. Name the user with --user
import-error-no-such-user = cannot import for { $user }: there is no such user. `getent passwd` lists the users
import-error-no-uri = no otpauth URI came on standard input. Give one a line, each beginning with otpauth://. Nothing was changed
import-error-no-users = cannot list the users of this host: { $error }
