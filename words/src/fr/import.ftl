# Le tableau.
import-column-user = UTILISATEUR
import-column-token = JETON
import-column-result = RÉSULTAT
import-column-why = POURQUOI
import-taken = repris
import-would-be-taken = serait repris
import-already-there = déjà repris
import-not-taken = NON REPRIS
import-left-out = laissé
import-token-on-line = { $name } (ligne { $line })
import-codes = { $count ->
    [one] { $count } code de secours
   *[other] { $count } codes de secours
}
import-line = ligne { $line }
import-file = fichier

# Pourquoi quelque chose n’a pas été repris, ou diffère.
import-why-no-secret = il n’y a pas de secret
import-why-not-base32 = le secret n’est pas en base32
import-why-not-hex = le secret n’est pas fait de paires de chiffres hexadécimaux
import-why-too-short = le secret a { $bytes } octets et doit en avoir au moins 10 : refaites l’inscription
import-why-too-long = le secret a { $bytes } octets et doit en avoir au plus 64 : refaites l’inscription
import-why-no-kind = il n’y a ni TOTP_AUTH ni HOTP_COUNTER
import-why-bad-option = { $option } a une valeur dépourvue de sens : corrigez le fichier
import-why-offset-too-far = l’horloge est décalée de plus de 1500 pas : supprimez TIME_SKEW et réglez l’horloge
import-why-unknown-option = l’option est inconnue
import-why-unknown-line = ni une option ni un code de secours
import-why-too-many-codes = plus que les 32 codes de secours qu’un compte peut avoir
import-why-window-cut = avec une fenêtre de { $steps } pas de chaque côté, la plus large possible
import-why-others-can-read = d’autres pouvaient lire le fichier : refaites l’inscription s’ils peuvent connaître le secret
import-why-pin-left = sans son code PIN : le mot de passe de la connexion le remplace
import-why-unknown-type = le type est inconnu
import-why-no-user = la ligne s’arrête avant l’utilisateur
import-why-bad-user = ce nom ne peut pas être celui d’un utilisateur
import-why-bad-counter = le facteur mobile n’est pas un nombre
import-why-bad-time = l’heure de la dernière utilisation n’en est pas une, et n’était pas nécessaire
import-why-bad-last-code = le dernier code n’est pas un code
import-why-waits = l’utilisateur sera repris quand la ligne { $line } sera corrigée, ou sans elle par --partly
import-why-newer-codes = l’utilisateur a des codes de secours plus récents
import-why-comment = un commentaire
import-why-same-as-line = le même jeton qu’à la ligne { $line }
import-why-too-many-tokens = plus que les 8 jetons qu’un compte peut avoir
import-why-not-otpauth = ce n’est pas une URI otpauth de type totp ou hotp
import-why-migration = une exportation de l’application, qui n’est pas lue : donnez l’URI de chaque compte
import-why-broken-uri = un nombre ou un caractère codé de l’URI est défectueux
import-why-bad-digits = les codes ont de 6 à 8 chiffres
import-why-bad-period = un pas de temps dure de 1 à 86400 secondes
import-why-bad-algorithm = l’algorithme n’est pas SHA1, SHA256 ou SHA512
import-why-no-home = le répertoire personnel n’est pas là : s’il n’est pas monté, montez-le et recommencez
import-why-no-file = ce fichier n’existe pas
import-why-symlink = un lien symbolique barre le chemin : nommez le fichier auquel il mène
import-why-not-a-file = ce n’est pas un fichier ordinaire
import-why-other-owner = le fichier appartient à quelqu’un d’autre
import-why-others-can-write = d’autres ont pu écrire ce fichier : examinez-le, puis faites `chmod go-w`
import-why-too-large = trop grand pour être un tel fichier
import-why-not-text = ce n’est pas du texte
import-why-unreadable = lecture impossible : { $error }
import-why-no-answer = son disque ne répond pas
import-why-no-such-user = cet utilisateur n’existe pas
import-why-earlier-user = il reste l’inscription d’un utilisateur précédent : `countersign disable --user` la supprime
import-why-enrolled = déjà inscrit avec un autre jeton : --add garde les deux
import-why-not-stored = l’enregistrement a échoué : `journalctl -u countersignd` dit pourquoi
import-why-busy = le service est surchargé : réessayez
import-why-refused = le service a refusé : { $error }
import-why-went-away = le service a disparu : réessayez

