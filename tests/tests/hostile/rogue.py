"""Stands in the daemon's place and misbehaves. rogue.py PLACE STEP MISDEED: the place is `bus` (owns the name there),
`socket` (listens where the daemon does) or `beside` (on the bus, owning nothing); up to the step it answers as the daemon would, to a person who needs a code.
Prints `ready` when it is in place. What comes before this text is wire.py."""

import signal
import sys
import threading
import time

BUS, SOCKET, NAME = "/run/dbus/system_bus_socket", "/run/countersign/login.sock", "org.countersign1"
PLACE, STEP, MISDEED = sys.argv[1:4]
GOOD = {"Prepare": "code", "Verify": "accepted"}
KINDS = "sa{sv}"
MEBIBYTE = 1024 * 1024


def good(call, serial=None):
    """The answer that lets in."""
    to = call.fields.get(SENDER)
    return answer(serial or call.serial, to, KINDS, word(GOOD[call.fields[MEMBER]]))


def with_body(call, kinds, body):
    return answer(call.serial, call.fields.get(SENDER), kinds, body)


def error(call, name, text):
    fields = {ERROR_NAME: name, REPLY_SERIAL: call.serial, SIGNATURE: "s"}
    if SENDER in call.fields:
        fields[DESTINATION] = call.fields[SENDER]
    return message(ERROR, 1, fields, string(text))


def a_signal(call):
    fields = {PATH: "/org/countersign1", INTERFACE: "org.countersign1.Login", MEMBER: "Accepted"}
    if SENDER in call.fields:
        fields[DESTINATION] = call.fields[SENDER]
    return message(SIGNAL, 1, fields)


def padded(call, size):
    """The good answer, made larger by a second argument."""
    body = word(GOOD[call.fields[MEMBER]])
    return with_body(call, KINDS + "ay", body + struct.pack("<I", size) + bytes(size))


def drip(link, data):
    for byte in data:
        link.send(bytes([byte]))
        time.sleep(0.1)


def misbehave(link, call):
    deed, _, text = MISDEED.partition(":")
    if deed == "silence":
        pass
    elif deed == "hang-up":
        link.sock.close()
        raise EOFError
    elif deed == "wrong-serial":
        for serial in (1, call.serial + 1, call.serial ^ 0x80000000):
            link.send(good(call, serial))
    elif deed == "word":
        link.send(with_body(call, KINDS, word(text)))
    elif deed == "bare-word":
        link.send(with_body(call, "s", string(GOOD[call.fields[MEMBER]])))
    elif deed == "yes-as-a-boolean":
        link.send(with_body(call, "b", struct.pack("<I", 1)))
    elif deed == "extra-argument":
        link.send(padded(call, 1))
    elif deed == "large":
        link.send(padded(call, 65536))
    elif deed == "huge":
        link.send(padded(call, 100 * MEBIBYTE))
    elif deed == "truncated":
        link.send(good(call)[:10])
    elif deed == "cut-off":
        link.send(good(call)[:-4])
        link.sock.close()
        raise EOFError
    elif deed == "garbage":
        link.send(bytes(range(255, 0, -1)))
    elif deed == "broken-string":
        link.send(with_body(call, KINDS, word("accepted").replace(b"\x08\0\0\0", b"\xff\xff\xff\x7f", 1)))
    elif deed == "signals":
        while True:
            link.send(a_signal(call) * 100)
    elif deed == "error":
        # With what was asked in it, as a careless daemon would.
        link.send(error(call, text, "refused: " + " ".join(call.strings(2 if call.fields[MEMBER] == "Verify" else 1))))
    elif deed == "drip":
        drip(link, good(call))
    elif deed == "nothing":
        link.send(good(call))
    else:
        sys.exit("no such misdeed: " + MISDEED)


def early(link, to):
    """Answers to every question that a simple client could ask first, before any is asked."""
    for serial in range(1, 17):
        link.answer(serial, to, KINDS, word("accepted"))


def chatter(link, to):
    """What a newcomer has not asked for, as often as it takes to be heard before an answer."""
    fields = {PATH: "/", INTERFACE: "org.x", MEMBER: "Hello", DESTINATION: to}
    large = fields | {SIGNATURE: "s"}
    link.send(message(SIGNAL, 1, fields) * 200 + message(SIGNAL, 1, large, string("x" * 100000)))


TO_NEWCOMERS = {"early": early, "chatter": chatter}


def serve(link):
    while True:
        call = link.read()
        if call.kind == SIGNAL and call.fields.get(MEMBER) == "NameOwnerChanged":
            _name, old, new = call.strings(3)
            if not old:
                TO_NEWCOMERS[MISDEED](link, new)
        if call.kind != CALL or MISDEED == "early":
            continue
        if call.fields[MEMBER] == STEP:
            misbehave(link, call)
        else:
            link.send(good(call))


def quietly(work, *arguments):
    try:
        work(*arguments)
    except (EOFError, OSError):
        pass  # the other end has gone, or the misdeed was to go


def on_bus():
    link = Link.to(BUS)
    link.ask_bus("Hello")
    if PLACE == "bus":
        taken = link.ask_bus("RequestName", "su", align(string(NAME), 4) + struct.pack("<I", 0))
        assert taken.kind == RETURN, taken.fields[ERROR_NAME]
    if MISDEED in TO_NEWCOMERS:
        link.ask_bus("AddMatch", "s", string("type='signal',member='NameOwnerChanged'"))
    print("ready", flush=True)
    quietly(serve, link)


def receive(sock):
    link = Link(sock)
    link.line()
    if STEP == "Handshake":
        if MISDEED == "rejected":
            link.send(b"REJECTED EXTERNAL\r\n")
        elif MISDEED == "garbage":
            link.send(bytes(range(255, 0, -1)) * 10)
        elif MISDEED == "drip":
            drip(link, b"OK 0123456789abcdef0123456789abcdef\r\n")
        elif MISDEED == "hang-up":
            sock.close()
            return
        signal.pause()
    link.send(b"OK 0123456789abcdef0123456789abcdef\r\n")
    if MISDEED == "early":
        early(link, None)
    link.line()
    serve(link)


def on_socket():
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(SOCKET)
    listener.listen()
    print("ready", flush=True)
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=quietly, args=(receive, sock), daemon=True).start()


on_socket() if PLACE == "socket" else on_bus()
