# Ce que dit le module PAM pendant une connexion.
