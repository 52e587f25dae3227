# The help, as it stands in tool/src/cli.rs. A test keeps both the same.
help = Enrolls, shows, exports and disables authenticator codes for logins
help--bus = Use the message bus at this address, not the system's
help-value-ADDRESS = ADDRESS
help--help = Print help
help--version = Print version
help-after =
    Codes are asked for on the terminal, or read from standard input, one a line,
    when it is not a terminal. They are never arguments.

    Exit status: 0 done, 1 refused or failed, 2 wrong usage.
help-enroll = Set up an authenticator app for your logins
help--name = Name of the token, such as phone or tablet
help-value-TOKEN = TOKEN
help--save = Save the QR code (.jpg, .png, .svg) or a card (.pdf)
help-value-FILE = FILE
help--paper = Paper of the card: a4 or letter [by the locale]
help-value-SIZE = SIZE
help--force = Let --save replace a file
help--no-qr = Show the key alone
help--algorithm = SHA1, SHA256 or SHA512; most apps know SHA1 alone
help-value-NAME = NAME
help--digits = Digits of a code, 6 to 8
help-value-N = N
help--period = Length of a time step
help-value-SECONDS = SECONDS
help--kind = Codes by time (totp) or by counter (hotp)
help-value-KIND = KIND
help-enroll--json = Write JSON: one line before the code, one after it
help--user = Act on this user, as an administrator
help-value-USER = USER
help-status = Show whether codes are asked for, and what is left
help--json = Write JSON
help-export = Show the QR code again, or save it as a picture
help--show = Show the QR code and the key
help-export--name = Which token, when there are several
help-disable = Stop asking for codes
help-disable--name = Remove this token alone
help-recovery-codes = Replace the recovery codes by new ones
help-verify = Try out a code without logging in
help-resync = Adjust to an authenticator whose clock is off
help-list = List who is enrolled (administrators)
help-list--json = Write JSON, one user a line
help--no-pager = Do not stop at each page on a terminal
help-unlock = Let a user in again (administrators)
help-unlock-USER = Whom to let in again
help--temporary-code = Also issue a code to tell the user
help--valid = How long it is valid: 30m, 8h, 2d
help-value-DURATION = DURATION
help--uses = How many logins it is good for
help--disable = Also remove the tokens, to enroll anew
help-help = Print this message or the help of the given subcommand(s)