# La fin.
import-sum-taken = { $tokens ->
    [0] Rien de nouveau n’a été repris.
    [one] Repris : { $tokens } jeton de { $users ->
        [one] { $users } utilisateur
       *[other] { $users } utilisateurs
    }.
   *[other] Repris : { $tokens } jetons de { $users ->
        [one] { $users } utilisateur
       *[other] { $users } utilisateurs
    }.
}
import-sum-codes = { $count ->
    [one] Repris : { $count } code de secours.
   *[other] Repris : { $count } codes de secours.
}
import-sum-dry-run = { $tokens ->
    [one] À blanc : { $tokens } jeton de { $users ->
        [one] { $users } utilisateur
       *[other] { $users } utilisateurs
    } serait repris. Rien n’a été modifié.
   *[other] À blanc : { $tokens } jetons de { $users ->
        [one] { $users } utilisateur
       *[other] { $users } utilisateurs
    } seraient repris. Rien n’a été modifié.
}
import-sum-already-there = Déjà repris : { $count }.
import-sum-not-taken = Non repris : { $count }.
import-sum-without-file = { $count ->
    [one] { $count } utilisateur n’a pas de fichier.
   *[other] { $count } utilisateurs n’ont pas de fichier.
}
import-left-rate-limit = { $count ->
    [one] RATE_LIMIT n’est pas repris ({ $count } fichier) : Countersign ralentit lui-même les codes faux.
   *[other] RATE_LIMIT n’est pas repris ({ $count } fichiers) : Countersign ralentit lui-même les codes faux.
}
import-left-grace-period = { $count ->
    [one] LAST… n’est pas repris ({ $count } fichier) : `remember` dans countersign.toml fait de même.
   *[other] LAST… n’est pas repris ({ $count } fichiers) : `remember` dans countersign.toml fait de même.
}
import-left-skew = { $count ->
    [one] RESETTING_TIME_SKEW n’est pas repris ({ $count } fichier) : `countersign resync` fait de même.
   *[other] RESETTING_TIME_SKEW n’est pas repris ({ $count } fichiers) : `countersign resync` fait de même.
}
import-scratch-codes =
    Les codes de secours sont les anciens, qui sont courts et restent dans l’ancien
    fichier. `countersign recovery-codes` en fait de meilleurs.
import-files-left =
    Ces fichiers contiennent toujours les secrets. Quand tout le monde se sera
    connecté avec Countersign, supprimez-les avec `shred -u` :
import-and-more = { $count ->
    [one] et { $count } autre
   *[other] et { $count } autres
}
import-pam-lines =
    Ces lignes de PAM interrogent toujours { $module }.
    Mettez pam_countersign.so à leur place :
import-progress = { $done } utilisateurs sur { $all }…
import-question = URI otpauth (non affichée ; une ligne vide termine) :

# Les échecs.
import-cannot = impossible de reprendre les jetons de { $user }
import-error-not-all = { $count ->
    [one] { $count } élément n’a pas été repris ; le tableau dit pourquoi. Après correction, recommencez : ce qui est repris le reste
   *[other] { $count } éléments n’ont pas été repris ; le tableau dit pourquoi. Après correction, recommencez : ce qui est repris le reste
}
import-error-daemon-gone = le service a disparu et ne revient pas. `systemctl status countersignd` dit pourquoi ; recommencez ensuite, et ce qui est repris le reste
import-error-file = impossible de reprendre { $file } : { $why }
import-error-nobodys-file = impossible de reprendre { $file } : son propriétaire, l’uid { $uid }, n’est pas un utilisateur de cette machine. Nommez l’utilisateur avec --user
import-error-no-such-user = impossible de reprendre les jetons de { $user } : cet utilisateur n’existe pas. `getent passwd` liste les utilisateurs
import-error-no-uri = aucune URI otpauth n’est arrivée par l’entrée standard. Donnez-en une par ligne, commençant par otpauth://. Rien n’a été modifié
import-error-no-users = impossible de lister les utilisateurs de cette machine : { $error }
