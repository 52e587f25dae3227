# What `countersign config` says.
config-default = default
config-no-rules = No rules: whoever is enrolled is asked for a code.
config-rules = Rules, of which the first that matches decides:
config-daemon-has-older = The files are newer than what the daemon goes by: `systemctl reload countersignd` has it read them.

# Which rule decides.
config-login-anywhere = { $user }, by any service, from anywhere:
config-login-local = { $user }, service { $service }, at the machine itself:
config-login-remote = { $user }, service { $service }, from { $rhost }:
config-user-unknown = There is no user { $user } on this host.
config-user-cannot-tell = Cannot tell whether there is a user { $user }: { $why }.
config-rhost-is-a-name = A host name is in no network, whatever its address.
config-group-member = { $user } is in the group { $group }.
config-group-not-member = { $user } is not in the group { $group }.
config-group-none = There is no group { $group }.
config-group-cannot-tell = Cannot tell whether { $user } is in the group { $group }: { $why }.
config-why-users = not for this user
config-why-groups = not for a group of this user
config-why-services = not for this service
config-why-networks = not for this address
config-why-local = not for where this login comes from
config-why-matches = matches
config-why-depends-on-groups = matches if the user is in the group
config-why-depends-on-place = matches some services or addresses
config-why-not-reached = not reached
config-decides = Rule { $rule } ({ $origin }) decides: { $demand }
config-decides-none = No rule matches: { $demand }
config-decides-several = One of the rules { $rules } decides, and the strictest of them counts: { $demand }
config-decides-one-or-none = One of the rules { $rules } decides, or none, and the strictest of that counts: { $demand }
config-enrolled-none = If enrolled: let in without a code.
config-enrolled-code = If enrolled: asked for a code.
config-not-enrolled-none = If not enrolled: let in without a code.
config-not-enrolled-code = If not enrolled: asked for a code, and refused.
config-not-enrolled-enroll = If not enrolled: must enroll in the login.
config-not-enrolled-later = If not enrolled: asked to enroll in the login, and may put it off until { $date }.
config-remembered = For { $length } after a code, the next logins by the same service from the same place need none.

# What is odd.
config-warning = warning: { $text }
config-good = { $rules ->
    [0] The configuration is good and has no rules: whoever is enrolled is asked for a code.
    [one] The configuration is good: one rule{ $warnings ->
        [0] .
        [one] , and one warning.
       *[other] , and { $warnings } warnings.
    }
   *[other] The configuration is good: { $rules } rules{ $warnings ->
        [0] .
        [one] , and one warning.
       *[other] , and { $warnings } warnings.
    }
}
config-remark-never-reached = this rule never decides: rule { $by } comes before it and matches everything that it does
config-remark-enroll-by-past = "enroll_by" is past since { $date }: whoever is not enrolled must enroll to log in
config-remark-never-last = this rule matches whatever the rules before it leave, and asks nobody for a code: services that none of them names need none
config-remark-never-alone = this rule matches every login and asks nobody for a code: the second factor is off
config-remark-no-user = there is no user "{ $user }" on this host
config-remark-spelling = the user database writes "{ $user }" as "{ $written }", and rules go by that
config-remark-user-cannot-tell = cannot tell whether there is a user "{ $user }": { $why }
config-remark-no-group = there is no group "{ $group }" on this host, so nobody is in it
config-remark-group-cannot-tell = cannot tell who is in the group "{ $group }": { $why }. As long as that is so, the strictest of the rules that a login could meet counts
config-remark-no-service = there is no service "{ $service }" in /etc/pam.d or /usr/lib/pam.d

