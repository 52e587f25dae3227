#!/bin/bash
# In a machine whose stacks ask: the packages are removed, and every login works with what it took before.
# shellcheck source-path=SCRIPTDIR source=inside.sh
. "$(dirname "$0")/inside.sh"

module=$(find /usr/lib/*/security -name pam_countersign.so)
check 'the module is in stacks' grep -q pam_countersign /etc/pam.d/sshd
check 'an SSH session that is open stays' door in ssh alice --stay \
  'DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 remove libpam-countersign countersign'
refuses 'nothing in /etc names the module' grep -rl pam_countersign /etc
check 'the module is gone' [ ! -e "$module" ]
check 'sshd takes what its files say' sshd -t
refuses 'sshd does not leave the password to PAM alone any more' bash -c 'sshd -T -C user=alice | grep -q "^authenticationmethods keyboard"'
for door in ssh console sudo su agent; do
  check "$door with the password alone" door in "$door" alice --no-code
done
check 'SSH with a key alone' door in ssh-key alice --no-code
refuses 'no unit of it runs' bash -c 'systemctl list-units --no-legend | grep countersign'
refuses 'no file of its units is left' bash -c 'systemctl list-unit-files --no-legend | grep countersign'
refuses 'no process of it is left' pgrep -u countersign
refuses 'no unit has failed' failed_units
check 'the store is kept' test -s /var/lib/countersign/journal

check 'the packages are purged' package purge libpam-countersign countersign
check 'the store is kept all the same' test -s /var/lib/countersign/journal
check 'and its key' test -s /var/lib/countersign/key
check 'for the user that owns it' [ "$(stat -c %U /var/lib/countersign/journal)" = countersign ]
check 'SSH' door in ssh alice --no-code
check 'sudo' door in sudo alice --no-code

check 'installed anew' package install /root/packages/now/*.deb
check 'alice is enrolled as before' bash -c 'countersign status --user alice | grep -q "alice is enrolled"'
check 'her code is right' bash -c "python3 $here/codes.py next alice | runuser -u alice -- countersign verify"
summary
