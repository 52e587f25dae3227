# shellcheck shell=bash
# Sourced after scripts/checks.sh: what has to be true of every built module and program. Needs rust-audit-info in PATH.
#
#   check_binary PART FILE [GLIBC]    how it is linked; packages for several releases of a distribution rely on it
#   check_list_of_crates PART FILE    what scanners read out of it

oldest_glibc=2.34 # RHEL 9, and what Debian 12's and Ubuntu 22.04's are newer than
# shellcheck disable=SC2034 # for who sources this
unwinders_glibc=2.35 # for _dl_find_object, by which the module's unwinder finds its tables; where the compiler's is older, so is this

check_binary() {
  local part=$1 file=$2 glibc=${3:-$oldest_glibc}
  check "$part needs no newer C library than $glibc" needs_glibc_at_most "$glibc" "$file"
  check "$part: addresses that the loader fills in are read-only from then on" has "$file" --program-headers GNU_RELRO
  check "$part: the loader fills all of them in at once" has "$file" --dynamic 'FLAGS_1.*NOW'
  check "$part: no stack can be executed" has "$file" --program-headers 'GNU_STACK .* RW  '
  refuses "$part: names no folder to look for libraries in" has "$file" --dynamic 'R(UN)?PATH'
  refuses "$part: names no folder of whoever built it" names_folders "$file"
}

check_list_of_crates() {
  local part=$1 file=$2
  check "$part: the list of crates in it is what is in it" lists_its_crates "$part" "$file"
}

has() { readelf --wide "$2" "$1" | grep -E "$3"; }

needs_glibc_at_most() {
  local newest
  newest=$(readelf --wide --version-info "$2" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -Vu | tail -n 1)
  echo "it needs $newest"
  [ -n "$newest" ] && [ "$(printf '%s\n' "$1" "$newest" | sort -V | tail -n 1)" = "$1" ]
}

names_folders() { strings -a "$1" | grep -F -e "$PWD/" -e "${CARGO_HOME:-$HOME/.cargo}/"; }

lists_its_crates() {
  diff <(scripts/package/crates "$1") <(rust-audit-info "$2" | jq -r '.packages[] | "\(.name) \(.version)"' | sort -u)
}
