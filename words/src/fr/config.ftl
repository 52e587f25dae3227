# Ce que dit `countersign config`.
config-default = par défaut
config-no-rules = Aucune règle : toute personne inscrite doit donner un code.
config-rules = Règles, dont la première qui convient décide :
config-daemon-has-older = Les fichiers sont plus récents que ce que le service applique : `systemctl reload countersignd` les lui fait relire.

# Quelle règle décide.
config-login-anywhere = { $user }, par n’importe quel service, d’où que ce soit :
config-login-local = { $user }, service { $service }, sur la machine elle-même :
config-login-remote = { $user }, service { $service }, depuis { $rhost } :
config-user-unknown = Il n’y a pas d’utilisateur { $user } sur cette machine.
config-user-cannot-tell = Impossible de savoir s’il y a un utilisateur { $user } : { $why }.
config-rhost-is-a-name = Un nom de machine n’est dans aucun réseau, quelle que soit son adresse.
config-group-member = { $user } est dans le groupe { $group }.
config-group-not-member = { $user } n’est pas dans le groupe { $group }.
config-group-none = Il n’y a pas de groupe { $group }.
config-group-cannot-tell = Impossible de savoir si { $user } est dans le groupe { $group } : { $why }.
config-why-users = pas pour cet utilisateur
config-why-groups = pas pour un groupe de cet utilisateur
config-why-services = pas pour ce service
config-why-networks = pas pour cette adresse
config-why-local = pas pour une connexion venue de là
config-why-matches = convient
config-why-depends-on-groups = convient si l’utilisateur est dans le groupe
config-why-depends-on-place = convient à certains services ou certaines adresses
config-why-not-reached = jamais atteinte
config-decides = La règle { $rule } ({ $origin }) décide : { $demand }
config-decides-none = Aucune règle ne convient : { $demand }
config-decides-several = L’une des règles { $rules } décide, et la plus stricte d’entre elles compte : { $demand }
config-decides-one-or-none = L’une des règles { $rules } décide, ou aucune, et c’est le plus strict qui compte : { $demand }
config-enrolled-none = Une personne inscrite entre sans code.
config-enrolled-code = Une personne inscrite doit donner un code.
config-not-enrolled-none = Une personne non inscrite entre sans code.
config-not-enrolled-code = Une personne non inscrite doit donner un code, et est refusée.
config-not-enrolled-enroll = Une personne non inscrite doit s’inscrire pendant la connexion.
config-not-enrolled-later = Une personne non inscrite est invitée à s’inscrire pendant la connexion, et peut remettre cela jusqu’au { $date }.
config-remembered = Pendant { $length } après un code, les connexions suivantes par le même service et du même endroit n’en demandent pas.

# Ce qui est étrange.
config-warning = attention : { $text }
config-good = { $rules ->
    [0] La configuration est bonne et n’a pas de règle : toute personne inscrite doit donner un code.
    [one] La configuration est bonne : une règle{ $warnings ->
        [0] .
        [one] , et une remarque.
       *[other] , et { $warnings } remarques.
    }
   *[other] La configuration est bonne : { $rules } règles{ $warnings ->
        [0] .
        [one] , et une remarque.
       *[other] , et { $warnings } remarques.
    }
}
config-remark-never-reached = cette règle ne décide jamais : la règle { $by } la précède et convient à tout ce à quoi elle convient
config-remark-enroll-by-past = « enroll_by » est passé depuis le { $date } : une personne non inscrite doit s’inscrire pour se connecter
config-remark-never-last = cette règle convient à tout ce que laissent les précédentes et ne demande de code à personne : les services qu’aucune d’elles ne nomme n’en demandent pas
config-remark-never-alone = cette règle convient à toute connexion et ne demande de code à personne : le second facteur est désactivé
config-remark-no-user = il n’y a pas d’utilisateur « { $user } » sur cette machine
config-remark-spelling = la base des utilisateurs écrit « { $user } » ainsi : « { $written } », et c’est ce que suivent les règles
config-remark-user-cannot-tell = impossible de savoir s’il y a un utilisateur « { $user } » : { $why }
config-remark-no-group = il n’y a pas de groupe « { $group } » sur cette machine, donc personne n’en est
config-remark-group-cannot-tell = impossible de savoir qui est dans le groupe « { $group } » : { $why }. Tant qu’il en est ainsi, c’est la plus stricte des règles possibles qui compte
config-remark-no-service = il n’y a pas de service « { $service } » dans /etc/pam.d ni dans /usr/lib/pam.d

