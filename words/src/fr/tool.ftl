# Les questions, et ce qui est dit d’une réponse.
tool-question-code = Code actuel :
tool-question-code-or-recovery = Code actuel ou code de secours :
tool-question-yes = { $question } [o/N]
tool-code-empty = aucun code n’a été donné
tool-code-too-long = c’est trop long pour un code
tool-code-not-a-code = un code n’a que des lettres de a à z et des chiffres
tool-line-too-long = la ligne est trop longue

# L’inscription.
tool-enroll-question = Code que l’application affiche (saisie invisible) :
tool-enroll-question-again = Votre inscription est déjà active. Code actuel, pour ajouter un autre jeton :
tool-enroll-wrong = { $left ->
    [one] Ce code n’est pas le bon. Attendez le suivant (encore { $left } essai).
   *[other] Ce code n’est pas le bon. Attendez le suivant (encore { $left } essais).
}
tool-enroll-done =
    C’est fait : l’inscription de { $user } est active, et les codes de l’application
    comptent désormais.
tool-enroll-codes-stay = Les codes de secours restent les mêmes.
tool-enroll-saved =
    Le code QR est enregistré sous { $file }, lisible par vous seul.
    Qui l’a peut produire vos codes : mettez-le en lieu sûr.
tool-enroll-next =
    Maintenant, essayez de vous connecter dans une seconde session avant de fermer
    celle-ci. Le code que vous venez de saisir a servi : attendez le suivant.

# Les codes de secours.
tool-recovery-intro = Codes de secours. Chacun vous ouvre l’accès une fois, sans le téléphone :
tool-recovery-advice =
    Notez-les ou imprimez-les maintenant, et gardez-les loin du téléphone et de cet
    ordinateur. Ils ne seront plus affichés : `countersign recovery-codes` en crée
    de nouveaux.
tool-recovery-void = Les anciens ne valent plus rien.

# Une clé à scanner ou à saisir.
tool-key-add = Ajoutez ce compte dans l’application :
tool-key-add-not-utf8 = Ajoutez ce compte dans l’application. (Pas de code QR, car les paramètres régionaux ne sont pas en UTF-8 : définissez LC_ALL=C.UTF-8 pour le voir, ou enregistrez-le avec --save.)
tool-key-add-no-room = Ajoutez ce compte dans l’application. (Pas de code QR, car il lui faut { $columns } sur { $lines } caractères et le terminal en a { $has-columns } sur { $has-lines } : agrandissez-le, ou enregistrez le code avec --save.)
tool-key-scan = Scannez ceci avec une application d’authentification, ou ajoutez le compte à la main :
tool-key-scan-inverted = Scannez ceci avec une application d’authentification, ou ajoutez le compte à la main (sur un écran clair, l’image est inversée : utilisez alors --no-qr ou --save) :
tool-key-account = Compte
tool-key-issuer = Émetteur
tool-key-secret = Clé
tool-key-codes = Codes
tool-key-uri = URI
tool-key-by-time = par l’heure, { $digits } chiffres, toutes les { $period } s, { $algorithm }
tool-key-by-counter = par compteur à partir de { $counter }, { $digits } chiffres, { $algorithm }
tool-key-saved =
    Le code QR est enregistré sous { $file }, lisible par vous seul.
    Qui l’a peut produire les codes : mettez-le en lieu sûr.

# L’état d’un compte.
tool-status-enrolled = L’inscription de { $user } est active.
tool-status-not-enrolled = Aucune inscription au nom de { $user }.
tool-status-recovery-codes = Codes de secours restants : { $left }
tool-status-temporary-code = Un code temporaire d’un administrateur est valable.
tool-status-failed = { $count ->
    [one] { $count } tentative échouée depuis la dernière connexion.
   *[other] { $count } tentatives échouées depuis la dernière connexion.
}
tool-status-failed-unread = { $count ->
    [one] { $count } tentative échouée depuis la dernière connexion, dont { $unread } refusée sans examen.
   *[other] { $count } tentatives échouées depuis la dernière connexion, dont { $unread } sans examen.
}
tool-status-locked = BLOQUÉ après trop de codes erronés : seul un code de secours aide.
tool-status-foreign = PÉRIMÉE : cette inscription est celle d’un ancien utilisateur de ce nom.
tool-status-token = JETON
tool-status-added = AJOUTÉ
tool-status-last-used = DERNIER USAGE
tool-status-codes = CODES
tool-status-unknown = inconnu
tool-status-never = jamais
tool-status-by-time = par l’heure
tool-status-by-counter = par compteur
tool-status-digits = { $digits } chiffres
tool-status-period = toutes les { $period } s
tool-status-remove-foreign = Supprimez-la avec `countersign disable --user { $user }`.
tool-status-unlock-own =
    Connectez-vous avec un code de secours, ou demandez à un administrateur de lancer
    `countersign unlock` pour vous.
