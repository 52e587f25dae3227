"""Holds as many half-open connections to the bus as it can: connected, and never saying who it is. crowd.py COUNT;
prints `ready` when the bus takes no more of them in, and goes on putting new ones in place of those that are cut off."""

import resource
import select
import socket
import sys

COUNT = int(sys.argv[1])
BUS = "/run/dbus/system_bus_socket"
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, COUNT + 64), hard))

held, poll, told = {}, select.epoll(), False
while True:
    full = False
    while len(held) < COUNT and not full:
        sock = socket.socket(socket.AF_UNIX)
        sock.setblocking(False)
        try:
            sock.connect(BUS)
        except BlockingIOError:
            full = True  # the backlog: nobody else gets in either
            sock.close()
            continue
        held[sock.fileno()] = sock
        poll.register(sock, select.EPOLLHUP)
    if (full or len(held) == COUNT) and not told:
        print("ready", flush=True)
        told = True
    for descriptor, _ in poll.poll(0.001):
        poll.unregister(descriptor)
        held.pop(descriptor).close()
