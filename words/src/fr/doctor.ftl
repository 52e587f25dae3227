doctor-subject-bus = bus de messages
doctor-subject-daemon = démon
doctor-subject-clock = horloge
doctor-subject-sshd = sshd
doctor-subject-pam = piles PAM
doctor-subject-policy = configuration et règles
doctor-subject-store = inscriptions

doctor-mark-good = ok
doctor-mark-error = ERREUR
doctor-mark-warning = attention
doctor-mark-note = note

doctor-unseen = Non examiné :
doctor-unseen-copy = le démon, l’horloge et sshd : ce sont des fichiers, pas une machine en marche
doctor-unseen-daemon = ce que le démon dit de lui-même et qui est inscrit (à lancer en root)
doctor-unseen-sshd = les réglages effectifs de sshd (à lancer en root)
doctor-unseen-store = les propriétaires et les droits des fichiers d’inscription (à lancer en root)
doctor-unseen-socket = la prise de connexion (à lancer en root)
doctor-unseen-users = les réglages de sshd au-delà des { $count } premiers utilisateurs inscrits
doctor-summary = { $errors ->
        [one] { $errors } erreur
       *[other] { $errors } erreurs
    }, { $warnings ->
        [one] { $warnings } avertissement
       *[other] { $warnings } avertissements
    }, { $notes ->
        [one] { $notes } remarque
       *[other] { $notes } remarques
    }.
doctor-unwell = { $errors ->
        [one] { $errors } erreur trouvée ; le rapport dit ce qui y remédie
       *[other] { $errors } erreurs trouvées ; le rapport dit ce qui y remédie
    }
doctor-no-answer = pas de réponse en { $seconds } s

doctor-bus-unreachable = Le bus de messages est injoignable ({ $why }).
doctor-bus-owner = Le nom org.countersign1 appartient à l’uid { $uid }, qui n’est pas l’utilisateur du démon : aucun code n’est jugé là.
doctor-bus-not-activatable = Le bus de messages ne sait pas démarrer le démon.
doctor-bus-policy = La politique de bus org.countersign1.conf n’est pas installée : le démon ne peut pas prendre son nom et personne ne peut l’appeler.
doctor-bus-service = Le fichier org.countersign1.service n’est pas installé : le bus ne peut pas démarrer le démon.
doctor-polkit-action = L’action polkit org.countersign1.administer n’est pas installée : seul root peut administrer.

doctor-daemon-program = Le programme du démon, { $path }, est absent.
doctor-daemon-user = L’utilisateur « { $user } », sous lequel tourne le démon, n’existe pas.
doctor-daemon-silent = Le démon ne répond pas ({ $why }) : tous ceux qui doivent donner un code sont refusés.
doctor-daemon-version = Le démon en marche est en version { $daemon }, cet outil en version { $tool }.
doctor-daemon-denied = SELinux a empêché le démon de faire quelque chose aujourd’hui.
doctor-socket-silent = La prise de connexion existe mais le démon n’y répond pas ({ $why }) : il ne reste que le bus de messages.
doctor-unit-masked = L’unité { $unit } est masquée : rien ne la démarre.
doctor-unit-failed = L’unité { $unit } a échoué.
doctor-unit-socket = La prise de connexion n’est pas activée : quiconque encombre le bus de messages retarde les connexions.

doctor-clock-implausible = L’horloge a des années de retard : aucun code ne peut être juste.
doctor-clock-daemon = L’horloge du démon et celle de ce programme diffèrent de { $seconds } s.
doctor-clock-off = L’horloge est décalée de { $seconds } s.
doctor-clock-unsynchronised = L’horloge n’en suit aucune autre : elle dérivera jusqu’à ce que des codes justes soient refusés.
doctor-clock-unknown = Rien sur cette machine ne dit si l’horloge est juste ; comparez-la à une autre.
doctor-clock-hardware = L’horloge matérielle est décalée de plus d’un fuseau horaire : après le prochain démarrage, les codes seront refusés jusqu’à la mise à l’heure.
doctor-clock-future = Le dernier code de { $user } a été accepté à une heure encore à venir : l’horloge était fausse ou l’est à présent, et les codes suivants peuvent être refusés.

doctor-sshd-refused = sshd refuse sa configuration et ne reviendrait pas après un redémarrage : { $why }
doctor-sshd-order = { $early } désactive keyboard-interactive avant que { $late } soit lu, et sshd garde la première valeur.
doctor-sshd-without = Quelqu’un est inscrit, et la pile PAM de sshd ne demande pas de code.
doctor-sshd-usepam = Pour { $user }, sshd n’interroge pas PAM (UsePAM no) et ne demande donc pas de code.
doctor-sshd-interactive = Pour { $user }, sshd ne peut pas demander de code (KbdInteractiveAuthentication no).
doctor-sshd-key-alone = sshd laisse entrer { $user } par « { $method } » seul : PAM n’est alors pas interrogé, ni aucun code demandé.
doctor-sshd-password = La méthode « password » de sshd répond à chaque question de PAM par le mot de passe et échoue donc là où un code est demandé ; keyboard-interactive fonctionne.
doctor-sshd-password-alone = sshd demande le code à { $user } par la seule méthode « password », qui répond à chaque question de PAM par le mot de passe : ces connexions échouent toutes.
doctor-sshd-tries = MaxAuthTries est si bas qu’un seul code mal tapé met fin à la connexion.
doctor-sshd-grace = LoginGraceTime est inférieur à une minute : trop court pour aller chercher un téléphone ou s’inscrire à la connexion.
doctor-sshd-root = root ne peut pas se connecter par SSH : toutes les voies interrogent PAM, et PermitRootLogin ne laisse pas root répondre.