tool-status-unlock = Débloquez-le avec `countersign unlock { $user }`.
tool-status-not-yours =
    Si ces tentatives ne sont pas de vous, quelqu’un connaît peut-être votre mot de
    passe : changez-le.
tool-status-enroll = Configurez une application d’authentification avec `countersign enroll`.
tool-status-renew = Créez de nouveaux codes de secours avec `countersign recovery-codes`.

# La liste de tous les comptes. Les mots sont courts, pour un tableau de 80 colonnes.
tool-list-user = COMPTE
tool-list-tokens = JETONS
tool-list-last-used = DERNIER USAGE
tool-list-codes-left = SECOURS
tool-list-state = ÉTAT
tool-list-never = jamais
tool-list-unreadable = illisible
tool-list-locked = bloqué
tool-list-foreign = PÉRIMÉE
tool-list-no-token = aucun jeton
tool-list-temporary-code = code temporaire
tool-list-failed = { $count ->
    [one] { $count } échec
   *[other] { $count } échecs
}
tool-list-ok = ok
tool-list-nobody = Aucune inscription.

# Essayer, ajuster et supprimer.
tool-verify-question = Code à essayer :
tool-verify-accepted = Accepté. Ce code a servi : une connexion prendra le suivant.
tool-verify-recovery-code = Accepté. Ce code de secours a servi ; il en reste { $left }.
tool-resync-question = Code que l’application affiche :
tool-resync-question-next = Le code qui suit :
tool-resync-done =
    Ajusté. Les deux codes ont servi : une connexion prendra le suivant.
    Si c’est un téléphone, laissez-le régler son horloge automatiquement.
tool-disable-sure-token = Supprimer le jeton { $token } de { $user } ?
tool-disable-sure = Supprimer tous les jetons et codes de secours de { $user } ?
tool-disable-done-token =
    Le jeton { $token } de { $user } est supprimé. Effacez aussi son entrée dans
    l’application.
tool-disable-done =
    Les jetons et codes de secours de { $user } sont supprimés.
    Effacez aussi les entrées dans l’application et les images enregistrées : elles ne
    servent plus à rien.

# Rouvrir l’accès à quelqu’un.
tool-unlock-nothing = { $user } n’était pas bloqué : il n’y avait rien à effacer.
tool-unlock-not-locked = { $count ->
    [one] { $user } n’était pas bloqué ; { $count } tentative échouée effacée.
   *[other] { $user } n’était pas bloqué ; { $count } tentatives échouées effacées.
}
tool-unlock-done = { $count ->
    [one] { $user } est débloqué ; { $count } tentative échouée effacée.
   *[other] { $user } est débloqué ; { $count } tentatives échouées effacées.
}
tool-unlock-temporary-code = { $count ->
    [one] Ce code temporaire ouvre l’accès à { $user } pour { $count } connexion d’ici { $valid }.
   *[other] Ce code temporaire ouvre l’accès à { $user } pour { $count } connexions d’ici { $valid }.
}
tool-unlock-right-person = Assurez-vous de parler à la bonne personne avant de le lire à haute voix.
tool-unlock-disabled =
    Les jetons et codes de secours de { $user } sont supprimés.
    Demandez-lui de lancer `countersign enroll` une fois la connexion établie.
tool-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
tool-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
tool-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
tool-seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
tool-no-duration = écrivez un nombre entier et une unité : 90s, 30m, 8h ou 2d

