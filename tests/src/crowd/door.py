"""Logs many people in through PAM, each in a process of its own, with all prompts open before the first is answered.

A round comes as one line of JSON: a list of waves, each a list of logins `{"user", "rhost", "code"}`. The logins of a
wave answer their prompts at the same moment, and the next wave when all of them have ended. What became of them is
printed in the same shape: `{"status", "said"}`, or null where a login ended without a word or never."""

import json
import os
import signal
import sys

SERVICE = sys.argv[1].encode()
# Longer than the module ever takes; a login that hangs is reported, not waited for.
PATIENCE = 30


def log_in(login, answer):
    """One login; `answer` is called at the prompt and returns what is typed."""
    said = []

    @Converse
    def converse(count, messages, responses, _data):
        array = libc.calloc(count, ctypes.sizeof(Response))
        responses[0] = array
        for index, response in enumerate((Response * count).from_address(array)):
            message = messages[index].contents
            if message.style in (ASK_HIDDEN, ASK_SHOWN):
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
        status = pam.pam_setcred(handle, PAM_ESTABLISH_CRED)
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
