# shellcheck shell=bash
# Sourced as PID 1 of fresh namespaces: makes a throwaway copy of the host's root and moves into it.

# lab_root WORK LAYER SHOW…
#   WORK   an empty directory of the host to mount things on
#   LAYER  '' for none, a directory (a lower layer), or a .tar file (unpacked into the copy)
#   SHOW   directories of the host that are shown read-only at the same path
# LAB_DISK, when set, names a directory of the host that is at /disk, to write to: for what must lie on a real disk.
# Afterwards / is an overlay whose changes live in memory, /lab-up holds those changes, and no mount of the host is left.
lab_root() {
  local work=$1 layer=$2 lower=/ show n
  shift 2
  local root=$work/root
  mount -t tmpfs -o mode=755 tmpfs "$work"
  mkdir "$work"/{up,up/changes,up/work,root,host,empty}

  if [ -d "$layer" ]; then
    # One lower directory may not lie within another; an overlay of the host alone hides that it does.
    mount -t overlay overlay -o "lowerdir=$work/empty:/" "$work/host"
    lower=$layer:$work/host
  elif [ -n "$layer" ]; then
    tar -C "$work/up/changes" --xattrs --xattrs-include='*' --numeric-owner -xpf "$layer"
  fi
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/up/changes,workdir=$work/up/work" "$root"

  mkdir -p "$root"/{proc,sys,run,tmp,dev,lab-up,lab-old}
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$root/run"
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
  mount -t tmpfs -o mode=755,nosuid tmpfs "$root/dev"
  mkdir "$root"/dev/{pts,shm}
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  for n in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "$root/dev/${n%:*}" c 1 "${n#*:}"; done
  mknod -m 666 "$root/dev/tty" c 5 0
  mount --bind "$work/up" "$root/lab-up"

  for show; do
    mkdir -p "$root$show"
    mount --bind "$show" "$root$show"
    mount -o remount,bind,ro "$root$show"
  done
  if [ -n "${LAB_DISK:-}" ]; then
    mkdir -p "$root/disk"
    mount --bind "$LAB_DISK" "$root/disk"
  fi

  cd "$root" || exit
  pivot_root . lab-old
  cd /
  umount -l /lab-old
  rmdir /lab-old
}
