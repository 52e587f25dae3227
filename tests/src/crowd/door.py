"""Logs many people in through PAM, each in a process of its own, with all prompts open before the first is answered.

A round comes as one line of JSON: a list of waves, each a list of logins `{"user", "rhost", "code"}`. The logins of a
wave answer their prompts at the same moment, and the next wave when all of them have ended. What became of them is
printed in the same shape: `{"status", "said"}`, or null where a login ended without a word or never."""

import ctypes
import ctypes.util
import json
import os
import signal
import sys

SERVICE = sys.argv[1].encode()
# Longer than the module ever takes; a login that hangs is reported, not waited for.
PATIENCE = 30
PAM_SUCCESS, PAM_CONV_ERR, PAM_RHOST = 0, 19, 4
PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON = 1, 2

libc = ctypes.CDLL(None)
pam = ctypes.CDLL(ctypes.util.find_library("pam") or "libpam.so.0")
libc.calloc.restype = libc.strdup.restype = ctypes.c_void_p
libc.calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
libc.strdup.argtypes = [ctypes.c_char_p]


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


Converse = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_int,
    ctypes.POINTER(ctypes.POINTER(Message)),
    ctypes.POINTER(ctypes.c_void_p),
    ctypes.c_void_p,
)


class Conversation(ctypes.Structure):
    _fields_ = [("converse", Converse), ("data", ctypes.c_void_p)]


pam.pam_start.argtypes = [
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.POINTER(Conversation),
    ctypes.POINTER(ctypes.c_void_p),
]
pam.pam_set_item.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p]
for function in (pam.pam_authenticate, pam.pam_setcred, pam.pam_end):
    function.argtypes = [ctypes.c_void_p, ctypes.c_int]


def log_in(login, answer):
    """One login; `answer` is called at the prompt and returns what is typed."""
    said = []

    @Converse
    def converse(count, messages, responses, _data):
        array = libc.calloc(count, ctypes.sizeof(Response))
        responses[0] = array
        for index, response in enumerate((Response * count).from_address(array)):
            message = messages[index].contents
            if message.style in (PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON):
                response.text = libc.strdup(answer().encode())
            else:
                said.append(message.text.decode())
        return PAM_SUCCESS

    handle = ctypes.c_void_p()
    conversation = Conversation(converse, None)
    user, rhost = login["user"].encode(), login["rhost"].encode()
    assert pam.pam_start(SERVICE, user, conversation, ctypes.byref(handle)) == PAM_SUCCESS
    if rhost:
        assert pam.pam_set_item(handle, PAM_RHOST, rhost) == PAM_SUCCESS
    status = pam.pam_authenticate(handle, 0)
    if status == PAM_SUCCESS:
        status = pam.pam_setcred(handle, 0x2)  # PAM_ESTABLISH_CRED
    pam.pam_end(handle, status)
    return {"status": status, "said": said}


class Guest:
    """A login in a process of its own, up to its prompt."""

    def __init__(self, login, bell):
        read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            signal.alarm(PATIENCE)
            os.close(read)
            at_prompt = []

            def answer():
                os.write(write, b"at the prompt\n")
                at_prompt.append(True)
                os.read(bell, 1)
                return login["code"]

            try:
                end = log_in(login, answer)
                if not at_prompt:
                    os.write(write, b"\n")
                os.write(write, json.dumps(end).encode() + b"\n")
            finally:
                os._exit(0)
        os.close(write)
        self.reports = open(read)

    def is_at_prompt(self):
        return self.reports.readline() == "at the prompt\n"

    def end(self):
        with self.reports:
            line = self.reports.readline()
        os.waitpid(self.pid, 0)
        return json.loads(line) if line else None


for line in sys.stdin:
    waves = []
    for logins in json.loads(line):
        # One write rings for all of them: each takes one byte.
        bell, rope = os.pipe()
        waves.append((rope, bell, [Guest(login, bell) for login in logins]))
    waiting = [sum([guest.is_at_prompt() for guest in guests]) for _, _, guests in waves]
    ends = []
    for (rope, bell, guests), count in zip(waves, waiting):
        os.write(rope, b"!" * count)
        ends.append([guest.end() for guest in guests])
        os.close(rope)
        os.close(bell)
    print(json.dumps(ends), flush=True)
