# Ce que dit le module PAM pendant une connexion.
login-question = Code d’authentification :
login-question-both = Mot de passe et code :
login-wrong = Ce code n’est pas le bon.
login-used = Ce code a déjà servi : attendez le suivant.
login-used-recovery-code = Ce code de secours a déjà servi : prenez-en un autre de votre liste.
login-used-temporary-code = Ce code temporaire a déjà servi : demandez-en un autre à votre administrateur.
login-throttled = Trop de codes erronés : réessayez dans { $seconds } s.
login-throttled-a-while = Trop de codes erronés : réessayez plus tard.
login-locked = Trop de codes erronés : demandez à votre administrateur de débloquer votre compte.
login-must-enroll = Vous devez configurer un code d’authentification avant de pouvoir vous connecter : connectez-vous par SSH ou depuis un terminal pour le faire, ou adressez-vous à votre administrateur.
login-denied = Vous ne pouvez pas vous connecter ici : adressez-vous à votre administrateur.
login-bad-user-name = Ce nom d’utilisateur n’est pas utilisable.
login-user-changed = Le nom d’utilisateur a changé pendant la connexion : reconnectez-vous.
login-unavailable = Le second facteur ne peut pas être vérifié pour le moment.
login-recovery-code = { $left ->
    [0] C’était votre dernier code de secours : lancez `countersign recovery-codes` pour en obtenir de nouveaux.
   *[other] C’était un code de secours : il en reste { $left }.
}
login-date = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }
login-enroll-question =
    Configurer maintenant une application d’authentification pour vos connexions ?
    Tapez oui pour un QR code, clé pour la clé seule (si █▄▀ ne sont pas des blocs),
    ou appuyez sur Entrée pour le faire plus tard (jusqu’au { $date }, { $time } UTC) :
login-enroll-question-now =
    Vous devez configurer une application d’authentification pour vous connecter ici.
    Tapez oui pour un QR code, ou clé pour la clé seule (si █▄▀ ne sont pas des blocs) :
login-enroll-scan = Scannez cette image avec l’application, ou ajoutez le compte à la main :
login-enroll-type = Ajoutez ce compte à l’application :
login-enroll-account = Compte : { $account }
login-enroll-issuer = Émetteur : { $issuer }
login-enroll-key = Clé :
login-enroll-kind = Codes : { $digits } chiffres, toutes les { $period } s, { $algorithm }
login-enroll-turn = Si l’application ne voit pas l’image, tapez inverser pour échanger le clair et le sombre, ou clé pour la clé seule.
login-enroll-code = Code affiché par l’application :
login-enroll-done =
    Ce code est le bon : l’application comptera une fois cette connexion établie. Si vous
    la perdez, ces codes de secours vous laissent entrer, une fois chacun. Notez-les : ils
    ne seront plus affichés.
login-enroll-noted = Appuyez sur Entrée quand vous les avez notés :
login-enroll-refused = Cette connexion exige une application d’authentification : connectez-vous depuis un terminal et répondez oui ou clé à la question.
login-enroll-not-confirmed = Ce code n’est pas le bon, et rien n’a été configuré : vérifiez l’heure du téléphone, puis reconnectez-vous.
login-enroll-failed = La configuration de l’application a échoué, et rien n’a changé : réessayez à la prochaine connexion.
login-enroll-not-kept = L’application n’a finalement pas pu être configurée : supprimez-y le nouveau compte, puis reconnectez-vous.
