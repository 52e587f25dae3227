"""Logs people in through PAM, as a program of root's would that checks nothing itself: whatever bytes the user name has.
Reads attempts as JSON from standard input; prints what PAM said and asked as JSON."""

import json
import sys
import time


def attempt(service, user, rhost, answers):
    asked, told, left = [], [], list(answers)

    @Converse
    def converse(count, messages, responses, _data):
        array = libc.calloc(count, ctypes.sizeof(Response))
        for message, response in zip(messages[:count], (Response * count).from_address(array)):
            text = message.contents.text.decode(errors="replace")
            if message.contents.style not in (ASK_HIDDEN, ASK_SHOWN):
                told.append(text)
                continue
            asked.append(text)
            if not left:
                return PAM_CONV_ERR
            response.text = libc.strdup(left.pop(0).encode())
        responses[0] = array
        return PAM_SUCCESS

    conversation = Conversation(converse, None)
    handle = ctypes.c_void_p()
    assert pam.pam_start(service.encode(), user, conversation, ctypes.byref(handle)) == PAM_SUCCESS
    if rhost:
        pam.pam_set_item(handle, PAM_RHOST, rhost.encode())
    begun = time.monotonic()
    verdict = pam.pam_authenticate(handle, 0)
    took = time.monotonic() - begun
    pam.pam_end(handle, verdict)
    return {"verdict": verdict, "asked": asked, "told": told, "microseconds": int(took * 1e6)}


request = json.load(sys.stdin)
user = bytes(request["user"])
json.dump(attempt(request["service"], user, request["rhost"], request["answers"]), sys.stdout)