# What is wrong.
config-broken = { $count ->
    [one] there is a mistake in the configuration, and nothing of it comes into force until it is mended
   *[other] there are { $count } mistakes in the configuration, and nothing of it comes into force until they are mended
}
config-broken-unlisted = { $count ->
    [one] there is a mistake in the configuration, so it says nothing. `countersign config check` shows it
   *[other] there are { $count } mistakes in the configuration, so it says nothing. `countersign config check` lists them
}
config-unreadable = cannot read this: { $error }
config-not-a-file = this is not a regular file; move it elsewhere
config-exposed = somebody besides root may write to this, and so switch the second factor off; chown root: it and chmod go-w it
config-too-large = this is larger than { $most } bytes
config-not-utf8 = this is not UTF-8 text; save the file as UTF-8
config-syntax = this is not TOML: { $said }
config-unknown-key = unknown key { $key }
config-unknown-key-in = unknown key { $key } in { $table }
config-did-you-mean = {"; "}did you mean "{ $word }"?
config-belongs-in = {"; "}it belongs in { $table }
config-belongs-on-top = {"; "}it belongs in the top level
config-known-here = {"; "}known here: { $known }
config-type = "{ $key }" takes { $wanted ->
    [table] a table
    [boolean] true or false
    [number] a whole number
    [list] a list of strings
    [rules] tables, each headed [[rule]]
    [clusters] tables, each headed [[store.cluster]]
   *[string] a string
}, and this is { $found ->
    [table] a table
    [boolean] a boolean
    [integer] an integer
    [float] a float
    [array] an array
    [datetime] a datetime
   *[string] a string
}
config-range = "{ $key }" takes a whole number from { $least } to { $most }
config-word = "{ $key }" takes one of { $known }, and not { $word }
config-empty-list = "{ $key }" lists nothing, so the rule matches nobody; leave "{ $key }" out to match any
config-no-require = this rule has no "require"; add one
config-local-networks = a local login comes from no network, so the rule matches nobody; leave "networks" or "local" out
config-issuer-empty = "issuer" cannot be used: the name is empty
config-issuer-too-long = "issuer" cannot be used: the name is longer than 64 characters
config-issuer-forbidden = "issuer" cannot be used: the name has a control character or a colon, which is not allowed
config-name-empty = { $kind ->
    [group] no such group can exist: the group name is empty
   *[user] no such user can exist: the user name is empty
}
config-name-too-long = { $kind ->
    [group] no such group can exist: the group name is { $bytes } bytes long; at most 255 are allowed
   *[user] no such user can exist: the user name is { $bytes } bytes long; at most 255 are allowed
}
config-name-not-utf8 = { $kind ->
    [group] no such group can exist: the group name is not UTF-8 text
   *[user] no such user can exist: the user name is not UTF-8 text
}
config-name-forbidden = { $kind ->
    [group] no such group can exist: the group name has the character { $character }, which is not allowed
   *[user] no such user can exist: the user name has the character { $character }, which is not allowed
}
config-date = "enroll_by" takes a date such as 2026-12-31, which lasts until that day ends here, or a date and time such as 2026-12-31T18:00:00+01:00
config-remember = "remember" takes a length of time such as "10m", "8h" or "2d", from 1 minute to 30 days
config-enroll-by-alone = "enroll_by" goes with require = "enroll", and this rule says "{ $require }"; change one or leave "enroll_by" out
config-remember-never = "remember" spares a later code, and this rule asks for none; leave "remember" out
config-service = this is no PAM service; write the name of a file in /etc/pam.d, for example "sshd"
config-nothing-listed = "{ $key }" lists nothing; name one at least, or leave it out
config-server-scheme = this is no server; write it like "postgresql://db1.example.org:5432/countersign"
config-server-no-host = this server has no host; write its name behind "postgresql://"
config-server-port = this server has no port that can be; write a number from 1 to 65535
config-server-password = there is a password in this; take it out: the host's certificate stands for it
config-server-extra = write one server with nothing behind its database: each has its own place in the list
config-tenant = a tenant is named with a to z, digits, ".", "_" and "-", in 63 characters at most
config-relative-path = "{ $key }" takes a whole path, which begins with "/"
config-cluster-without = this cluster has no "{ $key }"; add them
config-no-servers = backend = "postgres" needs a server for the tenant "{ $tenant }"; add "urls" to [store]
config-network-no-address = { $text } is not a network: write an address and a prefix, for example "10.0.0.0/8" or "2001:db8::/32"
config-network-mapped = { $text } is not a network: write the IPv4 address as such, for example "10.0.0.0/8"
config-network-prefix = { $text } is not a network: the prefix after the "/" is a whole number from 0 to { $longest }
config-network-host-bits = { $text } is not a network: the address has bits beyond the prefix; did you mean "{ $meant }"?
