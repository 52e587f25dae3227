# La carte à imprimer.
card-title = Carte d’authentification
card-subtitle = Pour les connexions à { $issuer }. Gardez cette page comme une clé : qui l’a peut produire vos codes.
card-account = Compte
card-issuer = Hôte ou service
card-token = Jeton
card-date = Date
card-codes = Codes
card-by-time = { $digits } chiffres, toutes les { $period } s, { $algorithm }
card-by-counter = { $digits } chiffres, par compteur à partir de { $counter }, { $algorithm }
card-key = Clé, à saisir si le code QR ne peut pas être scanné
card-recovery = Codes de secours
card-recovery-use = Chacun vous ouvre l’accès une seule fois, à la place d’un code de l’application. Cochez-le une fois utilisé.
card-recovery-none = Ils ne sont montrés qu’à leur création, et cette page n’en contient donc pas. Ceux que vous avez restent valables ; la commande « countersign recovery-codes » les remplace par de nouveaux.
card-lost = Si le téléphone est perdu ou cassé
card-lost-scan = Scannez le code QR avec le nouveau téléphone, ou saisissez la clé : il produit les mêmes codes que l’ancien.
card-lost-counter = Connectez-vous avec un code de secours et lancez « countersign export --show » pour obtenir un nouveau code QR : celui de cette page part d’un compteur alors déjà utilisé.
card-lost-other = Si quelqu’un d’autre peut avoir le téléphone ou cette page : connectez-vous, lancez « countersign disable » puis « countersign enroll ». Sans aucun code, demandez à un administrateur de débloquer votre compte.
card-foot = Gardez cette page à l’écart du téléphone et de l’ordinateur. Une fois imprimée, supprimez le fichier : shred -u FICHIER.

# Ce qu’en dit l’outil.
card-saved =
    La carte à imprimer est enregistrée sous { $file }, lisible par vous seul.
    Imprimez-la, par exemple avec `lp { $file }`, puis supprimez le fichier avec
    `shred -u { $file }` : qui l’a peut produire vos codes.
card-paper-for-picture = --paper est pour les cartes, dont le nom se termine par .pdf
card-not-saved = { $why }. L’inscription de { $user } est active malgré tout, et ses codes de secours sont affichés ci-dessus : notez-les maintenant. Une fois cela réparé, `countersign export --save FICHIER.pdf` fait une carte sans eux
card-temporary-next =
    Dites à { $user } de le saisir là où le code de l’application est demandé. Majuscules, espaces et
    tirets sont sans importance. Avec `--uses 2`, il vaut aussi pour le `countersign disable` ou le
    `countersign enroll --name NOUVEAU` qui suit la connexion.
card-disable-last-sure = { $token } est le seul jeton de { $user } : plus aucun code ne sera demandé, et les codes de secours disparaissent avec lui. Le supprimer ?
card-disable-last-done =
    { $token } était le seul jeton de { $user } : plus aucun code n’est demandé, et les codes
    de secours ne valent plus rien. Effacez aussi son entrée dans l’application.
card-counter-without-period = --period est pour les codes par l’heure : un jeton avec --kind hotp n’en a pas
