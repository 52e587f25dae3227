# countersign store
store-cannot-status = impossible de consulter le magasin
store-cannot-reseal = impossible de chiffrer de nouveau les inscriptions
store-records = Inscriptions : { $records }
store-journal = Journal : { $bytes } octets
store-unsaved = { $records ->
    [one] { $records } enregistrement est plus récent
   *[other] { $records } enregistrements sont plus récents
 } en mémoire que sur le disque : libérez de la place ou réparez le disque, et ne redémarrez pas le service avant
store-key-seals = La clé { $id } chiffre : { $place }, { $records ->
    [one] { $records } enregistrement
   *[other] { $records } enregistrements
 }
store-key-opens = La clé { $id } ne fait que déchiffrer : { $place }, { $records ->
    [one] { $records } enregistrement
   *[other] { $records } enregistrements
 }
store-keys-left = Il y a plus d’une clé. `countersign store seal` et `countersign store rotate` terminent un changement interrompu
store-place-credential = le secret de service countersign.key
store-place-old-credential = le secret de service countersign.key.old
store-place-key-file = le fichier /var/lib/countersign/key
store-place-old-key-file = le fichier /var/lib/countersign/key.old
store-place-missing = absente
store-torn = { $bytes } octets d’une écriture inachevée sont à la fin. Ce n’est pas un dommage : le service les termine ou les coupe
store-sound = Le magasin est intact, et chaque enregistrement se déchiffre.
store-problem = ✗ { $why }
store-problem-record = ✗ L’enregistrement de { $user } est illisible : { $why }
store-mend-journal = Gardez une copie de /var/lib/countersign et vérifiez le disque. Puis `countersign store restore FILE --force` met une sauvegarde à la place ; ce qui est là maintenant est mis de côté
store-mend-key = Remettez cette clé en /var/lib/countersign/key.old (mode 0400, propriétaire countersign) et lancez `systemctl restart countersignd`
store-mend-credential = Le fichier /etc/credstore.encrypted/countersign.key est abîmé, ou vient d’une autre machine ou d’un autre TPM. Remettez le bon, ou écartez-le. Avec la clé enregistrée par `countersign store key`, rien n’est perdu : `install -m 0400 -o countersign -g countersign SAVEDKEY /var/lib/countersign/key.old; systemctl restart countersignd; countersign store rotate`. Sans elle, restaurez une sauvegarde avec `countersign store restore FILE --key KEYFILE --force`
store-mend-record = Restaurez une sauvegarde, ou lancez { $command } et faites inscrire la personne de nouveau
store-unsound = { $problems ->
    [one] la vérification a trouvé { $problems } problème
   *[other] la vérification a trouvé { $problems } problèmes
 }. Que faire est dit après chacun
store-backed-up = { $records ->
    [one] { $records } inscription est
   *[other] { $records } inscriptions sont
 } dans { $file }, sous le même chiffrement que dans le magasin.
store-left-out = { $user } n’y est pas : aucune clé d’ici n’ouvre cet enregistrement. Voyez `countersign store check`.
store-backup-needs = Elle s’ouvre avec la clé { $keys } et rien d’autre. Gardez-la aussi, et ailleurs : `countersign store key --save FILE`
store-backup-restore = Sur { $host } ou une autre machine : `countersign store restore FILE --key FILE`
store-keys-saved = La clé { $keys } est dans { $file }, en clair.
store-keys-warning = Qui a ce fichier et une sauvegarde a tous les secrets. Portez-le maintenant hors de cette machine, là où il n’y a aucune sauvegarde, et effacez-le ici avec `shred -u`.
store-backup-of = Une sauvegarde de { $host }, { $when }, { $records ->
    [one] { $records } inscription
   *[other] { $records } inscriptions
 }.
store-restored = { $records ->
    [one] { $records } inscription est restaurée, chiffrée
   *[other] { $records } inscriptions sont restaurées, chiffrées
 } sous la clé { $key } de cette machine.
