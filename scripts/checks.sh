# shellcheck shell=bash
# Sourced by the tests that are scripts: says of each property whether it holds, and counts.
#
#   check WHAT COMMAND [ARGUMENT…]    holds if the command succeeds; what it printed is shown if not
#   refuses WHAT COMMAND [ARGUMENT…]  holds if the command fails
#   skip WHAT WHY                     could not be tried here
#   summary                           prints "N passed, N failed" and fails if anything did

passed=0 failed=0 skipped=0

check() {
  local what=$1 said
  shift
  if said=$("$@" 2>&1); then
    passed=$((passed + 1))
    echo "ok   $what"
  else
    failed=$((failed + 1))
    echo "FAIL $what"
    tail -n 15 <<<"$said" | sed 's/^/     | /'
  fi
}

refuses() {
  local what=$1
  shift
  check "$what" not "$@"
}

not() { ! "$@"; }

skip() {
  skipped=$((skipped + 1))
  echo "skip $1: $2"
}

summary() {
  echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}
