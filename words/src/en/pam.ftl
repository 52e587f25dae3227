# Stacks of PAM: `countersign pam`.

## Why a stack was left alone

pam-not-root = stacks are root's to change. Run this as root, with sudo for example
pam-no-service = no service has a stack of the name { $service }. `countersign pam status` lists them
pam-managed = { $file } is shared by many services, and { $manager } writes it anew. Name the services that are to ask for a code instead, such as sshd
pam-no-directory = this machine keeps its stacks in /etc/pam.conf, which is not changed here. Add this line by hand below the service's last line of the kind auth, with the service's name in front: { $line }
pam-link = { $file } is a link that leads out of /etc/pam.d, so something else looks after it. Add this line there by hand, below the line that asks for the password: { $line }
pam-link-asks = { $file } names the module and is a link that leads out of /etc/pam.d, so something else looks after it: nothing was changed. Take the line out there, or, where authselect writes it, run `/usr/libexec/countersign-authselect disable`
pam-not-understood = { $file } has no place that is certain to be right: nothing was changed. The line has to stand where everybody comes who has given a password: no "sufficient" line and no jump may end the stack before it. Change those to "required", then run this again, or add it by hand and look at it with `countersign pam status`: { $line }
pam-no-first-factor = { $file } has no line at which people show who they are, such as by a password: nothing was changed, since a code alone would let in
pam-other = { $file } is the stack of every service without one of its own: nothing was changed. Name the services that are to ask for a code instead, such as sshd
pam-unsound = { $service } names the module already, but not as it should: { $why }. Take it out with `countersign pam disable { $service }` and enable it anew
pam-needed = without the line in { $file }, anybody would be let in, or nobody, or a jump would lead elsewhere: nothing was changed. Put back by hand what stood there before, such as "@include common-auth"
pam-would-ask-twice = { $service } includes this service, and would ask for two codes. Run `countersign pam disable { $service }` first
pam-no-module = pam_countersign.so is not where libpam looks for modules, and a stack that names it would let nobody in. Install it first, or go on with --force
pam-locked-out = { $user } has no authenticator yet, and the policy would refuse { $user } here. Run `countersign enroll` first, or go on with --force
pam-busy = another `countersign pam` is changing stacks right now. Try again when it is done
pam-on-trial = a trial is under way. Keep it with `countersign pam try --confirm`, or end it with `countersign pam try --rollback`
pam-no-trial = there is no trial under way
pam-no-login = no login with a code has been accepted through { $services } since the trial began. Log in first, from another terminal
pam-no-rollback = nothing was changed, since the way back could not be arranged for: { $why }
pam-changed = { $file } was changed by somebody else in this moment. Look at it, and try again
pam-rolled-back = the trial was not confirmed: the stacks are as before
pam-still-on-trial = the trial is not over, because without our line in { $files } anybody would be let in, or a jump would lead elsewhere. Put back by hand what stood there before, such as "@include common-auth", and run `countersign pam try --rollback`
pam-exposed = others than root may write to { $file }, and so into every login: nothing was changed. Leave it to root first: `{ $mend }`
pam-file = cannot change { $file }: { $error }
pam-sshd-refuses = nothing was changed, neither a stack nor sshd, since sshd does not take the change: { $why }
pam-sshd-asks = nothing was changed, since sshd does not leave the questions to PAM: passwords would fail, and keys pass the code by. `countersign pam enable sshd --sshd-config` has it do so (`pam try sshd --sshd-config` on trial); --force goes on as it is
pam-sshd-silent = nothing was changed, since sshd does not tell its settings: { $why }. Look with `sshd -T`, or go on with --force
pam-sshd-theirs = nothing was changed, since { $file } is there already and does not leave the questions to PAM. Mend it or take it away, then try again
pam-sshd-earlier = nothing was changed, neither a stack nor sshd: { $file }, line { $line }, which sshd reads before our file, says "{ $text }". Take that line out, then try again
pam-sshd-no-include = nothing was changed, neither a stack nor sshd: /etc/ssh/sshd_config has a missing Include. Put "Include /etc/ssh/sshd_config.d/*.conf" first into it, then try again

## What was done