store-aside = Ce qui était là avant est dans { $path }. Effacez-le quand vous êtes sûr de vous.
store-moved = { $user } a l’uid { $is } ici et avait { $was } : cette inscription ne compte pour personne.
store-rebound = { $user } a l’uid { $is } ici et avait { $was } : l’inscription est désormais à ce compte.
store-rebind-hint = Si ce sont les mêmes personnes, restaurez encore une fois avec `--force --rebind-uids`.
store-gone = { $user } n’est pas un compte d’ici, ou personne n’a pu le dire : l’inscription ne compte pour personne tant qu’il n’y en a pas un avec cet uid.
store-counter = { $user } a un jeton à compteur. Les codes utilisés depuis la sauvegarde valent de nouveau : faites lancer `countersign resync`, ou une nouvelle inscription.
store-after-restore = Les codes affichés jusqu’ici comptent comme utilisés ; les suivants marchent d’ici une minute environ. Les codes de secours utilisés depuis la sauvegarde valent de nouveau : faites-en faire de nouveaux avec `countersign recovery-codes`. Les codes temporaires ont disparu.
store-finishing = Un changement de clé avait été interrompu ; il est d’abord terminé.
store-sealed-already = La clé { $key } chiffre : { $place }. Il n’y a rien à changer. `countersign store rotate` fait une nouvelle clé
store-sealed = { $records ->
    [one] { $records } inscription est chiffrée
   *[other] { $records } inscriptions sont chiffrées
 } sous la nouvelle clé { $key } : { $place }. L’ancienne clé a disparu.
store-unreadable = { $records ->
    [one] { $records } enregistrement ne s’ouvre
   *[other] { $records } enregistrements ne s’ouvrent
 } sous aucune clé, comme avant. `countersign store check` les nomme
store-sealed-hint = La clé ne s’ouvre que sur cette machine. Gardez-en une copie pour le jour où la machine est perdue : `countersign store key --save FILE`
store-backups-old-key = Les sauvegardes d’avant ne s’ouvrent qu’avec l’ancienne clé : gardez sa copie aussi longtemps qu’elles, ou faites une nouvelle sauvegarde.
store-not-root = seul root peut faire cela. Lancez-le en tant que root, par exemple avec sudo
store-no-program = impossible de lancer { $path } : { $why }. Countersign est-il installé en entier ?
store-no-report = le programme du service a dit autre chose qu’un rapport : { $said }
store-service = le service ne s’arrête ou ne démarre pas : { $why }. `journalctl -u countersignd` en dit plus
store-no-systemd = les secrets de service chiffrés demandent systemd et `systemd-creds` (version 250 ou plus récente), absents ici. Rien n’a été changé ; la clé reste dans son fichier
store-under-way = une autre commande est en train de modifier le magasin. Rien n’a été changé. Relancez celle-ci quand elle aura fini
store-no-turn = impossible de savoir si une autre commande modifie le magasin : { $path } : { $why }. Rien n’a été changé
store-not-open = la clé n’est pas changée tant que le magasin n’est pas utilisable : { $why }. Rien n’a été changé. `countersign store check` dit ce qui ne va pas
store-not-empty = { $records ->
    [one] il y a déjà { $records } inscription
   *[other] il y a déjà { $records } inscriptions
 } ici. Rien n’a été changé. Avec `--force`, la sauvegarde prend la place, et ce qui est là est mis de côté
