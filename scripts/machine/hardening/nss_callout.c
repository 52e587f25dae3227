/* A source of users that asks a server over the network, as nss-ldap does: "remote" exists as long as somebody
   listens on port 5599 of 127.0.0.1. */
#include <arpa/inet.h>
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum nss_status ask(struct passwd *found, char *buffer, size_t size, int *error) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(5599)};
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || connect(s, (struct sockaddr *)&server, sizeof server) != 0) {
        *error = errno;
        if (s >= 0)
            close(s);
        return NSS_STATUS_UNAVAIL;
    }
    close(s);
    static const char name[] = "remote", home[] = "/", shell[] = "/bin/sh", secret[] = "x";
    if (size < sizeof name + sizeof home + sizeof shell + sizeof secret) {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    found->pw_name = memcpy(buffer, name, sizeof name);
    found->pw_gecos = found->pw_dir = memcpy(buffer + sizeof name, home, sizeof home);
    found->pw_shell = memcpy(buffer + sizeof name + sizeof home, shell, sizeof shell);
    found->pw_passwd = memcpy(buffer + sizeof name + sizeof home + sizeof shell, secret, sizeof secret);
    found->pw_uid = found->pw_gid = 3301;
    return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_callout_getpwnam_r(const char *name, struct passwd *found, char *buffer, size_t size, int *error) {
    return strcmp(name, "remote") == 0 ? ask(found, buffer, size, error) : NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_callout_getpwuid_r(uid_t uid, struct passwd *found, char *buffer, size_t size, int *error) {
    return uid == 3301 ? ask(found, buffer, size, error) : NSS_STATUS_NOTFOUND;
}
