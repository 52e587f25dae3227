#!/bin/bash
# In a machine whose stacks ask: every way to log in, with the right code, a wrong one and a used one.
# shellcheck source-path=SCRIPTDIR source=inside.sh
. "$(dirname "$0")/inside.sh"

from_now
check 'SSH with password and code' door in ssh alice
check 'the log of the service says so' logged 'countersignd.* verify user="alice" service="sshd".*: accepted'
check 'console: agetty, login, password and code' door in console alice
check 'sudo' door in sudo alice
check 'su, to a login shell' door in su alice
check "polkit: pkcheck with an agent of its own" door in polkit alice
check "polkit: pkttyagent beside it" door in pkttyagent alice
check "polkit: the tool's own question" door in administer alice
check 'a greeter with one field: password and code in it' door in greeter alice
check 'a program without privileges, over the bus' door in own alice

wrong='That code is not right.' used='That code was used already: wait for the next one.'
from_now
check 'SSH refuses three wrong codes' door refused ssh alice --codes wrong,wrong,wrong --says "$wrong"
check 'the log of sshd says so' logged 'sshd.*pam_countersign\(sshd:auth\): alice from [0-9.]*: the code was not right'
check 'SSH takes the right code after a wrong one' door in ssh alice --codes wrong,next --says "$wrong"
from_now
check 'SSH refuses a used code, and takes the next' door in ssh alice --codes used,next --says "$used"
check 'the log of sshd says so' logged 'sshd.*pam_countersign\(sshd:auth\): alice from [0-9.]*: the code was used already'
for door in console sudo su polkit own; do
  check "$door refuses a wrong code" door refused "$door" alice --codes wrong --says "$wrong"
  check "$door refuses a used code, and takes the next" door in "$door" alice --codes used,next --says "$used"
done
check 'the greeter refuses a wrong code' door refused greeter alice --codes wrong
check 'the greeter takes the right one' door in greeter alice
check 'the greeter refuses a used code' door refused greeter alice --codes used
check 'the greeter takes the next' door in greeter alice

# A key and a code, no password: as the shipped examples have it.
key_and_code() {
  cp /etc/pam.d/sshd /root/sshd.pam
  cp /etc/ssh/sshd_config.d/10-countersign.conf /root/sshd.conf
  sed '/pam_countersign/d; s/^@include common-auth.*/auth required pam_countersign.so\nauth required pam_permit.so/' \
    /root/sshd.pam >/etc/pam.d/sshd
  cp /usr/share/doc/countersign/examples/sshd_config.d/10-countersign.conf /etc/ssh/sshd_config.d/10-countersign.conf
  sshd -t && systemctl reload ssh
}
password_and_code() {
  cp /root/sshd.pam /etc/pam.d/sshd
  cp /root/sshd.conf /etc/ssh/sshd_config.d/10-countersign.conf
  sshd -t && systemctl reload ssh
}
check 'the examples for key and code are put in place' key_and_code
check 'doctor takes them for what they are' countersign doctor
check 'SSH with key and code' door in ssh-key alice
check 'SSH with key and a wrong code' door refused ssh-key alice --codes wrong,wrong,wrong --says "$wrong"
check 'SSH with key and a used code, then the next' door in ssh-key alice --codes used,next --says "$used"
check 'the code alone does not do' door refused ssh alice
check 'back to password and code' password_and_code
check 'SSH with password and code again' door in ssh alice
summary
