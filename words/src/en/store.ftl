# countersign store
store-cannot-status = cannot look at the store
store-cannot-reseal = cannot seal the enrollments anew
store-records = Enrollments: { $records }
store-journal = Journal: { $bytes } bytes
store-unsaved = { $records ->
    [one] 1 record is
   *[other] { $records } records are
 } newer in memory than on the disk: make room or mend the disk, and do not restart the daemon before
store-key-seals = Key { $id } seals: { $place }, { $records ->
    [one] 1 record
   *[other] { $records } records
 }
store-key-opens = Key { $id } only opens: { $place }, { $records ->
    [one] 1 record
   *[other] { $records } records
 }
store-keys-left = There is more than one key. `countersign store seal` and `countersign store rotate` finish a change that was interrupted
store-place-credential = the credential countersign.key
store-place-old-credential = the credential countersign.key.old
store-place-key-file = the file /var/lib/countersign/key
store-place-old-key-file = the file /var/lib/countersign/key.old
store-place-missing = not here
store-torn = { $bytes } bytes of an unfinished write stand at the end. That is no damage: the daemon finishes or cuts them
store-sound = The store is whole, and every record opens.
store-problem = ✗ { $why }
store-problem-record = ✗ The record of { $user } cannot be read: { $why }
store-mend-journal = Keep a copy of /var/lib/countersign and check the disk. Then `countersign store restore FILE --force` puts a backup in its place; what is there now is kept aside
store-mend-key = Put that key back as /var/lib/countersign/key.old (mode 0400, owner countersign) and run `systemctl restart countersignd`
store-mend-credential = The file /etc/credstore.encrypted/countersign.key is damaged, or comes from another host or TPM. Put the right one back, or move it away. With the key that `countersign store key` saved nothing is lost: `install -m 0400 -o countersign -g countersign SAVEDKEY /var/lib/countersign/key.old; systemctl restart countersignd; countersign store rotate`. Without it, restore a backup with `countersign store restore FILE --key KEYFILE --force`
store-mend-record = Restore a backup, or run { $command } and have the user enroll anew
store-unsound = { $problems ->
    [one] the check found 1 problem
   *[other] the check found { $problems } problems
 }. What to do stands behind each
store-backed-up = { $records ->
    [one] 1 enrollment is
   *[other] { $records } enrollments are
 } in { $file }, as sealed as in the store.
store-left-out = { $user } is not in it: no key here opens that record. See `countersign store check`.
store-backup-needs = It opens with key { $keys } and nothing else. Save that, too, and elsewhere: `countersign store key --save FILE`
store-backup-restore = On { $host } or another host: `countersign store restore FILE --key FILE`
store-keys-saved = Key { $keys } is in { $file }, in the clear.
store-keys-warning = Whoever has this file and a backup has every secret. Move it off this host now, to where no backup is, and remove it here with `shred -u`.
store-backup-of = A backup of { $host }, { $when }, { $records ->
    [one] 1 enrollment
   *[other] { $records } enrollments
 }.
store-restored = { $records ->
    [one] 1 enrollment is
   *[other] { $records } enrollments are
 } restored, sealed under this host’s key { $key }.
store-aside = What was here before lies in { $path }. Remove it when you are sure.
store-moved = { $user } has uid { $is } here and had { $was }: this enrollment counts for nobody.
store-rebound = { $user } has uid { $is } here and had { $was }: the enrollment is that user’s now.
store-rebind-hint = If those are the same people, restore once more with --force --rebind-uids.
store-gone = { $user } is no user here, or nobody could tell: the enrollment counts for nobody until there is one with that uid.
store-counter = { $user } has a token that counts. Codes used since the backup are good again: have the user run `countersign resync`, or enroll anew.
store-after-restore = Codes that were shown until now count as used; the next ones work within a minute or so. Recovery codes that were used since the backup are good again: have people make new ones with `countersign recovery-codes`. Temporary codes are gone.
store-finishing = An earlier change of the key was interrupted, and is finished first.
store-sealed-already = Key { $key } seals: { $place }. There is nothing to change. `countersign store rotate` makes a new key
store-sealed = { $records ->
    [one] 1 enrollment is
   *[other] { $records } enrollments are
 } sealed under the new key { $key }: { $place }. The old key is gone.
store-unreadable = { $records ->
    [one] 1 record opens
   *[other] { $records } records open
 } under no key, as before. `countersign store check` names them
store-sealed-hint = The key opens on this host alone. Save a copy for the day when the host is lost: `countersign store key --save FILE`
store-backups-old-key = Backups from before open with the old key only: keep the copy of it as long as them, or make a new backup.
store-not-root = only root may do this. Run it as root, for example with sudo
store-no-program = cannot run { $path }: { $why }. Is Countersign installed whole?
store-no-report = the daemon’s program said something else than a report: { $said }
store-service = the service cannot be stopped or started: { $why }. `journalctl -u countersignd` says more
store-no-systemd = encrypted credentials need systemd and `systemd-creds` (version 250 or later), and they are not here. Nothing was changed; the key stays in its file
store-under-way = another command is changing the store just now. Nothing was changed. Run this again when it is done
store-no-turn = cannot tell whether another command is changing the store: { $path }: { $why }. Nothing was changed
store-not-open = the key is not changed while the store is not in use: { $why }. Nothing was changed. `countersign store check` says what is wrong with it
store-not-empty = { $records ->
    [one] there is 1 enrollment
   *[other] there are { $records } enrollments
 } here already. Nothing was changed. With --force the backup takes their place, and they are kept aside
