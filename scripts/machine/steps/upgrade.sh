#!/bin/bash
# In a machine with people at work: a later version of the packages is installed, and nobody notices.
# shellcheck source-path=SCRIPTDIR source=inside.sh
. "$(dirname "$0")/inside.sh"

version() { dpkg-query -W -f '${Version}' "$1"; }
install="DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 --allow-downgrades install"
later="$install /root/packages/later/*.deb"
back="$install /root/packages/now/*.deb"
people() {
  countersign list --json |
    python3 -c 'import json, sys; print([(who["user"], [app["created"] for app in who["tokens"]], who["recovery_codes_left"]) for who in map(json.loads, sys.stdin)])'
}
settings() { cat /etc/pam.d/* /etc/ssh/sshd_config.d/* /etc/countersign/countersign.toml | sha256sum; }

# Bob and carol log in without a pause meanwhile: he by a program of root's, over the socket, she by one of her own, over
# the bus. With a counter's codes, of which there is always another one.
printf '%s\n' 'auth required pam_countersign.so' 'account required pam_unix.so' >/etc/pam.d/loop
cat >/root/loop <<'LOOP'
#!/bin/bash
# loop USER COMMAND…: logs USER in by that until /root/loop.stop is there. What was refused is in /root/loop.USER.refused.
user=$1
shift
: >"/root/loop.$user.refused"
count=0 slowest=0
while [ ! -e /root/loop.stop ] && read -r code; do
  began=$(date +%s%N)
  said=$(echo "$code" | "$@" 2>&1) || echo "login $count: $said" >>"/root/loop.$user.refused"
  took=$((($(date +%s%N) - began) / 1000000))
  [ $took -le $slowest ] || slowest=$took
  count=$((count + 1))
done <"/root/loop.$user.codes"
echo "$count logins of $user, the slowest $slowest ms" >"/root/loop.$user.count"
LOOP
chmod +x /root/loop
with_counter() {
  local user=$1 key
  key=$(head -c 20 /dev/urandom | base32)
  echo "otpauth://hotp/machine:$user?secret=$key&issuer=machine&counter=0" |
    countersign import uri --user "$user" --add >/dev/null
  oathtool --hotp --base32 --counter 0 --window 6000 "$key" >"/root/loop.$user.codes"
}
id carol >/dev/null 2>&1 || useradd -m -s /bin/bash carol
rm -f /root/loop.stop /root/loop.*.count
check 'bob and carol have tokens that count' eval 'with_counter bob && with_counter carol'
version=$(version libpam-countersign) pid=$(systemctl show -P MainPID countersignd.service)
people=$(people) settings=$(settings)
/root/loop bob pamtester loop bob authenticate &
/root/loop carol runuser -u carol -- pamtester loop carol authenticate &
no_refusal() {
  local user=$1
  touch /root/loop.stop
  await 10 test -s "/root/loop.$user.count"
  cat "/root/loop.$user.count" "/root/loop.$user.refused"
  journalctl -q --no-pager -b | grep "pam_countersign(loop:auth): $user.*cannot be checked" | tail -n 5
  [ ! -s "/root/loop.$user.refused" ] && [ "$(cut -d ' ' -f 1 "/root/loop.$user.count")" -ge 50 ]
}

check 'an SSH session that is open stays, and answers' door in ssh alice --stay "$later"
check 'the later version is installed' [ "$(version libpam-countersign)" != "$version" ]
check 'of both packages' [ "$(version countersign)" = "$(version libpam-countersign)" ]
check 'the service was restarted' [ "$(systemctl show -P MainPID countersignd.service)" != "$pid" ]
check 'it runs' systemctl is-active countersignd.service countersign-login.socket
check 'enrollments are as before' [ "$(people)" = "$people" ]
check 'stacks, drop-ins and configuration are as before' [ "$(settings)" = "$settings" ]
check 'SSH' door in ssh alice
check 'an SSH login that waits for its code gets in across the upgrade' door in ssh alice --at-code "$back"
check 'so does sudo' door in sudo alice --at-code "$later"
check 'and a console' door in console alice --at-code "$back"
check 'and a program without privileges' door in own alice --at-code "$later"
check 'no login was refused in all that time, over the socket' no_refusal bob
check 'nor over the bus' no_refusal carol
sed 's/^/     | /' /root/loop.*.count
rm -f /etc/pam.d/loop
check 'doctor is content' countersign doctor
refuses 'no unit has failed' failed_units
summary
