#!/usr/bin/python3
"""Tries what somebody would who has taken the daemon over. Run in the daemon's unit in its place, with the pid of the
daemon; prints a line for each attempt: kept or open, what, and what the kernel said, with tabs between."""
import errno
import mmap
import os
import socket
import subprocess
import sys

daemon = sys.argv[1]


def attempt(what, act, *refusals):
    """Kept, if `act` fails with one of these errors, by any of them if none is named."""
    try:
        said, verdict = repr(act()), "open"
    except OSError as error:
        said = errno.errorcode.get(error.errno, str(error.errno))
        verdict = "kept" if not refusals or said in refusals else "open"
    print(verdict, what, said, sep="\t", flush=True)


def read(path):
    with open(path, "rb") as file:
        return file.read(16)


def write(path):
    with open(path, "wb") as file:
        return file.write(b"x")


def syscall(number, *arguments):
    """perl is on every Debian, and calls the kernel without a library that asks for memory to write and run."""
    call = f"my $r = syscall({number}, {', '.join(map(str, arguments))}); exit($r == -1 ? 100 + ($! & 63) : 0)"
    status = subprocess.run(["perl", "-e", call], check=False).returncode
    if status >= 100:
        raise OSError(status - 100, "")
    return status


def run_what_was_written(folder):
    path = os.path.join(folder, "intruder")
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n")
    try:
        os.chmod(path, 0o700)
        return subprocess.run([path], check=False).returncode
    finally:
        os.remove(path)


def works(what, act):
    """What the daemon needs must not be refused."""
    try:
        said, verdict = repr(act()), "kept"
    except OSError as error:
        said, verdict = repr(error), "open"
    print(verdict, what, said, sep="\t", flush=True)


STATE = "/var/lib/countersign"

attempt("nobody’s home is there", lambda: os.listdir("/home/alice"))
attempt("root’s home is not either", lambda: os.listdir("/root"))
attempt("the passwords cannot be read", lambda: read("/etc/shadow"), "EACCES")
for place in ["/etc/countersign", "/etc", "/usr/lib", "/usr/bin", "/var/lib", "/var/log", "/run", "/run/countersign", "/boot", "/srv", "/opt"]:
    if os.path.isdir(place):
        attempt(f"{place} cannot be written to", lambda place=place: write(f"{place}/intruder"), "EROFS", "EACCES")
works("the store can be", lambda: (write(f"{STATE}/intruder"), os.remove(f"{STATE}/intruder")))
for place in [STATE, "/tmp", "/var/tmp"]:
    attempt(f"what was written to {place} cannot be run", lambda place=place: run_what_was_written(place), "EACCES")
for name in ["AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_ALG", "AF_VSOCK"]:
    kind = socket.SOCK_SEQPACKET if name == "AF_ALG" else socket.SOCK_STREAM
    attempt(f"no socket of {name}", lambda name=name, kind=kind: socket.socket(getattr(socket, name), kind), "EAFNOSUPPORT")
works("one of AF_UNIX", lambda: socket.socket(socket.AF_UNIX))
attempt("no memory to write and run", lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC), "EPERM", "EACCES")
x86 = os.uname().machine == "x86_64"
for what, number in {
    "ptrace": 101 if x86 else 117,
    "process_vm_readv": 310 if x86 else 270,
    "mount": 165 if x86 else 40,
    "bpf": 321 if x86 else 280,
    "keyctl": 250 if x86 else 219,
    "perf_event_open": 298 if x86 else 241,
    "userfaultfd": 323 if x86 else 282,
    "io_uring_setup": 425,
    "setuid": 105 if x86 else 146,
}.items():
    attempt(f"no {what}", lambda number=number: syscall(number, 0, 0, 0, 0, 0), "EPERM")
attempt("no namespace of its own", lambda: syscall(272 if x86 else 97, 0x10000000), "EPERM")
attempt("no file that gives its rights away", lambda: os.open(f"{STATE}/suid", os.O_CREAT, 0o4755), "EPERM")
attempt("the daemon’s memory is out of reach", lambda: read(f"/proc/{daemon}/mem"))
attempt("so is the first process", lambda: os.readlink("/proc/1/exe"))
attempt("nobody can be signalled", lambda: os.kill(1, 0))
for device in ["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/rtc0", "/dev/tpmrm0"]:
    attempt(f"no {device}", lambda device=device: read(device))
attempt("the kernel’s settings cannot be changed", lambda: write("/proc/sys/kernel/core_pattern"))
attempt("nor groups of processes", lambda: os.mkdir("/sys/fs/cgroup/intruder"))
print("tried all")
