# Les piles de PAM : `countersign pam`.

## Pourquoi une pile est restée telle quelle

pam-not-root = seul root peut modifier les piles. Lancez cette commande en tant que root, avec sudo par exemple
pam-no-service = aucun service n’a de pile nommée { $service }. `countersign pam status` en donne la liste
pam-managed = { $file } est commun à de nombreux services, et { $manager } le réécrit. Nommez plutôt les services qui doivent demander un code, par exemple sshd
pam-no-directory = cette machine tient ses piles dans /etc/pam.conf, qui n’est pas modifié ici. Ajoutez à la main cette ligne sous la dernière ligne auth du service, précédée du nom du service : { $line }
pam-link = { $file } est un lien qui mène hors de /etc/pam.d ; autre chose s’en occupe donc. Ajoutez-y cette ligne à la main, sous celle qui demande le mot de passe : { $line }
pam-link-asks = { $file } nomme le module et c’est un lien qui mène hors de /etc/pam.d ; autre chose s’en occupe donc, et rien n’a été changé. Retirez-y la ligne ou, si c’est authselect qui l’écrit, lancez `/usr/libexec/countersign-authselect disable`
pam-not-understood = { $file } n’a aucun endroit qui convienne à coup sûr : rien n’a été modifié. La ligne doit se trouver là où passe quiconque a donné un mot de passe : aucune ligne « sufficient », aucun saut ne doit mettre fin à la pile avant elle. Mettez-y « required », puis relancez cette commande, ou ajoutez la ligne à la main et vérifiez avec `countersign pam status` : { $line }
pam-no-first-factor = { $file } n’a aucune ligne où l’on prouve qui l’on est, par un mot de passe par exemple : rien n’a été modifié, car un code suffirait alors à lui seul pour entrer
pam-other = { $file } est la pile de tous les services qui n’en ont pas : rien n’a été modifié. Nommez plutôt les services qui doivent demander un code, par exemple sshd
pam-unsound = { $service } nomme déjà le module, mais pas comme il faut : { $why }. Retirez-le avec `countersign pam disable { $service }`, puis activez-le de nouveau
pam-needed = sans la ligne de { $file }, n’importe qui entrerait, ou plus personne, ou un saut mènerait ailleurs : rien n’a été modifié. Remettez à la main ce qui s’y trouvait auparavant, par exemple « @include common-auth »
pam-would-ask-twice = { $service } inclut ce service et demanderait deux codes. Lancez d’abord `countersign pam disable { $service }`
pam-no-module = pam_countersign.so ne se trouve pas là où libpam cherche ses modules, et une pile qui le nomme ne laisserait entrer personne. Installez-le d’abord, ou passez outre avec --force
pam-locked-out = { $user } n’a pas encore d’authentificateur, et la politique refuserait { $user } ici. Lancez d’abord `countersign enroll`, ou passez outre avec --force
pam-busy = un autre `countersign pam` modifie les piles en ce moment. Réessayez quand il aura fini
pam-on-trial = un essai est en cours. Gardez-le avec `countersign pam try --confirm`, ou mettez-y fin avec `countersign pam try --rollback`
pam-no-trial = aucun essai n’est en cours
pam-no-login = aucune connexion avec un code n’a été acceptée par { $services } depuis le début de l’essai. Connectez-vous d’abord, depuis un autre terminal
pam-no-rollback = rien n’a été modifié, car le retour en arrière n’a pas pu être préparé : { $why }
pam-changed = { $file } vient d’être modifié par quelqu’un d’autre. Regardez-le, puis réessayez
pam-rolled-back = l’essai n’a pas été confirmé : les piles sont comme avant
pam-still-on-trial = l’essai n’est pas terminé : sans notre ligne dans { $files }, n’importe qui entrerait, ou un saut mènerait ailleurs. Remettez à la main ce qui s’y trouvait auparavant, par exemple « @include common-auth », puis lancez `countersign pam try --rollback`
pam-exposed = d’autres que root peuvent écrire dans { $file }, et donc dans chaque connexion : rien n’a été modifié. Réservez d’abord l’écriture à root : `{ $mend }`
pam-file = impossible de modifier { $file } : { $error }
pam-sshd-refuses = rien n’a été modifié, ni les piles ni sshd, car sshd n’accepte pas la modification : { $why }
pam-sshd-asks = rien n’a été modifié, car sshd ne laisse pas PAM poser les questions : les mots de passe échoueraient, et les clés éviteraient le code. `countersign pam enable sshd --sshd-config` y remédie (`pam try sshd --sshd-config` à l’essai) ; --force passe outre
pam-sshd-silent = rien n’a été modifié, car sshd ne donne pas ses réglages : { $why }. Regardez avec `sshd -T`, ou passez outre avec --force
pam-sshd-theirs = rien n’a été modifié, car { $file } existe déjà et ne laisse pas PAM poser les questions. Corrigez-le ou retirez-le, puis réessayez
pam-sshd-earlier = rien n’a été modifié, ni les piles ni sshd : { $file }, ligne { $line }, que sshd lit avant notre fichier, dit « { $text } ». Retirez cette ligne, puis réessayez
pam-sshd-no-include = rien n’a été modifié, ni les piles ni sshd : il manque un Include dans /etc/ssh/sshd_config. Mettez-y en premier « Include /etc/ssh/sshd_config.d/*.conf », puis réessayez

## Ce qui a été fait

pam-file-changed = modifié : { $file }
pam-file-made = créé : { $file }
pam-file-removed = supprimé : { $file }
pam-kept = état précédent : { $file }
pam-nothing-changed = rien à modifier
pam-would-change = Rien n’a été modifié : voici ce qui le serait.
pam-already = { $service } demande déjà un code
pam-partner = { $partner } également, qui est { $service } sous un autre nom
pam-also = { $service } demandera aussi un code, car il inclut ce qui change
pam-substack = dans { $file }, « include » devient « substack » : sans cela, ce que décide le fichier inclus mettrait fin à la connexion avant notre ligne
pam-copied = { $file } est une copie du fichier de la distribution, qui reste inchangé
pam-passed = { $service } laisse entrer par { $module } sans code, comme sans mot de passe ({ $file }, ligne { $line })
pam-nothing = { $service } ne nomme pas le module
pam-linked = { $service } est un lien vers { $file } et change avec lui
pam-password-again = { $file } demande à nouveau le mot de passe, à la place des deux lignes pour une clé et un code
pam-still = { $service } continue de demander un code, par { $file }
pam-nobody-enrolled = personne n’est encore inscrit : aucun code ne sera demandé tant que personne n’aura lancé `countersign enroll`
pam-next = Gardez cette session ouverte jusqu’à ce qu’une connexion ait réussi dans une autre.
pam-sshd-needs = sshd doit laisser PAM poser les questions ; sinon les clés évitent le code et les mots de passe échouent. Sa configuration ne le dit pas encore : `countersign pam enable sshd --sshd-config` l’écrit, ou mettez ceci dans /etc/ssh/sshd_config.d/10-countersign.conf :
pam-sshd-then = Avec { $file }, SSH demande le mot de passe et le code ; une clé seule, ou root si PermitRootLogin vaut prohibit-password, n’entrent plus.
pam-sshd-go-on = Continuer ?
pam-sshd-already = sshd laisse déjà PAM poser les questions
pam-sshd-written = écrit : { $file }
pam-sshd-reloaded = sshd a été prié de le lire
pam-sshd-reload = faites-le lire par sshd : `systemctl reload ssh`, ou `sshd` sous Fedora
pam-sshd-removed = supprimé : { $file }
pam-sshd-kept = laissé en place : { $file }, car sans lui sshd n’accepte pas sa configuration : { $why }
pam-sshd-other = laissé en place : { $file } régit toujours qui entre par SSH et peut exclure les clés. S’il n’est plus voulu, supprimez-le, puis lancez `sshd -t` et `systemctl reload ssh` (`sshd` sous Fedora)

## État

pam-head-service = SERVICE
pam-head-codes = CODES
pam-head-why = POURQUOI
pam-asks = demandés
pam-asks-but = demandés, mais
pam-asks-not = non
pam-wrong = ERREUR
pam-broken-stack = libpam ne peut pas lire la pile et refuse tout le monde
pam-exempt = sauf ceux que { $module } laisse entrer
pam-key-first = un code et pas de mot de passe : correct seulement si sshd demande d’abord une clé, par « AuthenticationMethods publickey,keyboard-interactive:pam »
pam-never-asked = aucun code n’est jamais demandé
pam-misplaced = n’interroge personne : la ligne doit être de type « auth » ({ $file }, ligne { $line })
pam-skipped = { $module } laisse entrer avant qu’un code ne soit demandé ({ $file }, ligne { $line })
pam-fails-open = un code faux laisse entrer
pam-opens-when-missing = laisse entrer tout le monde quand le module ne peut être chargé
pam-code-alone = un code suffit à lui seul pour entrer
pam-lets-anybody-in = laisse entrer quiconque n’a pas besoin de code
pam-asks-twice = demande deux codes
pam-refuses-the-exempt = refuse tous ceux qui n’ont pas besoin de code
pam-status-trial = Un essai est en cours pour { $services } : gardez-le avec `countersign pam try --confirm`, mettez-y fin avec `countersign pam try --rollback`.

## Essai

pam-try-now = Connectez-vous maintenant depuis un autre terminal, par { $services }, avec un code. Après { $time }, tout redevient comme avant, à moins que vous ne confirmiez.
pam-try-how = Confirmez ici une fois entré, ou là-bas avec `countersign pam try --confirm`.
pam-try-keep = Une connexion par { $service } a été acceptée. Garder la modification ?
pam-try-kept = La modification est gardée.
pam-back-restored = comme avant : { $file }
pam-back-taken-out = { $file } a été modifié entre-temps par quelqu’un d’autre : seule notre ligne a été retirée
pam-back-left = { $file } a été modifié entre-temps par quelqu’un d’autre et n’a aucune ligne de nous : laissé tel quel
pam-back-needed = { $file } reste tel quel : sans notre ligne, n’importe qui entrerait, ou un saut mènerait ailleurs
pam-interrupted = interrompu : l’essai est terminé, et le retour en arrière est celui indiqué ci-dessus
pam-interrupted-on-trial = interrompu : le retour en arrière a échoué et l’essai n’est pas terminé. `countersign pam status` dit ce qui l’empêche
pam-trial-open = Les piles de { $services } sont à l’essai et reviendront en arrière sauf confirmation ; après un redémarrage, elles ne le font pas d’elles-mêmes.