# Ce qui devait être fait. Suit ce qui n’a pas marché.
tool-cannot-status = impossible d’afficher l’état de { $user }
tool-cannot-enroll = impossible d’inscrire { $user }
tool-cannot-export = impossible d’exporter la clé de { $user }
tool-cannot-renew = impossible de remplacer les codes de secours de { $user }
tool-cannot-resync = impossible de s’ajuster à l’authentificateur de { $user }
tool-cannot-disable = impossible de désactiver les codes de { $user }
tool-cannot-verify = impossible de vérifier un code de { $user }
tool-cannot-list = impossible de lister les inscriptions
tool-cannot-unlock = impossible de débloquer { $user }
tool-cannot-issue = impossible de délivrer un code temporaire à { $user }
tool-cannot = { $cannot } : { $why }

# Pourquoi le service a refusé.
tool-refused-resync-other = seul le titulaire du compte peut le faire. Demandez à { $user } de lancer `countersign resync`
tool-refused-even-root = le service ne le permet pas, même à root. `journalctl -u countersignd` dit pourquoi
tool-refused-own = vous n’en avez pas le droit. Demandez à un administrateur de le faire
tool-refused-administrator = seul un administrateur peut le faire. Réessayez là où polkit peut vous demander qui vous êtes, ou relancez la commande en tant que root, par exemple avec sudo
tool-refused-which-token = il y a plusieurs jetons. Choisissez-en un avec --name ; { $status } affiche les noms
tool-refused-too-many-tokens = le compte a déjà tous les jetons qu’il peut avoir. Supprimez-en un avec { $removal } ; { $status } affiche les noms
tool-refused-argument = le service l’a refusé : { $text }. `countersign --help` montre les choix possibles
tool-refused-argument-enroll = le service l’a refusé : { $text }. `countersign enroll --help` montre les choix possibles ; s’il y a trop de jetons, supprimez-en un avec { $removal }
tool-refused-no-such-user = cet utilisateur n’existe pas sur cette machine. Vérifiez l’orthographe : `getent passwd` liste les utilisateurs
tool-refused-no-such-token = aucun jeton ne s’appelle « { $token } ». { $status } affiche les noms
tool-refused-not-enrolled = cet utilisateur n’est pas inscrit. `countersign list` montre qui l’est
tool-refused-not-enrolled-own = aucune application d’authentification n’est configurée. Faites-le avec `countersign enroll`
tool-refused-enrolled-meanwhile = le compte a reçu un jeton entre-temps, et rien n’a été changé. Supprimez la nouvelle entrée de l’application et relancez { $enroll }
tool-refused-enrolled-meanwhile-own = le compte a reçu un jeton entre-temps, et rien n’a été changé. Supprimez la nouvelle entrée de l’application et relancez { $enroll }, qui demandera alors un code actuel
tool-refused-token-exists = il existe déjà un jeton de ce nom. Choisissez-en un autre avec --name, ou supprimez l’ancien avec { $removal }
tool-refused-earlier-user = cette inscription est celle d’un ancien utilisateur. Supprimez-la avec { $removal }
tool-refused-earlier-user-own = un ancien utilisateur de ce nom a laissé une inscription. Demandez à un administrateur de la supprimer avec { $removal }
tool-refused-code-resync = ce ne sont pas deux codes qui se suivent. Saisissez le code que l’application affiche, attendez le suivant et saisissez-le ; aucun des deux ne doit avoir déjà servi
tool-refused-code-disable = ce code n’est pas le bon ou a déjà servi. Attendez le suivant et réessayez, ou prenez un code de secours
tool-refused-code-no-recovery = ce code n’est pas le bon ou a déjà servi. Attendez le suivant ; un code de secours ne suffit pas ici
tool-refused-code = ce code n’est pas le bon ou a déjà servi. Attendez le suivant et réessayez
tool-refused-expired = l’inscription a expiré et rien n’a été changé. Supprimez la nouvelle entrée de l’application et relancez `countersign enroll`
tool-refused-not-stored = le changement n’a pas pu être enregistré et n’a pas été fait. `journalctl -u countersignd` dit pourquoi ; le plus souvent, le disque est plein
tool-refused-no-store = les données sont inutilisables, si bien que nul ne peut dire qui est inscrit. `journalctl -u countersignd` dit pourquoi et que faire
tool-refused-busy = le service a trop à faire. Réessayez dans un instant

