"""serial.py SOCKET COMMAND: on the host. Alice logs in at the serial console of a whole machine, behind SOCKET.

COMMAND prints the code that she types. The exit status is 0 if a code was asked for and she got in.
"""
import re
import socket
import subprocess
import sys
import time

console = socket.socket(socket.AF_UNIX)
console.connect(sys.argv[1])
console.settimeout(1)
seen = ""


def send(line):
    console.sendall(f"{line}\r".encode())


def await_any(*patterns, seconds=60):
    """Which of the patterns comes first, by number; what was seen up to it is done with."""
    global seen
    deadline = time.time() + seconds
    while time.time() < deadline:
        for number, pattern in enumerate(patterns):
            if met := re.search(pattern, seen):
                seen = seen[met.end():]
                return number
        try:
            text = console.recv(4096).decode(errors="replace")
            print(text.replace("\r", ""), end="")
            seen += text
        except TimeoutError:
            pass
    sys.exit(f"\nnone of {patterns} came within {seconds} s")


asked = False
send("")
while True:
    met = await_any("IN-AS-alice", "machine login: ", "Password: ", "Authenticator code: ", r"alice@machine:~\$ ")
    if met == 0:
        break
    if met == 1:
        send("alice")
    elif met == 2:
        send("alicepw")
    elif met == 3:
        asked = True
        send(subprocess.run(sys.argv[2], shell=True, check=True, capture_output=True, text=True).stdout.strip())
    else:
        send('echo IN"-"AS-$(id -un) on $(tty)')
await_any("on /dev/ttyS0")
send("exit")
sys.exit(0 if asked else "\nno code was asked for")
