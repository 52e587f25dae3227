# shellcheck shell=bash
# Sourced: where machines and what they are made of are kept. COUNTERSIGN_MACHINES names a place to share.

[ "$(id -u)" = 0 ] || { echo "$0: not root: machines need mounts and namespaces" >&2; exit 1; }
machines=$(readlink -m "${COUNTERSIGN_MACHINES:-${CARGO_TARGET_DIR:-$(dirname "${BASH_SOURCE[0]}")/../../target}/machine}")
mkdir -p "$machines"

stop() { echo "$0: $*" >&2; exit 1; }

# need PROGRAM PACKAGE…: installs the packages by apt when the program is not there.
need() {
  local program=$1
  shift
  ! command -v "$program" >/dev/null || return 0
  echo "$0: installing $*" >&2
  {
    apt-get -o DPkg::Lock::Timeout=300 -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install "$@"
  } >/dev/null
}

# The archive that this host's own apt takes Debian from, and the one of security updates.
debian_archive() { debian_addresses | { grep -v security || true; } | head -n 1; }
debian_security() { debian_addresses | { grep security || true; } | head -n 1; }
debian_addresses() {
  # shellcheck disable=SC2016
  local format='$(REPO_URI)' addresses
  addresses=$(apt-get indextargets --format "$format" 'Created-By: Packages' 'Origin: Debian')
  if [ -z "$addresses" ]; then
    apt-get -o DPkg::Lock::Timeout=300 -qq update
    addresses=$(apt-get indextargets --format "$format" 'Created-By: Packages' 'Origin: Debian')
  fi
  [ -n "$addresses" ] || stop "this host's apt knows no archive of Debian to take packages from"
  echo "$addresses"
}
