# shellcheck shell=bash
# Sourced: the packages that the tests in machines are about. COUNTERSIGN_PACKAGES names a folder to take them from as
# they are; else they are those of `make deb`, made anew unless they are of this commit.

packages=$(readlink -m "${COUNTERSIGN_PACKAGES:-${CARGO_TARGET_DIR:-target}/package}")

packages_of_this_commit() {
  [ -n "${COUNTERSIGN_PACKAGES:-}" ] ||
    [ "$(cat "$packages/deb/commit" 2>/dev/null)" = "$(git rev-parse HEAD)" ] || make deb
}

# package_file NAME: where the package of that name is.
package_file() {
  local file
  for file in "$packages/$1.deb" "$packages/$1"_*.deb; do
    [ ! -e "$file" ] || { echo "$file"; return; }
  done
  echo "$0: $packages has no package $1" >&2
  return 1
}
