#!/usr/bin/python3
"""A person at a terminal of a booted machine, who keeps an authenticator app. Run in the machine, as root.

    person.py enroll USER                  runs `countersign enroll` as USER and sets the app up
    person.py enroll-for USER           the same, as root with --user
    person.py code USER                    prints a code that was not used yet, waiting for it if need be
    person.py ssh USER PASSWORD            logs in over SSH with password and code
    person.py first USER PASSWORD          logs in over SSH, and is led through enrolling on the way
    person.py sudo USER PASSWORD           runs sudo as USER, with password and code

The secret keys lie in /root/app, one file a user. Exit status 0 when the person got what was asked for; what the
terminal showed is printed.
"""
import os
import re
import subprocess
import sys
import time

import pexpect

APP = "/root/app"
SSH = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
       "-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1"]
SLOW = 90  # a whole machine without the help of hardware, on a busy host


def set_up(user, key):
    os.makedirs(APP, exist_ok=True)
    with open(f"{APP}/{user}", "w", encoding="ascii") as app:
        app.write(key.replace(" ", ""))
    if os.path.exists(f"{APP}/{user}.step"):
        os.remove(f"{APP}/{user}.step")


def code(user):
    """A code of a time step behind the last used one. The daemon takes one step to either side of its own."""
    last = 0
    if os.path.exists(f"{APP}/{user}.step"):
        with open(f"{APP}/{user}.step", encoding="ascii") as app:
            last = int(app.read())
    now = time.time()
    step = int(now // 30)
    # The step before goes out of reach soon, and typing takes a while on a slow machine.
    earliest = step - 1 if now % 30 < 8 else step
    wanted = max(last + 1, earliest)
    if wanted > step + 1:
        time.sleep((wanted - 1) * 30 - now + 0.2)
    with open(f"{APP}/{user}.step", "w", encoding="ascii") as app:
        app.write(str(wanted))
    with open(f"{APP}/{user}", encoding="ascii") as app:
        key = app.read()
    return subprocess.run(["oathtool", "--totp", "--base32", f"--now=@{wanted * 30}", "-"],
                          input=key, capture_output=True, text=True, check=True).stdout.strip()


def terminal(program, *arguments):
    spawned = pexpect.spawn(program, list(arguments), encoding="utf-8", timeout=SLOW, dimensions=(60, 120))
    spawned.logfile_read = sys.stdout
    spawned.delaybeforesend = 0.05
    return spawned


def done(spawned):
    spawned.expect(pexpect.EOF)
    spawned.close()
    return spawned.exitstatus == 0


KEY = r"((?:[A-Z2-7]{4} ){3,}[A-Z2-7]{1,4})"


def enroll(user):
    return set_up_in(user, terminal("runuser", "-u", user, "--", "countersign", "enroll", "--no-qr"))


def enroll_for(user):
    return set_up_in(user, terminal("countersign", "enroll", "--no-qr", "--user", user))


def set_up_in(user, spawned):
    spawned.expect(KEY)
    set_up(user, spawned.match.group(1))
    spawned.expect("[Cc]ode.*: ")
    spawned.sendline(code(user))
    return done(spawned)


def ssh(user, password):
    spawned = terminal("ssh", *SSH, f"{user}@127.0.0.1", "id", "-un")
    spawned.expect("[Pp]assword: ")
    spawned.sendline(password)
    asked = spawned.expect(["Authenticator code: ", rf"\n{re.escape(user)}\r"])
    if asked == 0:
        spawned.sendline(code(user))
        spawned.expect(rf"\n{re.escape(user)}\r")
    return done(spawned) and asked == 0


def first(user, password):
    spawned = terminal("ssh", *SSH, f"{user}@127.0.0.1", "id", "-un")
    spawned.expect("[Pp]assword: ")
    spawned.sendline(password)
    spawned.expect("Type yes for a.*key for the key alone.*: ")
    spawned.sendline("key")
    spawned.expect(KEY)
    set_up(user, spawned.match.group(1))
    spawned.expect("[Cc]ode[^\r\n]*: ")
    spawned.sendline(code(user))
    spawned.expect("(?s)[Rr]ecovery codes.*: ")
    spawned.sendline("")
    spawned.expect(rf"\n{re.escape(user)}\r")
    return done(spawned)


def sudo(user, password):
    spawned = terminal("runuser", "-u", user, "--", "sudo", "-k", "id", "-un")
    spawned.expect(rf"password for {re.escape(user)}: ")
    spawned.sendline(password)
    spawned.expect("Authenticator code: ")
    spawned.sendline(code(user))
    spawned.expect(r"\nroot\r")
    return done(spawned)


def main():
    verb, user, *rest = sys.argv[1:]
    if verb == "code":
        print(code(user))
        return 0
    try:
        got = {"enroll": enroll, "enroll-for": enroll_for, "ssh": ssh, "first": first, "sudo": sudo}[verb](user, *rest)
    except (pexpect.EOF, pexpect.TIMEOUT) as error:
        print(f"\n{type(error).__name__}")
        got = False
    return 0 if got else 1


sys.exit(main())
