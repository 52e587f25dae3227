# Collects what is sent to /dev/log in /var/log/lab.log, one message a line. Returns when the socket is there.
import os
import socket

log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind("/dev/log")
os.chmod("/dev/log", 0o666)
if os.fork():
    os._exit(0)
with open("/var/log/lab.log", "ab", 0) as file:
    while True:
        file.write(log.recv(65536).rstrip(b"\0\n") + b"\n")
