doctor-subject-bus = message bus
doctor-subject-daemon = daemon
doctor-subject-clock = clock
doctor-subject-sshd = sshd
doctor-subject-pam = PAM stacks
doctor-subject-policy = configuration and rules
doctor-subject-store = enrollments

doctor-mark-good = ok
doctor-mark-error = ERROR
doctor-mark-warning = warning
doctor-mark-note = note

doctor-unseen = Not looked at:
doctor-unseen-copy = the daemon, the clock and sshd: these are files, not a running machine
doctor-unseen-daemon = what the daemon says of itself and who is enrolled (run this as root)
doctor-unseen-sshd = the effective settings of sshd (run this as root)
doctor-unseen-store = owners and modes of the store (run this as root)
doctor-unseen-socket = the login socket (run this as root)
doctor-unseen-users = sshd's settings for more than the first { $count } enrolled users
doctor-summary = { $errors ->
        [one] { $errors } error
       *[other] { $errors } errors
    }, { $warnings ->
        [one] { $warnings } warning
       *[other] { $warnings } warnings
    }, { $notes ->
        [one] { $notes } note
       *[other] { $notes } notes
    }.
doctor-unwell = { $errors ->
        [one] { $errors } error was found; the report says what mends it
       *[other] { $errors } errors were found; the report says what mends them
    }
doctor-no-answer = no answer within { $seconds } s

doctor-bus-unreachable = The message bus cannot be reached ({ $why }).
doctor-bus-owner = The name org.countersign1 belongs to uid { $uid }, which is not the daemon's user: nobody's codes are judged there.
doctor-bus-not-activatable = The message bus does not know how to start the daemon.
doctor-bus-policy = The bus policy org.countersign1.conf is not installed: the daemon may not take its name, and nobody may call it.
doctor-bus-service = The file org.countersign1.service is not installed: the bus cannot start the daemon.
doctor-polkit-action = The polkit action org.countersign1.administer is not installed: nobody but root can administer.

doctor-daemon-program = The daemon's program { $path } is not there.
doctor-daemon-user = There is no user “{ $user }”, as whom the daemon runs.
doctor-daemon-silent = The daemon does not answer ({ $why }): whoever needs a code is refused.
doctor-daemon-version = The daemon that runs is version { $daemon }, and this tool { $tool }.
doctor-daemon-denied = SELinux kept the daemon from something today.
doctor-socket-silent = The login socket is there and the daemon does not answer on it ({ $why }): logins have the message bus alone.
doctor-unit-masked = The unit { $unit } is masked, so nothing starts it.
doctor-unit-failed = The unit { $unit } has failed.
doctor-unit-socket = The login socket is not switched on: anybody who crowds the message bus holds up logins.

doctor-clock-implausible = The clock is years behind: no code can be right.
doctor-clock-daemon = The daemon's clock and this program's are { $seconds } s apart.
doctor-clock-off = The clock is off by { $seconds } s.
doctor-clock-unsynchronised = The clock follows no other: it will drift until right codes are refused.
doctor-clock-unknown = Nothing on this machine tells whether the clock is right; compare it with another one.
doctor-clock-hardware = The hardware's clock is off by more than any time zone: after the next start codes are refused until the clock is set.
doctor-clock-future = The last code of { $user } was accepted at a time that is still to come: the clock was wrong then or is now, and newer codes may be refused.

doctor-sshd-refused = sshd does not take its configuration and would not come back after a restart: { $why }
doctor-sshd-order = { $early } switches keyboard-interactive off before { $late } is read, and sshd keeps the first value.
doctor-sshd-without = Somebody is enrolled, and sshd's PAM stack asks for no code.
doctor-sshd-usepam = For { $user }, sshd does not ask PAM (UsePAM no), and so for no code.
doctor-sshd-interactive = For { $user }, sshd cannot ask for a code (KbdInteractiveAuthentication no).
doctor-sshd-key-alone = sshd lets { $user } in by “{ $method }” alone: PAM is not asked then, nor is a code.
doctor-sshd-password = sshd's “password” method answers every question of PAM with the password, so it fails where a code is asked for; keyboard-interactive works.
doctor-sshd-password-alone = sshd asks { $user } for the code by its “password” method alone, which answers every question of PAM with the password: every such login fails.
doctor-sshd-tries = MaxAuthTries is so low that one mistyped code ends the connection.
doctor-sshd-grace = LoginGraceTime is under a minute: too short to fetch a phone, and for an enrollment at login.
doctor-sshd-root = root cannot log in over SSH: every way asks PAM, and PermitRootLogin does not let root answer.