# Ce qui est faux.
config-broken = { $count ->
    [one] il y a une erreur dans la configuration, et rien n’en entre en vigueur tant qu’elle n’est pas corrigée
   *[other] il y a { $count } erreurs dans la configuration, et rien n’en entre en vigueur tant qu’elles ne sont pas corrigées
}
config-broken-unlisted = { $count ->
    [one] il y a une erreur dans la configuration, qui ne dit donc rien. `countersign config check` la montre
   *[other] il y a { $count } erreurs dans la configuration, qui ne dit donc rien. `countersign config check` les énumère
}
config-unreadable = lecture impossible : { $error }
config-not-a-file = ce n’est pas un fichier ordinaire ; déplacez-le
config-exposed = d’autres que root peuvent écrire ici, et donc désactiver le second facteur ; faites chown root: et chmod go-w
config-too-large = c’est plus grand que { $most } octets
config-not-utf8 = ce texte n’est pas en UTF-8 ; enregistrez le fichier en UTF-8
config-syntax = ce n’est pas du TOML : { $said }
config-unknown-key = clé inconnue { $key }
config-unknown-key-in = clé inconnue { $key } dans { $table }
config-did-you-mean = {" ; "}vouliez-vous dire « { $word } » ?
config-belongs-in = {" ; "}sa place est dans { $table }
config-belongs-on-top = {" ; "}sa place est au premier niveau
config-known-here = {" ; "}clés connues ici : { $known }
config-type = « { $key } » attend { $wanted ->
    [table] une table
    [boolean] true ou false
    [number] un nombre entier
    [list] une liste de chaînes
    [rules] des tables, chacune sous [[rule]]
    [clusters] des tables, chacune sous [[store.cluster]]
   *[string] une chaîne
}, et ceci est { $found ->
    [table] une table
    [boolean] un booléen
    [integer] un nombre entier
    [float] un nombre à virgule
    [array] un tableau
    [datetime] une date
   *[string] une chaîne
}
config-range = « { $key } » attend un nombre entier de { $least } à { $most }
config-word = « { $key } » attend l’un des mots { $known }, et non { $word }
config-empty-list = « { $key } » n’énumère rien, la règle ne convient donc à personne ; retirez « { $key } » pour qu’elle convienne à tous
config-no-require = cette règle n’a pas de « require » ; ajoutez-en un
config-local-networks = une connexion locale ne vient d’aucun réseau, la règle ne convient donc à personne ; retirez « networks » ou « local »
config-issuer-empty = « issuer » est inutilisable : le nom est vide
config-issuer-too-long = « issuer » est inutilisable : le nom a plus de 64 caractères
config-issuer-forbidden = « issuer » est inutilisable : le nom contient un caractère de contrôle ou un deux-points, ce qui n’est pas permis
config-name-empty = { $kind ->
    [group] un tel groupe ne peut pas exister : son nom est vide
   *[user] un tel utilisateur ne peut pas exister : son nom est vide
}
config-name-too-long = { $kind ->
    [group] un tel groupe ne peut pas exister : son nom fait { $bytes } octets, et 255 au plus sont permis
   *[user] un tel utilisateur ne peut pas exister : son nom fait { $bytes } octets, et 255 au plus sont permis
}
config-name-not-utf8 = { $kind ->
    [group] un tel groupe ne peut pas exister : son nom n’est pas en UTF-8
   *[user] un tel utilisateur ne peut pas exister : son nom n’est pas en UTF-8
}
config-name-forbidden = { $kind ->
    [group] un tel groupe ne peut pas exister : son nom contient le caractère { $character }, qui n’est pas permis
   *[user] un tel utilisateur ne peut pas exister : son nom contient le caractère { $character }, qui n’est pas permis
}
config-date = « enroll_by » attend une date comme 2026-12-31, qui vaut jusqu’à la fin de ce jour ici, ou une date et une heure comme 2026-12-31T18:00:00+01:00
config-remember = « remember » attend une durée comme "10m", "8h" ou "2d", d’une minute à 30 jours
config-enroll-by-alone = « enroll_by » va avec require = "enroll", et cette règle dit "{ $require }" ; changez l’un ou retirez « enroll_by »
config-remember-never = « remember » épargne un code ultérieur, et cette règle n’en demande aucun ; retirez « remember »
config-service = ce n’est pas un service PAM ; écrivez le nom d’un fichier de /etc/pam.d, par exemple "sshd"
config-nothing-listed = « { $key } » ne contient rien ; nommez au moins un élément, ou supprimez la clé
config-server-scheme = ce n’est pas un serveur ; écrivez-le comme "postgresql://db1.example.org:5432/countersign"
config-server-no-host = ce serveur n’a pas d’hôte ; écrivez son nom après "postgresql://"
config-server-port = le port de ce serveur est impossible ; écrivez un nombre de 1 à 65535
config-server-password = il y a un mot de passe ici ; retirez-le : le certificat de l’hôte en tient lieu
config-server-extra = écrivez un seul serveur, sans rien après sa base : chacun a sa place dans la liste
config-tenant = le nom d’un locataire se compose de a à z, de chiffres, de « . », « _ » et « - », sur 63 caractères au plus
config-relative-path = « { $key } » attend un chemin entier, qui commence par « / »
config-cluster-without = cette grappe n’a pas de « { $key } » ; ajoutez-les
config-no-servers = backend = "postgres" demande un serveur pour le locataire « { $tenant } » ; ajoutez "urls" à [store]
config-network-no-address = { $text } n’est pas un réseau : écrivez une adresse et un préfixe, par exemple "10.0.0.0/8" ou "2001:db8::/32"
config-network-mapped = { $text } n’est pas un réseau : écrivez l’adresse IPv4 telle quelle, par exemple "10.0.0.0/8"
config-network-prefix = { $text } n’est pas un réseau : le préfixe après le « / » est un nombre entier de 0 à { $longest }
config-network-host-bits = { $text } n’est pas un réseau : l’adresse a des bits au-delà du préfixe ; vouliez-vous dire "{ $meant }" ?