doctor-pam-trial = Une modification de { $services } est à l’essai et sera annulée si personne ne la confirme.
doctor-pam-nowhere = Aucune pile PAM ne nomme pam_countersign : aucune connexion ne demande de code.
doctor-module-missing = Des piles nomment { $module }, et { $path } est absent : ceux qui passent par elles sont refusés.
doctor-from-source = dans le répertoire des sources, comme à l’installation
doctor-module-or-disable = ou, pour se passer de codes : countersign pam disable --all
doctor-module-foreign = { $path } est fait pour une autre machine : ceux qui en ont besoin sont refusés.
doctor-module-other = { $path } n’est pas un module PAM : ceux qui en ont besoin sont refusés.
doctor-module-exposed = Un autre que root peut écrire dans { $path }, et donc dans chaque connexion.
doctor-stack-exposed = Un autre que root peut écrire dans { $path }, et donc dans chaque connexion.
doctor-stack-skipped = { $service } : le code en { $place } n’est pas demandé, car { $module } en { $before } termine la pile avant.
doctor-stack-unreached = { $service } : le code en { $place } n’est jamais demandé.
doctor-stack-misplaced = La ligne en { $place } n’interroge personne : seule une ligne de type « auth » demande un code.
doctor-stack-exempt = { $service } : { $module } en { $place } laisse passer certaines personnes sans code.
doctor-stack-fails-open = { $service } : un code faux laisse entrer aussi, car la ligne en { $place } ne compte pas.
doctor-stack-opens-when-missing = { $service } : la ligne en { $place } laisse entrer sans code si le module ne peut pas être chargé.
doctor-stack-code-alone = { $service } : un code seul laisse entrer, sans mot de passe.
doctor-stack-anybody = { $service } : qui n’a pas besoin de code entre sans avoir rien montré.
doctor-stack-twice = { $service } : deux codes sont demandés en une connexion.
doctor-stack-refuses = { $service } : qui n’a pas besoin de code est refusé.
doctor-stack-early = { $service } : le code est demandé avant le mot de passe, et qui devine apprend s’il était juste.
doctor-stack-peer = { $service } : { $module } en { $place } demande aussi un code ; il en faut donc deux.
doctor-stack-pair = { $asking } demande un code et { $silent } non : qui passe par le second l’évite.
doctor-stack-beside = { $manager } demande un code ; { $way } permet d’entrer sans.
doctor-stack-mute = La ligne en { $place } atteint { $services }, où personne ne peut taper de code : les inscrits y sont refusés.
doctor-stack-file-missing = { $service } : { $place } inclut { $file }, qui est absent.
doctor-stack-too-deep = { $service } : des fichiers s’incluent en cercle en { $place }.
doctor-stack-nonsense = { $service } : libpam ne comprend pas { $place }, et refuse.
doctor-option-unknown = { $place } : le module ne comprend pas l’option « { $option } » et l’ignore.
doctor-option-open = { $place } : « unavailable=ignore » laisse entrer sans code dès que le démon est injoignable.
doctor-option-bus = { $place } : « bus= » sert aux tests ; qui écoute là juge les codes.

doctor-policy-broken = La configuration n’est pas en vigueur : { $problem }
doctor-policy-stale = Le démon tourne avec une configuration plus ancienne que celle des fichiers.
doctor-policy-odd = Une règle est étrange : { $remark }
doctor-policy-daemon = Le démon refuse la configuration : { $problem }
doctor-policy-off = La règle { $rule } ne demande de code à personne, et aucune règle avant elle n’en demande : le second facteur est désactivé.
doctor-policy-not-enrolled = { $user } doit avoir un code et n’est pas inscrit : l’accès est refusé.
doctor-policy-lock-out = Une règle demande un code à tous et personne n’est inscrit : personne n’entre, pas même root.
doctor-policy-root = Une règle demande un code à tous, et root n’est pas inscrit et n’a pas d’autre voie à la console.

doctor-store-damaged = Ce qui est sur le disque est abîmé : { $why }
doctor-store-closed = Les inscriptions sont inutilisables : { $why }
doctor-store-unsaved = { $count ->
        [one] { $count } changement n’est
       *[other] { $count } changements ne sont
    } qu’en mémoire : faites de la place sur le disque avant de redémarrer le démon, sinon des codes déjà utilisés redeviendront bons.
doctor-store-owner = { $path } n’appartient pas à { $user }.
doctor-store-open-to-others = D’autres que le démon peuvent regarder dans { $path }.
doctor-store-full = Il reste { $kib } Kio sur le disque des inscriptions.
doctor-store-read-only = Le disque des inscriptions est en lecture seule : les inscriptions sont refusées.
doctor-record-foreign = L’inscription de { $user } est celle d’un ancien utilisateur de ce nom : elle ne vaut pour personne, et { $user } est refusé.
doctor-record-unreadable = L’inscription de { $user } est illisible, et { $user } est refusé : { $why }
doctor-record-peer = { $user } est inscrit ici et a encore { $path }, qui contient un secret que tous ses programmes peuvent lire.
