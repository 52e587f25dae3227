//! PAM module that asks for an authenticator code and asks countersignd whether it is right.
