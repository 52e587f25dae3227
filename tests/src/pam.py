"""libpam for Python, as far as the lab's programs need it. Goes in front of each of them."""

import ctypes
import ctypes.util

PAM_SUCCESS, PAM_CONV_ERR = 0, 19
PAM_ESTABLISH_CRED = 0x2
PAM_RHOST = 4
ASK_HIDDEN, ASK_SHOWN = 1, 2

libc = ctypes.CDLL(None, use_errno=True)
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