# Pourquoi un code ne permet pas de se connecter.
tool-turned-wrong = ce code n’est pas le bon. Prenez celui que l’application affiche maintenant ; si cela persiste, l’horloge du téléphone est peut-être décalée : essayez `countersign resync`
tool-turned-used = ce code a déjà servi. Attendez le suivant
tool-turned-throttled = trop de codes erronés. Réessayez dans { $seconds } s
tool-turned-throttled-a-while = trop de codes erronés. Réessayez plus tard
tool-turned-locked = le compte est bloqué après trop de codes erronés. Connectez-vous avec un code de secours, ou demandez à un administrateur de lancer `countersign unlock` pour vous
tool-turned-unknown = le service a jugé le code avec un mot que cette version ne connaît pas. Installez la même version des deux

# Ce qui arrête l’outil, sinon.
tool-no-bus = impossible de joindre le bus de messages à { $address } : { $why }. Fonctionne-t-il ? `systemctl status dbus` le dit
tool-no-answer = pas de réponse en { $seconds } s
tool-no-daemon = le bus de messages ne connaît pas le service Countersign. Est-il installé ? Si oui, démarrez-le avec `systemctl start countersignd`
tool-not-started = le service Countersign n’a pas pu être démarré ({ $name }). `systemctl status countersignd` et `journalctl -u countersignd` disent pourquoi, et en root `countersign store check` dit si c’est la clé
tool-bus-denied = le bus de messages ne vous laisse pas parler au service Countersign. Demandez à un administrateur si ses règles d’accès au bus sont installées
tool-bus-full = le bus de messages a trop de connexions ou d’appels venant de vous. Réessayez dans un instant
tool-lost = { $cannot } : le service a disparu entre-temps. Regardez avec `countersign status` ce qui est fait, et réessayez
tool-timeout = { $cannot } : pas de réponse en { $seconds } s. Regardez avec `systemctl status countersignd` si le service fonctionne, avec `countersign status` ce qui est fait, et réessayez
tool-unexpected = { $cannot } : la réponse du service n’a pas de sens ({ $what }). Installez la même version des deux
tool-answer-no-key = pas de { $key }
tool-answer-wrong-type = { $key } n’est pas du bon type
tool-answer-not-in-order = les noms ne sont pas dans l’ordre
tool-answer-none = pas de réponse
tool-no-key = impossible d’afficher la clé : { $why }. Installez la même version des deux
tool-not-otpauth = ce que le service a envoyé n’est pas un URI otpauth
tool-otpauth-no-secret = l’URI otpauth que le service a envoyé n’a pas de secret
tool-otpauth-broken = l’URI otpauth que le service a envoyé est abîmé
tool-too-long-for-qr = les noms sont trop longs pour un code QR. Utilisez --no-qr et saisissez la clé
tool-own-name = votre nom d’utilisateur n’est pas utilisable : { $why }
tool-user-empty = le nom d’utilisateur est vide
tool-user-too-long = le nom d’utilisateur fait { $bytes } octets ; { $most } sont permis au plus
tool-user-not-utf8 = le nom d’utilisateur n’est pas un texte UTF-8
tool-user-forbidden = le nom d’utilisateur contient le caractère { $character }, qui n’est pas permis
tool-nameless = l’uid { $uid } n’a pas de nom d’utilisateur sur cette machine, donc pas de compte. `getent passwd { $uid }` montre la même chose
tool-no-terminal = impossible de demander un code, car il n’y a pas de terminal ({ $why }). Donnez-le plutôt sur l’entrée standard, un code par ligne
tool-input = impossible de lire le code : { $why }
tool-input-ended = aucun code n’a été donné. Rien n’a été changé
tool-not-a-code = { $why }. Rien n’a été changé
tool-too-many-wrong = { $attempts } codes erronés : l’inscription est abandonnée et rien n’a été changé. Supprimez la nouvelle entrée de l’application, vérifiez que l’horloge du téléphone se règle automatiquement, et relancez `countersign enroll`
tool-declined = rien n’a été changé
tool-cancelled = annulé : rien n’a été changé
tool-interrupted-under-way = interrompu pendant un changement. `countersign status` montre s’il a été fait
tool-interrupted-after = interrompu après un changement. `countersign status` le montre
tool-output = impossible d’écrire sur la sortie standard : { $why }
tool-codes-not-shown = le changement est fait, mais les codes de secours n’ont pas pu être écrits sur la sortie standard : { $why }. Créez-en de nouveaux avec `countersign recovery-codes`
tool-start = impossible de commencer : { $why }

