# L’aide. L’anglais est celui de tool/src/cli.rs.
help = Crée, affiche, exporte et désactive les codes d’authentification
help--bus = Prend ce bus de messages, non celui du système
help-value-ADDRESS = ADRESSE
help--help = Affiche l’aide
help--version = Affiche la version
help-after =
    Les codes sont demandés au terminal, ou lus sur l’entrée standard, un par ligne,
    si ce n’est pas un terminal. Ce ne sont jamais des arguments.

    Code de sortie : 0 fait, 1 refusé ou échoué, 2 mauvaise utilisation.
help-enroll = Configure une application d’authentification
help--name = Nom du jeton, comme phone ou tablet
help-value-TOKEN = JETON
help--save = Enregistre le QR (.jpg, .png, .svg) ou la carte .pdf
help-value-FILE = FICHIER
help--paper = Papier de la carte : a4 ou letter [selon la région]
help-value-SIZE = FORMAT
help--force = Permet à --save de remplacer un fichier
help--no-qr = N’affiche que la clé
help--algorithm = SHA1, SHA256 ou SHA512 ; souvent SHA1 seul est lu
help-value-NAME = NOM
help--digits = Chiffres d’un code, de 6 à 8
help-value-N = N
help--period = Durée d’un pas de temps
help-value-SECONDS = SECONDES
help--kind = Codes par l’heure (totp) ou par compteur (hotp)
help-value-KIND = GENRE
help-enroll--json = Écrit du JSON : une ligne avant le code, une après
help--user = Agit sur ce compte, en tant qu’administrateur
help-value-USER = COMPTE
help-status = Montre si des codes sont demandés, et ce qu’il en reste
help--json = Écrit du JSON
help-export = Remontre le code QR, ou l’enregistre en image
help--show = Affiche le code QR et la clé
help-export--name = Quel jeton, s’il y en a plusieurs
help-disable = Cesse de demander des codes
help-disable--name = Ne supprime que ce jeton
help-recovery-codes = Remplace les codes de secours par de nouveaux
help-verify = Essaie un code sans connexion
help-resync = S’ajuste à un authentificateur dont l’horloge est décalée
help-list = Liste les inscriptions (administrateurs)
help-list--json = Écrit du JSON, un compte par ligne
help--no-pager = Ne s’arrête pas à chaque page au terminal
help-unlock = Rouvre l’accès à quelqu’un (administrateurs)
help-unlock-USER = À qui rouvrir l’accès
help--temporary-code = Délivre aussi un code à lui dire
help--valid = Durée de validité : 30m, 8h, 2d
help-value-DURATION = DURÉE
help--uses = Pour combien de connexions
help--disable = Supprime aussi les jetons, pour repartir de zéro
help-help = Affiche cette aide, ou celle de la commande nommée