store-damaged-there = ce qui est ici est illisible : { $why }. Rien n’a été changé. Avec `--force`, la sauvegarde prend la place, et ce qui est là est mis de côté
store-went-back = le service n’a pas démarré avec la nouvelle clé : { $why }. L’ancienne est de retour et en usage, et rien n’est perdu
store-stuck = le service n’a pas démarré avec la nouvelle clé, et le retour en arrière a échoué aussi : { $why }. Aucune clé n’a été effacée. Réparez cela et relancez la même commande
store-unfinished = la nouvelle clé est en usage, et l’ancienne reste jusqu’à ce que ce soit fait : { $why }. Chaque inscription s’ouvre. Réparez cela et relancez la même commande
store-other-key = le service a démarré avec une autre clé que celle du dossier des secrets de service ou du fichier. Un complément de countersignd.service nomme-t-il son propre secret ?
store-not-taken-up = les inscriptions sont en place, et le service ne les prend pas : { $why }. `journalctl -u countersignd` en dit plus
store-wrong-key = cette sauvegarde s’ouvre avec la clé { $needed }, et la clé donnée est { $given }. Nommez le fichier avec la bonne : `--key FILE`. Rien n’a été changé
store-no-key = il n’y a pas de clé sur cette machine. Nommez le fichier avec celle de la sauvegarde : `--key FILE`. Rien n’a été changé
store-no-key-here = il n’y a pas de clé sur cette machine qui puisse être enregistrée ou ouvrir une sauvegarde. `countersign store check` dit ce qui ne va pas
store-not-saved = impossible d’enregistrer { $file } : { $why }
store-dash = une sauvegarde ou une clé va dans un fichier à elle, pas sur la sortie standard : nommez-en un, et pour un fichier qui s’appelle ainsi, écrivez ./-
store-aside-still = { $path } date d’avant une restauration, et aucune commande ne le lit. Effacez-le quand vous êtes sûr de vous : { $command }
store-not-a-backup = ce fichier n’est pas une sauvegarde de Countersign. Rien n’a été changé
store-newer = une version plus récente a écrit cette sauvegarde. Installez cette version. Rien n’a été changé
store-wrong-length = cette sauvegarde est abîmée : elle a { $bytes } octets et devrait en avoir { $wanted }. Prenez une autre copie. Rien n’a été changé
store-changed = cette sauvegarde est abîmée. Prenez une autre copie. Rien n’a été changé
store-forged = cette sauvegarde a été changée par quelqu’un qui n’a pas sa clé. Ne l’utilisez pas. Rien n’a été changé
store-record = l’enregistrement de { $user } dans cette sauvegarde est illisible. Prenez une autre copie. Rien n’a été changé
store-not-a-key = { $path } n’est pas une clé : il faut 32 octets par clé, comme `countersign store key` les enregistre. Rien n’a été changé
store-unreadable-file = impossible de lire { $path } : { $why }
store-decrypting = le secret de service qui tient la clé ne se déchiffre pas : { $why }. Remettez le bon fichier en /etc/credstore.encrypted/countersign.key, ou écartez-le
store-encrypting = la nouvelle clé ne se chiffre pas : { $why }. Rien n’a été changé
store-in-use = un autre service tient le magasin ouvert. Arrêtez-le et réessayez
store-no-user = il n’y a pas de compte countersign sur cette machine. Installez Countersign en entier
store-failed = cela a échoué : { $why }
store-interrupted = interrompu. Chaque inscription s’ouvre ; relancez la même commande pour être sûr que tout est fait
store-schema-made = Le magasin partagé est prêt : son schéma est à la version { $version }.
store-schema-upgraded = Le schéma du magasin partagé est passé de la version { $from } à la version { $version }.
store-schema-is = Le schéma du magasin partagé est déjà à la version { $version }.
store-schema-next = Les locataires et les hôtes s’y ajoutent en SQL : voir docs/fleet.md.
store-moved-there = { $records ->
    [one] 1 inscription est maintenant dans le magasin partagé, et n’est
   *[other] { $records } inscriptions sont maintenant dans le magasin partagé, et ne sont
 } plus dans celui de cet hôte.
store-moved-there-next = Les codes comptent désormais sur tous les hôtes du locataire. `countersign store status` dit comment va le magasin partagé.
store-moved-back = { $records ->
    [one] 1 inscription est maintenant dans le magasin de cet hôte, et ne s’ouvre
   *[other] { $records } inscriptions sont maintenant dans le magasin de cet hôte, et ne s’ouvrent
 } nulle part ailleurs.
store-moved-back-next = Les autres hôtes du locataire refusent désormais ces utilisateurs.
store-is-shared = les inscriptions de cet hôte sont dans un magasin partagé, et cette commande concerne le magasin propre d’un hôte. Sauvegardez la base là-bas, avec pg_dump, et sa clé avec `countersign store key --save FILE` ; la clé est celle de toute la flotte
store-other-backend = la configuration nomme un autre magasin. Écrivez d’abord backend = "{ $wanted }" dans [store] de /etc/countersign/countersign.toml, ne redémarrez pas le démon, et relancez cette commande
store-no-servers = la configuration ne nomme aucun serveur. Ajoutez "urls" à [store] de /etc/countersign/countersign.toml
store-broken-configuration = la configuration est défectueuse : { $why }
store-conflict = rien n’a été déplacé : ces utilisateurs ont aussi une inscription dans le magasin partagé : { $users }. Supprimez l’une des deux avec `countersign disable --user USER`
store-not-moved = l’inscription de { $user } n’a pas été déplacée : { $why }. Les connexions qui demandent un code sont refusées sur cet hôte tant que le déplacement n’est pas fini. Relancez la même commande, ou le retour
store-server = le magasin partagé n’a pas pu servir : { $why }
store-fleet = Les inscriptions sont dans un magasin partagé, locataire { $tenant }.
store-fleet-server = Serveur : { $server }, version { $schema } du schéma
store-fleet-unreachable = ✗ Il ne répond pas, et les connexions qui demandent un code sont refusées : { $why }
store-fleet-disk = Le serveur n’attend aucun serveur de secours : si son disque est perdu, des codes peuvent être acceptés une fois de plus. Nommez-en un dans synchronous_standby_names
store-fleet-nothing = Le serveur n’attend pas même son propre disque (synchronous_commit = off) : après une panne, des codes peuvent être acceptés une fois de plus
store-fleet-clock = L’horloge du serveur et celle de cet hôte diffèrent de { $seconds } s
store-fleet-key = Clé de la flotte : { $id }, { $place }
