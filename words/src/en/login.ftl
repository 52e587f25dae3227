# What the PAM module says during a login.
login-question = Authenticator code:
login-question-both = Password & code:
login-wrong = That code is not right.
login-used = That code was used already: wait for the next one.
login-used-recovery-code = That recovery code was used already: take another one of your list.
login-used-temporary-code = That temporary code was used already: ask your administrator for another.
login-throttled = Too many wrong codes: try again in { $seconds } s.
login-throttled-a-while = Too many wrong codes: try again later.
login-locked = Too many wrong codes: ask your administrator to unlock your account.
login-must-enroll = You must set up an authenticator code before you can log in: log in over SSH or at a terminal to do it, or ask your administrator.
login-denied = You may not log in here: ask your administrator.
login-bad-user-name = That user name cannot be used.
login-user-changed = The user name changed during the login: log in again.
login-unavailable = The second factor cannot be checked right now.
login-recovery-code = { $left ->
    [0] That was your last recovery code: run `countersign recovery-codes` for new ones.
    [one] That was a recovery code: { $left } is left.
   *[other] That was a recovery code: { $left } are left.
}
login-date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
login-enroll-question =
    Set up an authenticator app for your logins now? Type yes for a QR code, key for
    the key alone (if █▄▀ do not look like blocks), or press Enter to do it later
    (until { $date }, { $time } UTC):
login-enroll-question-now =
    You must set up an authenticator app before you can log in here. Type yes for a
    QR code, or key for the key alone (if █▄▀ do not look like blocks):
login-enroll-scan = Scan this with the app, or add the account by hand:
login-enroll-type = Add this account to the app:
login-enroll-account = Account: { $account }
login-enroll-issuer = Issuer: { $issuer }
login-enroll-key = Key:
login-enroll-kind = Codes: { $digits } digits, every { $period } s, { $algorithm }
login-enroll-turn = If the app does not see the picture, type swap to turn it dark for bright, or key for the key alone.
login-enroll-code = Code that the app shows:
login-enroll-done =
    That code is right: the app counts once this login is through. If you lose it, these
    recovery codes let you in, each of them once. Write them down: they are not shown again.
login-enroll-noted = Press Enter when you have noted them:
login-enroll-refused = This login needs an authenticator app: log in at a terminal, and type yes or key when you are asked.
login-enroll-not-confirmed = That code is not right, and nothing was set up: see whether the clock of the phone is right, then log in again.
login-enroll-failed = Setting up the authenticator app failed, and nothing has changed: try again at your next login.
login-enroll-not-kept = The authenticator app could not be set up after all: remove the new account from it, then log in again.
