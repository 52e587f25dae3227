# The card to print.
card-title = Authenticator card
card-subtitle = For logins to { $issuer }. Keep this page like a key: whoever has it can make your codes.
card-account = Account
card-issuer = Host or service
card-token = Token
card-date = Date
card-codes = Codes
card-by-time = { $digits } digits, every { $period } s, { $algorithm }
card-by-counter = { $digits } digits, by counter from { $counter }, { $algorithm }
card-key = Key, to type where the QR code cannot be scanned
card-recovery = Recovery codes
card-recovery-use = Each lets you in once, in place of a code of the app. Tick it off when it is used.
card-recovery-none = They are shown only when they are made, so this page has none. Those that you have stay good; the command “countersign recovery-codes” puts new ones in their place.
card-lost = When the phone is lost or broken
card-lost-scan = Scan the QR code with the new phone, or type the key: it makes the same codes as the old one.
card-lost-counter = Log in with a recovery code and run “countersign export --show” for a new QR code: the one on this page starts at a counter that is used by then.
card-lost-other = If somebody else may have the phone or this page: log in, run “countersign disable” and then “countersign enroll”. Without any code, ask an administrator to unlock your account.
card-foot = Keep this page apart from the phone and from the computer. Once it is printed, remove the file: shred -u FILE.

# What the tool says about it.
card-saved =
    The card to print is saved as { $file }, readable by you alone.
    Print it, for example with `lp { $file }`, and remove the file with `shred -u { $file }`:
    whoever has it can make your codes.
card-paper-for-picture = --paper is for cards, and their names end in .pdf
card-not-saved = { $why }. The enrollment of { $user } is active all the same, and its recovery codes are shown above: write them down now. Once this is mended, `countersign export --save FILE.pdf` makes a card without them
card-temporary-next =
    Tell { $user } to type it where the code of the app is asked for. Capitals, blanks and dashes
    do not matter. With `--uses 2` it is also good for the `countersign disable` or
    `countersign enroll --name NEW` that comes after the login.
card-disable-last-sure = { $token } is the only token of { $user }: no codes are asked for any more, and the recovery codes go with it. Remove it?
card-disable-last-done =
    { $token } was the only token of { $user }: no codes are asked for any more, and the
    recovery codes are void. Delete its entry in the app too.
card-counter-without-period = --period is for codes by time: a token with --kind hotp has none
