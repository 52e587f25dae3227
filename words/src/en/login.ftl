# What the PAM module says during a login.
