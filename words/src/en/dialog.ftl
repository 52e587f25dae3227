# What an administrator is asked to allow, after "Authentication is needed to".
dialog-status = see the state of the account of { $user }
dialog-enroll = enroll { $user }
dialog-export = show the key of { $user }
dialog-renew = replace the recovery codes of { $user }
dialog-disable = switch off the codes of { $user }
dialog-unlock = unlock the account of { $user }
dialog-issue = let { $user } in with a temporary code
dialog-import = import a token for { $user }
dialog-list = list who is enrolled
dialog-look = look at the state of the daemon
dialog-reseal = seal all enrollments anew
