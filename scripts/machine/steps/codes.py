"""The authenticator apps of the people in a machine: oathtool makes the codes, a file remembers which were typed.

    codes.py only USER KEY     USER has an app with this key (base32), and no other
    codes.py have USER KEY     USER has one more
    codes.py next USER         a code that nobody has typed yet; waits for one when there is none
    codes.py now USER          what the first app shows at this moment, typed already or not
    codes.py used USER         the code that was typed last
    codes.py wrong USER        a code that none of the apps shows

One code is one login, so whoever logs in ten times in a minute needs several apps: a code is taken from each in turn.
"""
import fcntl
import json
import subprocess
import sys
import time

FILE = "/root/codes.json"
PERIOD = 30
# The service accepts one period on either side; the older one is left alone shortly before it goes out.
MARGIN = 10


def code(key, step):
    at = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(step * PERIOD))
    command = ["oathtool", "--totp", "--base32", "--now", at, key]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def fresh(apps):
    """The oldest code that is still good, of the app that was used least lately."""
    while True:
        now = time.time()
        first = int(now) // PERIOD - 1
        if now % PERIOD > PERIOD - MARGIN:
            first += 1
        app = min(apps, key=lambda app: app["last"])
        step = max(first, app["last"] + 1)
        if step <= int(now) // PERIOD:
            app["last"] = step
            return code(app["key"], step)
        time.sleep(0.2)


def wrong(apps):
    now = int(time.time()) // PERIOD
    shown = {code(app["key"], step) for app in apps for step in range(now - 2, now + 3)}
    return next(text for text in (f"{number:06}" for number in range(1000)) if text not in shown)


def main(verb, user, *key):
    with open(FILE, "a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        people = json.loads(file.read() or "{}")
        person = people.setdefault(user, {"apps": [], "typed": ""})
        if verb in ("only", "have"):
            if verb == "only":
                person["apps"].clear()
            person["apps"].append({"key": key[0].replace(" ", ""), "last": 0})
        elif verb == "next":
            person["typed"] = fresh(person["apps"])
            print(person["typed"])
        elif verb == "now":
            person["typed"] = code(person["apps"][0]["key"], int(time.time()) // PERIOD)
            print(person["typed"])
        elif verb == "used":
            print(person["typed"])
        elif verb == "wrong":
            print(wrong(person["apps"]))
        else:
            sys.exit(__doc__)
        file.seek(0)
        file.truncate()
        file.write(json.dumps(people))


main(*sys.argv[1:])