store-damaged-there = what is here cannot be read: { $why }. Nothing was changed. With --force the backup takes its place, and it is kept aside
store-went-back = the daemon did not come up with the new key: { $why }. The old key is back and in use, and nothing is lost
store-stuck = the daemon did not come up with the new key, and going back failed as well: { $why }. No key was removed. Mend that and run the same command again
store-unfinished = the new key is in use, and the old one stays until this is done: { $why }. Every enrollment opens. Mend that and run the same command again
store-other-key = the daemon came up with another key than the one in the credential store or the key file. Does a drop-in of countersignd.service name its own credential?
store-not-taken-up = the enrollments are in their place, and the daemon does not take them up: { $why }. `journalctl -u countersignd` says more
store-wrong-key = this backup opens with key { $needed }, and given was { $given }. Name the file with the right one: --key FILE. Nothing was changed
store-no-key = there is no key on this host. Name the file with the backup’s: --key FILE. Nothing was changed
store-no-key-here = there is no key on this host that could be saved or that a backup would open with. `countersign store check` says what is wrong
store-not-saved = cannot save { $file }: { $why }
store-dash = a backup or a key goes into a file of its own, not to standard output: name one, and for a file that is called so write ./-
store-aside-still = { $path } is from before a restore, and no command reads it. Remove it when you are sure: { $command }
store-not-a-backup = this file is no backup of Countersign. Nothing was changed
store-newer = a later version wrote this backup. Install that version. Nothing was changed
store-wrong-length = this backup is damaged: it has { $bytes } bytes and should have { $wanted }. Take another copy. Nothing was changed
store-changed = this backup is damaged. Take another copy. Nothing was changed
store-forged = this backup was changed by somebody who does not have its key. Do not use it. Nothing was changed
store-record = the record of { $user } in this backup cannot be read. Take another copy. Nothing was changed
store-not-a-key = { $path } is no key: it must have 32 bytes for each key, as `countersign store key` saves them. Nothing was changed
store-unreadable-file = cannot read { $path }: { $why }
store-decrypting = the credential with the key cannot be decrypted: { $why }. Put the right file back as /etc/credstore.encrypted/countersign.key, or move it away
store-encrypting = the new key cannot be encrypted: { $why }. Nothing was changed
store-in-use = another daemon keeps the store open. Stop it and try again
store-no-user = there is no user countersign on this host. Install Countersign whole
store-failed = it failed: { $why }
store-interrupted = interrupted. Every enrollment opens; run the same command again to be sure that all is done
store-schema-made = The shared store is ready: its schema has version { $version }.
store-schema-upgraded = The schema of the shared store went from version { $from } to { $version }.
store-schema-is = The schema of the shared store has version { $version } already.
store-schema-next = Tenants and hosts are added there by SQL: see docs/fleet.md.
store-moved-there = { $records ->
    [one] 1 enrollment is
   *[other] { $records } enrollments are
 } in the shared store now, and no longer in this host’s own.
store-moved-there-next = Codes count on every host of the tenant from now on. `countersign store status` tells how the shared store is.
store-moved-back = { $records ->
    [one] 1 enrollment is
   *[other] { $records } enrollments are
 } in this host’s own store now, and opens nowhere else.
store-moved-back-next = Other hosts of the tenant refuse these users from now on.
store-is-shared = the enrollments of this host are in a shared store, and this is for a host’s own one. Back up the database there, with pg_dump, and its key with `countersign store key --save FILE`; the key is the whole fleet’s
store-other-backend = the configuration says another backend. Write backend = "{ $wanted }" into [store] of /etc/countersign/countersign.toml first, do not restart the daemon, and run this again
store-no-servers = the configuration names no servers. Add "urls" to [store] of /etc/countersign/countersign.toml
store-broken-configuration = the configuration is broken: { $why }
store-conflict = nothing was moved: these users have an enrollment in the shared store, too: { $users }. Remove one of the two with `countersign disable --user USER`
store-not-moved = the enrollment of { $user } was not moved: { $why }. Logins that need a code are refused on this host until the move is done. Run the same again, or the move back
store-server = the shared store was of no use: { $why }
store-fleet = The enrollments are in a shared store, tenant { $tenant }.
store-fleet-server = Server: { $server }, schema version { $schema }
store-fleet-unreachable = ✗ It does not answer, and logins that need a code are refused: { $why }
store-fleet-disk = The server waits for no standby: if its disk is lost, codes may be accepted once more. Name one in synchronous_standby_names
store-fleet-nothing = The server does not even wait for its own disk (synchronous_commit = off): after a crash, codes may be accepted once more
store-fleet-clock = The server’s clock and this host’s are { $seconds } s apart
store-fleet-key = Key of the fleet: { $id }, { $place }
