#!/bin/bash
# In a machine whose stacks ask: the service killed, the bus restarted and killed, the disk full, a service that does
# not start. The log is read as an administrator would.
# shellcheck source-path=SCRIPTDIR source=inside.sh
. "$(dirname "$0")/inside.sh"
store=/var/lib/countersign
unavailable='The second factor cannot be checked right now.'
kill_it() { systemctl kill -s KILL countersignd.service; }
killed='systemctl kill -s KILL countersignd.service'

# ---- the service is killed
check 'the service is killed' kill_it
check 'SSH right after it' door in ssh alice
check 'the service runs again' await 5 systemctl -q is-active countersignd.service
check 'the service is killed while SSH waits for the code: SSH gets in' door in ssh alice --at-code "$killed"
check 'the service is killed while sudo waits for the code: sudo gets in' door in sudo alice --at-code "$killed"
check 'the same over the bus' door in own alice --at-code "$killed"
check 'the service is killed: what was used stays used' door in ssh alice --codes used,next --at-code "$killed" \
  --says 'That code was used already'

# ---- the bus goes away
check 'the bus is restarted' systemctl restart dbus.service
check 'SSH right after it' door in ssh alice
check 'sudo' door in sudo alice
check 'the service is on the new bus' await 10 countersign status --user alice
check 'a program without privileges' door in own alice
check 'polkit, once it is back too' door in polkit alice
check 'the bus is killed while SSH waits for the code: SSH gets in' \
  door in ssh alice --at-code 'systemctl kill -s KILL dbus.service'
check 'the service is on the new bus again' await 10 countersign status --user alice
check 'the bus is stopped for good' systemctl stop dbus.socket dbus.service
from_now
check 'without a bus: sudo' door in sudo alice
check 'without a bus, a program without privileges is refused, in time' door refused own alice --within 6 \
  --says "$unavailable"
check 'and the log says why' logged 'pam_countersign\(own:auth\): alice.*bus'
check 'the bus comes back' systemctl start dbus.socket dbus.service
systemctl restart systemd-logind.service polkit.service
check 'and the service to it' await 10 countersign status --user alice
check 'SSH' door in ssh alice

# ---- the disk is full
small_disk() {
  systemctl stop countersignd.service &&
    cp -a $store /root/store &&
    mount -t tmpfs -o "size=256k,mode=700,uid=$(id -u countersign),gid=$(id -g countersign)" small $store &&
    cp -a /root/store/. $store/ &&
    systemctl start countersignd.service
}
fill() { dd if=/dev/zero of=$store/filler bs=1k 2>/dev/null || true; }
enrollment_is_refused() {
  local said
  ! said=$(python3 "$here/enroll.py" carol) || return 1
  echo "$said"
  grep -q 'could not be stored and was not made' <<<"$(tr -s '[:space:]' ' ' <<<"$said")"
}
useradd -m -s /bin/bash carol
check 'the store moves to a small disk' small_disk
check 'SSH' door in ssh alice
fill
from_now
check 'the disk is full: SSH gets in' door in ssh alice
check 'the log says so, loudly, and what to do' logged 'countersignd.*(the disk|the store) takes no writes.*make room|countersignd.*the disk takes no writes.*free space'
check 'the code is used all the same' door in ssh alice --codes used,next --says 'That code was used already'
check 'sudo gets in' door in sudo alice
check 'an enrollment is refused, and told why' enrollment_is_refused
check 'carol is not enrolled' bash -c 'countersign status --user carol | grep -q "not enrolled"'
refuses 'doctor finds it' countersign doctor
check 'the service still runs' systemctl is-active countersignd.service
from_now
rm $store/filler
check 'there is room again: what was kept is written' logged 'countersignd.*the disk takes writes again'
check 'doctor is content again' countersign doctor
check 'the service is restarted' systemctl restart countersignd.service
check 'what was used while the disk was full stays used' door in sudo alice --codes used,next --says 'That code was used already'
check 'carol enrolls' python3 "$here/enroll.py" carol
whole_disk() {
  systemctl stop countersignd.service && cp -a $store/. /root/store/ && umount $store &&
    cp -a /root/store/. $store/ && rm -r /root/store && systemctl start countersignd.service
}
check 'the store moves back' whole_disk
check 'carol is still enrolled' bash -c 'countersign status --user carol | grep -q "carol is enrolled"'

# ---- the service does not start
broken=/run/systemd/system/countersignd.service.d
mkdir -p $broken
printf '[Service]\nExecStart=\nExecStart=/bin/false\n' >$broken/broken.conf
check 'the service is broken' bash -c 'systemctl daemon-reload; systemctl stop countersignd.service'
from_now
check 'by the socket: the module gives up within 6 s' door refused greeter alice --within 6 --says "$unavailable"
check 'the log says why' logged 'pam_countersign\(greeter:auth\): alice: the second factor cannot be checked'
check 'over the bus: the module gives up within 6 s' door refused own alice --within 6 --says "$unavailable"
check 'the log says why' logged 'pam_countersign\(own:auth\): alice: the second factor cannot be checked'
# pam_unix, sudo and login add delays of their own to whatever failed, 2 to 5 s.
check 'SSH is refused, and told' door refused ssh alice --within 9 --says "$unavailable"
check 'the log of sshd says why' logged 'pam_countersign\(sshd:auth\): alice from .*the second factor cannot be checked'
check 'sudo is refused' door refused sudo alice --within 9
check 'the console is refused, and told' door refused console alice --within 12 --says "$unavailable"
mv /run/countersign/login.sock /run/countersign/away
check 'without the socket, SSH is refused over the bus' door refused ssh alice --within 9 --says "$unavailable"
mv /run/countersign/away /run/countersign/login.sock
refuses 'doctor finds it' countersign doctor
rm -r $broken
check 'it is mended' bash -c 'systemctl daemon-reload; systemctl restart countersignd.service'
check 'SSH gets in' door in ssh alice
check 'sudo gets in' door in sudo alice
check 'a program without privileges gets in' door in own alice
check 'doctor is content' countersign doctor
summary
