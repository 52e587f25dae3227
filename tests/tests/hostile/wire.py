"""As much of D-Bus as a rogue needs, written from the specification, so that what is judged by it shares no code with it."""

import os
import socket
import struct

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = range(1, 9)
TYPES = {PATH: "o", REPLY_SERIAL: "u", SIGNATURE: "g"}  # all others are strings


def align(data, to):
    return data + bytes(-len(data) % to)


def string(text):
    utf8 = text.encode()
    return struct.pack("<I", len(utf8)) + utf8 + b"\0"


def signature(text):
    return bytes([len(text)]) + text.encode() + b"\0"


def strings(*texts):
    body = b""
    for text in texts:
        body = align(body, 4) + string(text)
    return body


def word(text):
    """The body "sa{sv}" of an answer: a word and no details."""
    return align(align(string(text), 4) + struct.pack("<I", 0), 8)


def message(kind, serial, fields, body=b"", order=b"l"):
    array = b""
    for field, value in fields.items():
        kind_of_field = TYPES.get(field, "s")
        array = align(array, 8) + bytes([field]) + signature(kind_of_field)
        if kind_of_field == "u":
            array = align(array, 4) + struct.pack("<I", value)
        elif kind_of_field == "g":
            array += signature(value)
        else:
            array = align(array, 4) + string(value)
    head = order + bytes([kind, 0, 1]) + struct.pack("<III", len(body), serial, len(array))
    return align(head + array, 8) + body


class Message:
    def __init__(self, data):
        self.kind = data[1]
        _body, self.serial, length = struct.unpack_from("<III", data, 4)
        self.fields = {}
        at, end = 16, 16 + length
        while at < end:
            at += -at % 8
            field, kind = data[at], data[at + 2 : at + 3]
            at += 4
            if kind == b"g":
                size = data[at]
                self.fields[field] = data[at + 1 : at + 1 + size].decode()
                at += size + 2
                continue
            at += -at % 4
            (number,) = struct.unpack_from("<I", data, at)
            at += 4
            if kind == b"u":
                self.fields[field] = number
            else:
                self.fields[field] = data[at : at + number].decode()
                at += number + 1
        self.body = data[end + -end % 8 :]

    def strings(self, count):
        found, at = [], 0
        for _ in range(count):
            at += -at % 4
            (size,) = struct.unpack_from("<I", self.body, at)
            found.append(self.body[at + 4 : at + 4 + size].decode())
            at += 5 + size
        return found


class Link:
    """A connection to the bus, or from a caller."""

    def __init__(self, sock):
        self.sock = sock
        self.inbox = b""
        self.serial = 0

    @classmethod
    def to(cls, path):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(path)
        link = cls(sock)
        link.send(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
        assert link.line().startswith(b"OK "), "the bus does not take us"
        link.send(b"BEGIN\r\n")
        return link

    def send(self, data):
        self.sock.sendall(data)

    def more(self):
        part = self.sock.recv(65536)
        if not part:
            raise EOFError
        self.inbox += part

    def line(self):
        while b"\r\n" not in self.inbox:
            self.more()
        line, self.inbox = self.inbox.split(b"\r\n", 1)
        return line

    def read(self):
        while len(self.inbox) < 16:
            self.more()
        body, _serial, fields = struct.unpack_from("<III", self.inbox, 4)
        length = 16 + fields + -fields % 8 + body
        while len(self.inbox) < length:
            self.more()
        data, self.inbox = self.inbox[:length], self.inbox[length:]
        return Message(data)

    def next_serial(self):
        self.serial += 1
        return self.serial

    def call(self, to, path, interface, member, kinds="", body=b""):
        """Sends a call; its serial."""
        fields = {PATH: path, INTERFACE: interface, MEMBER: member, DESTINATION: to}
        if kinds:
            fields[SIGNATURE] = kinds
        serial = self.next_serial()
        self.send(message(CALL, serial, fields, body))
        return serial

    def ask_bus(self, member, kinds="", body=b""):
        """Calls the bus and waits for what it says; all else is lost."""
        bus = "org.freedesktop.DBus"
        serial = self.call(bus, "/org/freedesktop/DBus", bus, member, kinds, body)
        while True:
            heard = self.read()
            if heard.fields.get(REPLY_SERIAL) == serial:
                return heard

    def answer(self, serial, to, kinds, body):
        self.send(answer(serial, to, kinds, body))


def answer(serial, to, kinds, body):
    """An answer to a call; `to` is None where there is no bus between."""
    fields = {REPLY_SERIAL: serial, SIGNATURE: kinds}
    if to is not None:
        fields[DESTINATION] = to
    return message(RETURN, 1, fields, body)
