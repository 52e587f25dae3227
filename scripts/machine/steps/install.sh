#!/bin/bash
# In a machine: the packages are installed as an administrator does, and people enroll.
# shellcheck source-path=SCRIPTDIR source=inside.sh
. "$(dirname "$0")/inside.sh"

stacks() { cat /etc/pam.d/* | sha256sum; }
before=$(stacks)

check 'apt installs the packages, without a network' package install /root/packages/now/*.deb
check 'installing them changes no stack' [ "$(stacks)" = "$before" ]
check 'dpkg finds every file as it was packed' dpkg --verify countersign libpam-countersign
check 'the service runs' systemctl is-active countersignd.service
check 'the login socket listens' systemctl is-active countersign-login.socket
check 'both come back after a reboot' systemctl is-enabled countersignd.service countersign-login.socket
refuses 'no unit has failed' failed_units
check 'doctor finds nothing that keeps people out' countersign doctor
check 'a login works as before' door in sudo alice --no-code

check 'alice enrolls at a terminal, with the key from her screen' python3 "$here/enroll.py" alice
check 'bob enrolls' python3 "$here/enroll.py" bob
check 'a login works as before: no stack asks yet' door in sudo alice --no-code

# More apps for alice, who logs in often from here on: one code is one login.
more_apps() {
  local number key
  for number in 2 3 4 5 6 7 8; do
    key=$(head -c 20 /dev/urandom | base32)
    code have alice "$key"
    echo "otpauth://totp/machine:phone$number?secret=$key&issuer=machine"
  done | countersign import uri --user alice --add
}
check 'alice has seven more apps' more_apps

# Keys for SSH, where a key is asked for.
ssh-keygen -q -t ed25519 -N '' -f /root/alice.key
install -d -m 700 -o alice -g alice /home/alice/.ssh
install -m 600 -o alice -g alice /root/alice.key.pub /home/alice/.ssh/authorized_keys
summary
