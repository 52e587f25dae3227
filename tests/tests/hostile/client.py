"""Asks for alice's login at a socket and prints what came of it: the requirement, or `closed`, or why it could not connect.
What comes before this text is wire.py."""

import sys

try:
    link = Link.to(sys.argv[1])
    context = align(struct.pack("<I", 0), 8)
    fields = {PATH: "/org/countersign1", INTERFACE: "org.countersign1.Login", MEMBER: "Prepare", SIGNATURE: "sa{sv}"}
    link.send(message(CALL, 1, fields, align(string("alice"), 4) + context))
    print(link.read().strings(1)[0])
except PermissionError:
    print("PermissionError")
except (EOFError, ConnectionResetError, BrokenPipeError):
    print("closed")
