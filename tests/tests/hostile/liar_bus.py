"""A bus of somebody's own: it says that root is behind every name, and, in the daemon's name, that every code is
accepted. liar_bus.py PATH; writes a line to PATH.visits for each connection. What comes before this text is wire.py."""

import sys
import threading

PATH_OF_BUS = sys.argv[1]
SAYS = {
    "Hello": ("s", string(":1.42")),
    "GetNameOwner": ("s", string(":1.7")),
    "GetConnectionUnixUser": ("u", struct.pack("<I", 0)),
    "Prepare": ("sa{sv}", word("code")),
    "Verify": ("sa{sv}", word("accepted")),
}


def receive(sock):
    link = Link(sock)
    try:
        link.line()
        link.send(b"OK 0123456789abcdef0123456789abcdef\r\n")
        while link.line() != b"BEGIN":
            link.send(b"ERROR\r\n")
        while True:
            call = link.read()
            kinds, body = SAYS[call.fields[MEMBER]]
            sender = ":1.7" if call.fields[MEMBER] in ("Prepare", "Verify") else "org.freedesktop.DBus"
            fields = {REPLY_SERIAL: call.serial, SENDER: sender, SIGNATURE: kinds}
            link.send(message(RETURN, 1, fields, body))
    except (EOFError, OSError):
        pass


listener = socket.socket(socket.AF_UNIX)
listener.bind(PATH_OF_BUS)
os.chmod(PATH_OF_BUS, 0o666)
listener.listen()
visits = open(PATH_OF_BUS + ".visits", "w", buffering=1)
print("ready", flush=True)
while True:
    sock, _ = listener.accept()
    print("somebody came", file=visits)
    threading.Thread(target=receive, args=(sock,), daemon=True).start()
