# Ce que dit le module PAM pendant une connexion.
login-question = Code d’authentification :
login-question-both = Mot de passe et code :
login-wrong = Ce code n’est pas le bon.
login-used = Ce code a déjà servi : attendez le suivant.
login-throttled = Trop de codes erronés : réessayez dans { $seconds } s.
login-throttled-a-while = Trop de codes erronés : réessayez plus tard.
login-locked = Trop de codes erronés : demandez à votre administrateur de débloquer votre compte.
login-must-enroll = Vous devez configurer un code d’authentification avant de pouvoir vous connecter : lancez `countersign enroll` ou adressez-vous à votre administrateur.
login-denied = Vous ne pouvez pas vous connecter ici : adressez-vous à votre administrateur.
login-bad-user-name = Ce nom d’utilisateur n’est pas utilisable.
login-user-changed = Le nom d’utilisateur a changé pendant la connexion : reconnectez-vous.
login-unavailable = Le second facteur ne peut pas être vérifié pour le moment.
login-recovery-code = { $left ->
    [0] C’était votre dernier code de secours : lancez `countersign recovery-codes` pour en obtenir de nouveaux.
   *[other] C’était un code de secours : il en reste { $left }.
}
