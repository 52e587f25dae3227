# Ce qu’un administrateur est prié d’autoriser, après « Une authentification est nécessaire pour ».
dialog-status = consulter l’état du compte { $user }
dialog-enroll = inscrire { $user }
dialog-export = afficher la clé du compte { $user }
dialog-renew = remplacer les codes de secours du compte { $user }
dialog-disable = désactiver les codes du compte { $user }
dialog-unlock = débloquer le compte { $user }
dialog-issue = laisser entrer { $user } avec un code temporaire
dialog-import = importer un jeton pour { $user }
dialog-list = lister les comptes inscrits
dialog-look = consulter l’état du service
dialog-reseal = chiffrer de nouveau tous les comptes inscrits
