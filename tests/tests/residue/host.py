"""A program that authenticates people through PAM many times, as sshd or a screen locker would, and looks at
itself before and after. Codes come on standard input, one a line; prints what it saw as JSON."""

import gc
import json
import os
import sys

SERVICE, USER = sys.argv[1].encode(), sys.argv[2].encode()

libc.setlocale.restype = ctypes.c_char_p
libc.setlocale.argtypes = [ctypes.c_int, ctypes.c_char_p]
LC_ALL = 6
PAM_TTY = 3

answer = b""


@Converse
def converse(count, _messages, responses, _data):
    array = libc.calloc(count, ctypes.sizeof(Response))
    for response in (Response * count).from_address(array):
        response.text = libc.strdup(answer)
    responses[0] = array
    return PAM_SUCCESS


conversation = Conversation(converse, None)


def log_in(code):
    global answer
    answer = code.encode()
    handle = ctypes.c_void_p()
    assert pam.pam_start(SERVICE, USER, conversation, ctypes.byref(handle)) == PAM_SUCCESS
    assert pam.pam_set_item(handle, PAM_TTY, b"/dev/pts/0") == PAM_SUCCESS
    verdict = pam.pam_authenticate(handle, 0)
    if verdict == PAM_SUCCESS:
        verdict = pam.pam_setcred(handle, PAM_ESTABLISH_CRED)
    pam.pam_end(handle, verdict)  # unloads the module
    return verdict


def descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:
            pass  # the one that listed them
    return found


def status(*names):
    with open("/proc/self/status") as file:
        lines = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    return {name: lines[name].strip() for name in names}


def environment():
    values = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    found, index = [], 0
    while values[index]:
        found.append(values[index].decode())
        index += 1
    return sorted(found)


def limits():
    with open("/proc/self/limits") as file:
        return file.read()


def look():
    return {
        "threads": len(os.listdir("/proc/self/task")),
        "children": open(f"/proc/self/task/{os.getpid()}/children").read(),
        "descriptors": descriptors(),
        "signals": status("SigBlk", "SigIgn", "SigCgt"),
        "umask": status("Umask"),
        "identity": status("Uid", "Gid", "Groups", "NoNewPrivs"),
        "locale": libc.setlocale(LC_ALL, None).decode(),
        "environment": environment(),
        "directory": os.getcwd(),
        "limits": limits(),
    }


def memory():
    gc.collect()
    libc.malloc_trim(0)
    return int(status("RssAnon")["RssAnon"].split()[0])


# The C library keeps its connection to the log from the first message on, whoever sends it. Login programs have
# it before they load a module.
libc.openlog(b"residue", 0x08, 4 << 3)  # LOG_NDELAY, LOG_AUTH
codes = sys.stdin.read().split()
libc.setlocale(LC_ALL, b"C.UTF-8")
os.umask(0o027)
before = look()
verdicts = [log_in(codes[0])]
after_one = look()
warm = len(codes) // 2
verdicts += [log_in(code) for code in codes[1:warm]]
memory_halfway = memory()
verdicts += [log_in(code) for code in codes[warm:]]
after_all = look()
json.dump(
    {
        "before": before,
        "after_one": after_one,
        "after_all": after_all,
        "refused": [verdict for verdict in verdicts if verdict != PAM_SUCCESS],
        "first_refused": next((n for n, verdict in enumerate(verdicts) if verdict != PAM_SUCCESS), None),
        "grown_kib": memory() - memory_halfway,
    },
    sys.stdout,
)
