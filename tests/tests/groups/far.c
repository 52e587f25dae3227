/* A directory elsewhere that knows one group, `faraway`, with alice in it, and whose state is the word in
   /etc/far: up, down (it says so), away (it finds nothing) or stuck (it says nothing for a minute). */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <nss.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FARAWAY 77777

static char state(void) {
    char word[8] = "down";
    FILE *file = fopen("/etc/far", "re");
    if (file != NULL) {
        if (fgets(word, sizeof word, file) == NULL)
            word[0] = 'd';
        fclose(file);
    }
    return word[0];
}

enum nss_status _nss_far_getgrnam_r(const char *name, struct group *entry, char *buffer, size_t length,
                                    int *error) {
    switch (state()) {
    case 'd':
        *error = EAGAIN;
        return NSS_STATUS_UNAVAIL;
    case 's':
        sleep(60);
        return NSS_STATUS_NOTFOUND;
    case 'u':
        break;
    default:
        return NSS_STATUS_NOTFOUND;
    }
    if (strcmp(name, "faraway") != 0)
        return NSS_STATUS_NOTFOUND;
    if (length < sizeof(char *) + sizeof "faraway") {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    memset(buffer, 0, sizeof(char *));
    entry->gr_mem = (char **)buffer;
    entry->gr_name = strcpy(buffer + sizeof(char *), "faraway");
    entry->gr_passwd = entry->gr_name + strlen("faraway");
    entry->gr_gid = FARAWAY;
    return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_far_initgroups_dyn(const char *user, gid_t primary, long *start, long *size, gid_t **groups,
                                        long limit, int *error) {
    (void)primary, (void)limit;
    if (state() != 'u') {
        *error = EAGAIN;
        return NSS_STATUS_UNAVAIL;
    }
    if (strcmp(user, "alice") != 0 || *start >= *size)
        return NSS_STATUS_NOTFOUND;
    (*groups)[(*start)++] = FARAWAY;
    return NSS_STATUS_SUCCESS;
}
