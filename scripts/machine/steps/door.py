"""Logs somebody in as a person does, at a terminal, and says whether it went as expected (exit status 0) or not (1).

    door.py in DOOR USER [OPTION…]         USER gets in
    door.py refused DOOR USER [OPTION…]    USER is asked, and does not get in

    --codes next,wrong,used   what is typed where a code is asked for, in order (default: next, each time);
                              when there is no more, the person gives up
    --no-code                 no code may be asked for
    --at-code COMMAND         what happens while the question for the code stands
    --says TEXT               the person must have read this
    --within SECONDS          how long all of it may take
    --stay COMMAND            once in, the session lasts while this command runs outside, and must still answer then
"""
import argparse
import os
import random
import subprocess
import sys
import time

import pexpect

HERE = os.path.dirname(os.path.abspath(__file__))
IN = "IN-AS-"
TELL = 'echo IN"-"AS-$(id -un)'
BOTH, CODE, PASSWORD, LOGIN = "Password & code: ?", "(?i)authenticator code: ?", "(?i)password[^:\n]*: ?", "machine login: "
# What polkit is asked for: an act of ours, and one of the system's that is there without us.
ADMINISTER, MANAGE = "org.countersign1.administer", "org.freedesktop.systemd1.manage-units"


def ssh(user, *options):
    # Each connection has an address of its own: the newer sshd shuts out addresses that fail often.
    address = f"127.1.{random.randrange(250)}.{random.randrange(1, 250)}"
    settings = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "NumberOfPasswordPrompts=1", *options]
    return ["ssh", "-tt", "-b", address, *(f"-o{setting}" for setting in settings), f"{user}@127.0.0.1"]


def as_user(user, script):
    return ["runuser", "-u", user, "--", "bash", "-c", script]


# What is started. A shell that waits behind it is asked who it is.
DOORS = {
    "ssh": lambda user: ssh(user, "PubkeyAuthentication=no"),
    "ssh-key": lambda user: ssh(user, f"IdentityFile=/root/{user}.key"),
    "console": lambda user: ["/sbin/agetty", "--noclear", "-", "vt100"],
    "sudo": lambda user: as_user(user, f"sudo -k bash -c '{TELL}'"),
    "su": lambda user: as_user("bob", f"su - {user} -c '{TELL}'"),
    "polkit": lambda user: as_user(user, f"pkcheck -u --enable-internal-agent -a {ADMINISTER} -p $$ && {TELL}"),
    "agent": lambda user: as_user(user, f"pkcheck -u --enable-internal-agent -a {MANAGE} -p $$ && {TELL}"),
    "pkttyagent": lambda user: as_user(user, f"pkttyagent --process $$ & sleep 1; pkcheck -u -a {ADMINISTER} -p $$ && {TELL}; kill %1"),
    "administer": lambda user: as_user(user, f"countersign list --no-pager && {TELL}"),
    "greeter": lambda user: ["bash", "-c", f"pamtester greeter {user} authenticate acct_mgmt && echo {IN}{user}"],
    "own": lambda user: as_user(user, f"pamtester own {user} authenticate && {TELL}"),
}
# Who stands there in the end, where it is not the user.
BECOMES = {"sudo": "root"}


class Terminal(pexpect.spawn):
    """Some logins hang their terminal up and open it again: the end of a file in between is none."""

    def read_nonblocking(self, size=1, timeout=-1):
        end = time.time() + 2
        while True:
            try:
                return super().read_nonblocking(size, timeout)
            except pexpect.EOF:
                self.flag_eof = self.ptyproc.flag_eof = False
                if time.time() > end or not self.isalive():
                    raise
                time.sleep(0.05)


def code(kind, user):
    command = [sys.executable, f"{HERE}/codes.py", kind, user]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def walk(door, ear, codes, wish):
    """Answers until the person is in or not. Returns whether they are, and how many codes were asked for."""
    password = f"{wish.user}pw"
    asked = passwords = 0
    while True:
        met = door.expect([IN + "[a-z]+", BOTH, CODE, PASSWORD, LOGIN, r"[$#] $", pexpect.EOF])
        if met == 0:
            return True, asked
        if met in (1, 2):
            asked += 1
            if wish.at_code and asked == 1:
                subprocess.run(wish.at_code, shell=True, check=True, stdout=subprocess.DEVNULL)
            kind = codes.pop(0) if codes else (None if wish.codes else "next")
            if kind is None:
                return False, asked
            door.waitnoecho(2)
            door.sendline((password if met == 1 else "") + code(kind, wish.user))
        elif met == 3:
            passwords += 1
            if passwords > 1 and wish.expected == "refused":
                return False, asked
            door.waitnoecho(2)
            door.sendline(password)
        elif met == 4:
            if wish.expected == "refused" and ear.said.count("login: ") > 1:
                return False, asked
            door.sendline(wish.user)
        elif met == 5:
            door.sendline(TELL)
        else:
            return False, asked


class Ear:
    """Keeps what came to the terminal."""

    def __init__(self):
        self.said = ""

    def write(self, text):
        self.said += text

    def flush(self):
        pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("expected", choices=["in", "refused"])
    parser.add_argument("door", choices=DOORS)
    parser.add_argument("user")
    parser.add_argument("--codes", default="")
    parser.add_argument("--no-code", action="store_true")
    parser.add_argument("--at-code")
    parser.add_argument("--says", action="append", default=[])
    parser.add_argument("--within", type=float, default=40)
    parser.add_argument("--stay")
    wish = parser.parse_args()

    command = DOORS[wish.door](wish.user)
    ear = Ear()
    began = time.time()
    door = Terminal(command[0], command[1:], timeout=wish.within + 20, encoding="utf-8", codec_errors="replace",
                    dimensions=(24, 200), env={**os.environ, "TERM": "dumb", "LC_ALL": "C.UTF-8"})
    door.logfile_read = ear
    complaints = []
    try:
        got_in, asked = walk(door, ear, [kind for kind in wish.codes.split(",") if kind], wish)
    except pexpect.TIMEOUT:
        got_in, asked = False, 0
        complaints.append("it hung")
    took = time.time() - began

    if got_in:
        who = door.after.removeprefix(IN)
        if who != BECOMES.get(wish.door, wish.user):
            complaints.append(f"in as {who}")
        if wish.stay:
            stayed = subprocess.run(wish.stay, shell=True, capture_output=True, text=True, check=False)
            if stayed.returncode:
                complaints.append(f"meanwhile: {stayed.stdout[-2000:]}{stayed.stderr[-2000:]}")
            door.sendline('echo STILL"-"THERE')
            if door.expect(["STILL-THERE", pexpect.EOF, pexpect.TIMEOUT], timeout=10):
                complaints.append("the session ended meanwhile")
    door.close(force=True)

    said = ear.said.replace("\r", "")
    if got_in != (wish.expected == "in"):
        complaints.append("got in" if got_in else "did not get in")
    if wish.no_code and asked:
        complaints.append("was asked for a code")
    if not wish.no_code and not asked and wish.expected == "in":
        complaints.append("was not asked for a code")
    complaints += [f"did not read: {text}" for text in wish.says if text not in " ".join(said.split())]
    if took > wish.within:
        complaints.append(f"took {took:.1f} s")
    print(said)
    print(f"{wish.door}: {took:.1f} s, {asked} codes asked for; {'; '.join(complaints) or 'as expected'}")
    sys.exit(1 if complaints else 0)


main()
