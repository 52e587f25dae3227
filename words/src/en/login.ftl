# What the PAM module says during a login.
login-question = Authenticator code:
login-question-both = Password & code:
login-wrong = That code is not right.
login-used = That code was used already: wait for the next one.
login-throttled = Too many wrong codes: try again in { $seconds } s.
login-throttled-a-while = Too many wrong codes: try again later.
login-locked = Too many wrong codes: ask your administrator to unlock your account.
login-must-enroll = You must set up an authenticator code before you can log in: run `countersign enroll` or ask your administrator.
login-denied = You may not log in here: ask your administrator.
login-bad-user-name = That user name cannot be used.
login-user-changed = The user name changed during the login: log in again.
login-unavailable = The second factor cannot be checked right now.
login-recovery-code = { $left ->
    [0] That was your last recovery code: run `countersign recovery-codes` for new ones.
    [one] That was a recovery code: { $left } is left.
   *[other] That was a recovery code: { $left } are left.
}
