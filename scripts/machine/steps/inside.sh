# shellcheck shell=bash
# Sourced by the steps, in a machine: what they have in common.
here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source-path=SCRIPTDIR source=../../checks.sh
. "$here/checks.sh"
export DEBIAN_FRONTEND=noninteractive

# The steps go on after a check that failed, so that the others are told too.
set -u

door() { python3 "$here/door.py" "$@"; }
code() { python3 "$here/codes.py" "$@"; }
package() { apt-get -q -y -o Dpkg::Use-Pty=0 "$@"; }
failed_units() { systemctl --failed --no-legend | grep .; }

# logged PATTERN: the log has such a line since the last `from_now`. The disk is tried
# anew every 5 s.
from_now() { cursor=$(journalctl -q -n 0 --show-cursor | sed -n 's/^-- cursor: //p'); }
logged() {
  local deadline=$((SECONDS + 8))
  until journalctl -q --after-cursor="$cursor" -o short --no-pager | grep -E -- "$1"; do
    if [ $SECONDS -ge $deadline ]; then
      echo "nothing in the log says: $1"
      journalctl -q --after-cursor="$cursor" -o short --no-pager | grep -i countersign | tail -n 12
      return 1
    fi
    sleep 0.2
  done
}

# await SECONDS COMMAND…: until it succeeds.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { "$@"; return 1; }
    sleep 0.1
  done
}
