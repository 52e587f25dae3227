#!/bin/bash
# In a machine, after its first reboot: who enrolled still is, and the stacks are changed by command, on trial first.
# shellcheck source-path=SCRIPTDIR source=inside.sh
. "$(dirname "$0")/inside.sh"

names() { grep -q pam_countersign "/etc/pam.d/$1"; }
drop_in=/etc/ssh/sshd_config.d/10-countersign.conf
sshd_asks_pam() { sshd -T -C user=alice | grep -qx 'authenticationmethods keyboard-interactive:pam'; }
# A trial at a terminal of its own, which nobody sits at. Ends with the command, or with its terminal.
trial() { setsid script -qec "countersign pam try $*" /dev/null </dev/null >/root/trial 2>&1 & }
on_trial() { countersign pam status | grep -q 'trial is under way'; }
no_trial() { ! on_trial; }

check 'the service is up after the reboot' systemctl is-active countersignd.service countersign-login.socket
check 'alice is still enrolled' bash -c 'countersign status --user alice | grep -q "alice is enrolled"'
check 'bob is still enrolled' bash -c 'countersign status --user bob | grep -q "bob is enrolled"'
check 'a code of hers is right' bash -c "python3 $here/codes.py next alice | runuser -u alice -- countersign verify"

# Of a trial that is killed, a timer of systemd's is the way back.
trial sudo --for 6s
check 'a trial changes the stack' await 5 names sudo
check 'systemd holds a timer that goes back' bash -c 'systemctl list-timers --all | grep -i countersign'
check 'sudo asks for a code during it' door in sudo alice
killed() { local p; p=$(pgrep -x -o countersign) && kill -9 "$p"; }
check 'the trial is killed' killed
check 'it goes back by itself' await 20 no_trial
refuses 'the stack is as before' names sudo
check 'sudo asks for no code' door in sudo alice --no-code

trial sshd --sshd-config --for 6s --force
check 'a trial of SSH changes the stack' await 5 names sshd
check 'and has sshd leave the questions to PAM' sshd_asks_pam
check 'SSH asks for a code during it' door in ssh alice
check 'the trial is killed' killed
check 'it goes back by itself' await 20 no_trial
refuses 'the stack is as before' names sshd
check 'the drop-in is gone' [ ! -e "$drop_in" ]
check 'SSH takes a password alone again' door in ssh alice --no-code

trial sshd --sshd-config --for 60s --force
check 'another trial of SSH' await 5 names sshd
refuses 'nobody can confirm it before a login' countersign pam try --confirm
check 'SSH with password and code, from a second terminal' door in ssh alice
check 'the trial is confirmed' countersign pam try --confirm
check 'its timer is gone' await 5 bash -c '! systemctl list-timers --all | grep -qi countersign'
check 'the stack stays' names sshd
check 'the drop-in stays' sshd_asks_pam

check 'pam enable puts the line into the others' countersign pam enable sudo su login polkit-1
for service in sshd sudo su login polkit-1; do check "$service names the module" names "$service"; done

# What a display manager with one field has, and a program of the person's own. Without the delay of pam_unix, so that
# what is measured is the module's.
printf '%s\n' 'auth required pam_countersign.so forward_pass' 'auth required pam_unix.so nodelay try_first_pass' \
  'account required pam_unix.so' >/etc/pam.d/greeter
printf '%s\n' 'auth required pam_unix.so nodelay' 'auth required pam_countersign.so' 'account required pam_unix.so' >/etc/pam.d/own

findings() { countersign doctor --json | grep -v '"clock' | grep -E '"(error|warning)"'; }
check 'doctor is content' countersign doctor
refuses 'and warns of nothing but that the clock follows no other' findings
summary