pam-file-changed = changed: { $file }
pam-file-made = made: { $file }
pam-file-removed = removed: { $file }
pam-kept = as it was: { $file }
pam-nothing-changed = nothing to change
pam-would-change = Nothing was changed: this is what would be.
pam-already = { $service } asks for a code already
pam-partner = { $partner } too, which is { $service } under another name
pam-also = { $service } asks for a code too, since it includes what changes
pam-substack = in { $file }, "include" is now "substack": what the included file decides would otherwise end the login before our line
pam-copied = { $file } is a copy of the distribution's file, which stays as it is
pam-passed = { $service } lets in by { $module } without a code, as without a password ({ $file }, line { $line })
pam-nothing = { $service } does not name the module
pam-linked = { $service } is a link to { $file }, and changes with it
pam-password-again = { $file } asks for the password again, in place of the two lines for a key and a code
pam-still = { $service } goes on asking, by { $file }
pam-nobody-enrolled = nobody is enrolled yet: no code will be asked for until somebody runs `countersign enroll`
pam-next = Keep this session open until a login in another one has worked.
pam-sshd-needs = sshd must leave the questions to PAM, or keys pass the code by and passwords fail. Its configuration does not say so yet: `countersign pam enable sshd --sshd-config` writes it, or put this first into /etc/ssh/sshd_config.d/10-countersign.conf:
pam-sshd-then = With { $file }, SSH takes the password and the code; keys by themselves, and root where PermitRootLogin is prohibit-password, are not let in any more.
pam-sshd-go-on = Go on?
pam-sshd-already = sshd leaves the questions to PAM already
pam-sshd-written = written: { $file }
pam-sshd-reloaded = sshd has been told to read it
pam-sshd-reload = have sshd read it: `systemctl reload ssh`, or `sshd` on Fedora
pam-sshd-removed = removed: { $file }
pam-sshd-kept = left in place: { $file }, since sshd does not take its configuration without it: { $why }
pam-sshd-other = left in place: { $file } still governs who is let in by SSH, and may keep keys out. If it is not wanted any more, remove it, then run `sshd -t` and `systemctl reload ssh` (`sshd` on Fedora)

## Status

pam-head-service = SERVICE
pam-head-codes = CODES
pam-head-why = WHY
pam-asks = asks
pam-asks-but = asks, but
pam-asks-not = no
pam-wrong = WRONG
pam-broken-stack = libpam cannot read the stack, and refuses everybody
pam-exempt = not those whom { $module } lets in
pam-key-first = a code and no password: right only where sshd asks for a key first, by "AuthenticationMethods publickey,keyboard-interactive:pam"
pam-never-asked = nobody is ever asked
pam-misplaced = asks nobody: the line belongs under “auth” ({ $file }, line { $line })
pam-skipped = { $module } lets in before anybody is asked ({ $file }, line { $line })
pam-fails-open = a wrong code lets in
pam-opens-when-missing = lets everybody in when the module cannot be loaded
pam-code-alone = a code lets in by itself
pam-lets-anybody-in = lets anybody in who needs no code
pam-asks-twice = asks twice
pam-refuses-the-exempt = refuses everybody who needs no code
pam-status-trial = A trial is under way for { $services }: keep it with `countersign pam try --confirm`, end it with `countersign pam try --rollback`.

## Trial

pam-try-now = Log in now from another terminal, through { $services }, with a code. After { $time } everything goes back by itself, unless you confirm.
pam-try-how = Confirm here once you are in, or there with `countersign pam try --confirm`.
pam-try-keep = A login through { $service } has been accepted. Keep the change?
pam-try-kept = The change is kept.
pam-back-restored = as before: { $file }
pam-back-taken-out = { $file } was changed by somebody else meanwhile: only our line was taken out
pam-back-left = { $file } was changed by somebody else meanwhile, and has no line of ours: left as it is
pam-back-needed = { $file } is left as it is: without our line anybody would be let in, or a jump would lead elsewhere
pam-interrupted = interrupted: the trial is over, and went back as told above
pam-interrupted-on-trial = interrupted: the trial could not go back and is not over. `countersign pam status` tells what is in the way
pam-trial-open = The stacks of { $services } are on trial, and go back unless the trial is confirmed; after a reboot they do not go back by themselves.
