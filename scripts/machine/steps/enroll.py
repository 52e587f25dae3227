"""enroll.py USER: USER sets up an app by `countersign enroll` at a terminal, typing the key from the screen into it.

Prints what the screen says after the code. The exit status is that of the tool."""
import re
import subprocess
import sys

import pexpect

user = sys.argv[1]
codes = [sys.executable, __file__.replace("enroll.py", "codes.py")]
screen = pexpect.spawn("runuser", ["-u", user, "--", "countersign", "enroll"], timeout=20, encoding="utf-8",
                       dimensions=(24, 80))
screen.expect("Code that the app shows")
# The key stands beside the picture, in groups of four, on two lines.
lines = screen.before.splitlines()
first = next(number for number, line in enumerate(lines) if re.search(r"\bKey\b", line))
key = "".join(group for line in lines[first:first + 2] for group in re.findall(r"\b[A-Z2-7]{4}\b", line))
subprocess.run([*codes, "only", user, key], check=True)
screen.waitnoecho(2)
screen.sendline(subprocess.run([*codes, "next", user], check=True, capture_output=True, text=True).stdout.strip())
screen.expect(pexpect.EOF)
screen.close()
print(screen.before.replace("\r", ""))
sys.exit(screen.exitstatus)