# Pourquoi une image n’a pas été enregistrée.
tool-file-not-saved = impossible d’enregistrer le code QR sous { $file } : { $why }
tool-file-extension = le nom doit finir par .jpg, .png ou .svg pour une image, ou par .pdf pour une carte à imprimer
tool-file-exists = il existe déjà un fichier de ce nom. Choisissez-en un autre, ou remplacez-le avec --force
tool-file-link = c’est un lien symbolique, et les liens ne sont jamais suivis. Choisissez un autre nom
tool-file-no-file = c’est un répertoire ou un périphérique. Choisissez un autre nom
tool-file-no-directory = son répertoire n’existe pas. Créez-le, ou choisissez-en un autre
tool-file-not-allowed = { $why }. Choisissez un répertoire où vous pouvez écrire
tool-file-full = le disque est plein ou votre quota est épuisé. Faites de la place, ou choisissez un autre disque
tool-file-not-moved = { $why }. Il a été enregistré sous { $at } : déplacez-le vous-même
tool-file-other = { $why }. Choisissez un autre nom ou répertoire

# Ce qui ne prouve rien, et que faire alors.
tool-turned-used-recovery-code = ce code de secours a déjà servi. Prenez-en un autre de la liste
tool-turned-used-temporary-code = ce code temporaire a déjà servi. Demandez-en un autre à l’administrateur
tool-refused-used = ce code a déjà servi. Attendez le suivant de l’application
tool-refused-used-or-recovery = ce code a déjà servi. Attendez le suivant de l’application, ou prenez un code de secours qui n’a pas encore servi
tool-refused-locked = le compte est verrouillé après trop de codes erronés. Connectez-vous une fois avec un code de secours, ou demandez à un administrateur de lancer `countersign unlock { $user }`
tool-refused-locked-or-recovery = le compte est verrouillé après trop de codes erronés. Utilisez ici un code de secours, ou demandez à un administrateur de lancer `countersign unlock { $user }`

# La ligne de commande : les titres de l’aide, et ce qui est dit des erreurs.
tool-usage-usage = Utilisation 
tool-usage-commands = Commandes 
tool-usage-arguments = Arguments 
tool-usage-options = Options 
tool-usage-command = COMMANDE
tool-usage-default = {"["}par défaut : { $value }]
tool-usage-more = Pour en savoir plus, essayez « --help ».
tool-usage-unknown = argument inattendu « { $argument } »
tool-usage-unknown-verb = commande inconnue « { $verb } »
tool-usage-missing = il manque les arguments obligatoires suivants :
tool-usage-no-value = « { $argument } » demande une valeur, et aucune n’a été donnée
tool-usage-invalid = valeur incorrecte « { $value } » pour « { $argument } »
tool-usage-why = { $mistake } : { $why }
tool-usage-known = {"["}valeurs possibles : { $values }]
tool-usage-twice = l’argument « { $argument } » ne peut être donné qu’une fois
tool-usage-conflict = l’argument « { $argument } » ne va pas avec « { $with } »
tool-usage-conflict-several = l’argument « { $argument } » ne va pas avec :
tool-usage-conflict-some = l’argument « { $argument } » ne va pas avec d’autres arguments donnés
tool-usage-no-number = ce n’est pas un nombre entier
tool-usage-too-large = ce nombre est trop grand
tool-usage-range = { $value } n’est pas dans { $range }
tool-usage-tip-argument = conseil : un argument semblable existe : « { $meant } »
tool-usage-tip-verb = conseil : une commande semblable existe : « { $meant } »
tool-usage-tip-value = conseil : une valeur semblable existe : « { $meant } »
tool-usage-tip-dashes = conseil : pour donner « { $argument } » comme valeur, écrivez « -- { $argument } »