doctor-pam-trial = A change to { $services } is on trial, and is taken back unless somebody confirms it.
doctor-pam-nowhere = No PAM stack names pam_countersign, so no login asks for a code.
doctor-module-missing = Stacks name { $module }, and { $path } is not there: whoever uses them is refused.
doctor-from-source = in the directory of the source, as it was installed
doctor-module-or-disable = or, to do without codes: countersign pam disable --all
doctor-module-foreign = { $path } is built for another machine: whoever needs it is refused.
doctor-module-other = { $path } is not a PAM module: whoever needs it is refused.
doctor-module-exposed = Somebody besides root may write to { $path }, and so into every login.
doctor-stack-exposed = Somebody besides root may write to { $path }, and so into every login.
doctor-stack-skipped = { $service }: the code at { $place } is not asked for, because { $module } at { $before } ends the stack before it.
doctor-stack-unreached = { $service }: the code at { $place } is never asked for.
doctor-stack-misplaced = The line at { $place } asks nobody: a code is asked for on a line of the kind “auth” alone.
doctor-stack-exempt = { $service }: { $module } at { $place } lets some people pass without a code.
doctor-stack-fails-open = { $service }: a wrong code lets in too, since the line at { $place } does not count.
doctor-stack-opens-when-missing = { $service }: the line at { $place } lets in without a code if the module cannot be loaded.
doctor-stack-code-alone = { $service }: a code alone lets in, without the password.
doctor-stack-anybody = { $service }: whoever needs no code is let in without having shown anything.
doctor-stack-twice = { $service }: two codes are asked for in one login.
doctor-stack-refuses = { $service }: whoever needs no code is refused.
doctor-stack-early = { $service }: the code is asked for before the password, so that a guesser learns whether it was right.
doctor-stack-peer = { $service }: { $module } at { $place } asks for a code as well, so two are asked for.
doctor-stack-pair = { $asking } asks for a code and { $silent } does not, so who uses the second goes round it.
doctor-stack-beside = { $manager } asks for a code; { $way } is a way in without one.
doctor-stack-mute = The line at { $place } reaches { $services }, where nobody can type a code: enrolled users are refused there.
doctor-stack-file-missing = { $service }: { $place } includes { $file }, which is not there.
doctor-stack-too-deep = { $service }: files include each other in a circle at { $place }.
doctor-stack-nonsense = { $service }: libpam makes no sense of { $place }, and refuses.
doctor-option-unknown = { $place }: the module makes no sense of the option “{ $option }”, and passes over it.
doctor-option-open = { $place }: “unavailable=ignore” lets in without a code whenever the daemon cannot be reached.
doctor-option-bus = { $place }: “bus=” is for tests; whoever listens there judges codes.

doctor-policy-broken = The configuration is not in force: { $problem }
doctor-policy-stale = The daemon runs with an older configuration than the one in the files.
doctor-policy-odd = A rule is odd: { $remark }
doctor-policy-daemon = The daemon does not take the configuration: { $problem }
doctor-policy-off = Rule { $rule } asks nobody for a code, and no rule before it asks anybody: the second factor is off.
doctor-policy-not-enrolled = { $user } must have a code and is not enrolled, so is refused.
doctor-policy-lock-out = A rule asks everybody for a code and nobody is enrolled: nobody gets in, not even root.
doctor-policy-root = A rule asks everybody for a code, and root is not enrolled and has no other way in at the console.

doctor-store-damaged = What lies on the disk is damaged: { $why }
doctor-store-closed = The store cannot be used: { $why }
doctor-store-unsaved = { $count ->
        [one] { $count } change is
       *[other] { $count } changes are
    } in memory alone: make room on the disk before the daemon is restarted, or used codes are good again.
doctor-store-owner = { $path } does not belong to { $user }.
doctor-store-open-to-others = Others than the daemon may look into { $path }.
doctor-store-full = There are { $kib } KiB left on the disk under the store.
doctor-store-read-only = The disk under the store takes no writes: enrollments are refused.
doctor-record-foreign = The enrollment of { $user } is that of an earlier user of the name: it counts for nobody, and { $user } is refused.
doctor-record-unreadable = The enrollment of { $user } cannot be read, so { $user } is refused: { $why }
doctor-record-peer = { $user } is enrolled here and still has { $path }, which holds a secret that every program of theirs can read.
