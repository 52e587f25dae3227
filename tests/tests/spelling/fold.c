/* A user database like that of a Windows domain: it takes a name in any case, and knows it in lower case. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <nss.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

enum nss_status _nss_fold_getpwnam_r(const char *name, struct passwd *entry, char *buffer, size_t length,
                                     int *error) {
    enum nss_status status = NSS_STATUS_NOTFOUND;
    struct passwd *found = NULL;
    FILE *file = fopen("/etc/passwd", "re");
    if (file == NULL)
        return NSS_STATUS_UNAVAIL;
    while ((*error = fgetpwent_r(file, entry, buffer, length, &found)) == 0 && found != NULL)
        if (strcasecmp(entry->pw_name, name) == 0) {
            status = NSS_STATUS_SUCCESS;
            break;
        }
    if (*error == ERANGE)
        status = NSS_STATUS_TRYAGAIN;
    fclose(file);
    return status;
}
