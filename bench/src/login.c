/* Logs people in through the real libpam, each login in a process of its own as sshd does, and says how long it took.
 *
 *   login in-order DIR      one login after the other: from before the fork to after its end is seen
 *   login at-once DIR       a process for each person, all let go together; each logs in as often as there are lines:
 *                           from pam_start to pam_end
 *   login paced DIR RATE    so many logins a second begin, whatever becomes of those before: from before the fork
 *                           to the end as the login's own process sees it
 *   login load              loads modules, each in a process of its own, as libpam does: dlopen and dlsym alone
 *
 * DIR has the stacks of the services. Standard input has a login a line, with tabs between: person (a number, in
 * order), service, user, remote host, code; for `load`, the path of a module. Standard output gets a line for each, in
 * the same order: PAM's status, or -1 where there was none, and begin and end in nanoseconds since the first began.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <security/pam_appl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* No module takes longer. A login that hangs ends without a status. */
#define PATIENCE 60

struct login {
	long person;
	const char *service, *user, *rhost, *code;
};

/* Written by the login's process, read by the first one. */
struct end {
	int status;
	int64_t began, ended;
};

static const char *stacks;

static void stop(const char *what)
{
	fprintf(stderr, "login: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Types the code at every prompt, and reads what is said without a word. */
static int converse(int count, const struct pam_message **messages, struct pam_response **answers, void *code)
{
	struct pam_response *array = calloc((size_t)count, sizeof *array);
	if (!array)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		int style = messages[i]->msg_style;
		if (style == PAM_PROMPT_ECHO_OFF || style == PAM_PROMPT_ECHO_ON)
			array[i].resp = strdup(code);
	}
	*answers = array;
	return PAM_SUCCESS;
}

static int log_in(const struct login *login)
{
	struct pam_conv conversation = { converse, (void *)login->code };
	pam_handle_t *handle = NULL;
	int status = pam_start_confdir(login->service, login->user, &conversation, stacks, &handle);
	if (status == PAM_SUCCESS)
		status = pam_set_item(handle, PAM_RHOST, login->rhost);
	if (status == PAM_SUCCESS)
		status = pam_authenticate(handle, 0);
	if (handle)
		pam_end(handle, status);
	return status;
}

static int load(const struct login *module)
{
	void *library = dlopen(module->service, RTLD_NOW);
	return library && dlsym(library, "pam_sm_authenticate") ? PAM_SUCCESS : PAM_OPEN_ERR;
}

static pid_t begin(void)
{
	pid_t pid = fork();
	if (pid < 0)
		stop("fork");
	if (pid == 0)
		alarm(PATIENCE);
	return pid;
}

static void await(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0)
		if (errno != EINTR)
			stop("waitpid");
}

static void in_order(const struct login *logins, struct end *ends, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t began = now();
		pid_t pid = begin();
		if (pid == 0) {
			ends[i].status = log_in(&logins[i]);
			_exit(0);
		}
		await(pid);
		ends[i].ended = now();
		ends[i].began = began;
	}
}

static void load_in_order(const struct login *modules, struct end *ends, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		pid_t pid = begin();
		if (pid == 0) {
			ends[i].began = now();
			int status = load(&modules[i]);
			ends[i].ended = now();
			ends[i].status = status;
			_exit(0);
		}
		await(pid);
	}
}

static void at_once(const struct login *logins, struct end *ends, size_t count)
{
	int gate[2];
	char byte;
	if (pipe(gate) < 0)
		stop("pipe");
	size_t first = 0;
	while (first < count) {
		size_t behind = first;
		while (behind < count && logins[behind].person == logins[first].person)
			behind++;
		if (begin() == 0) {
			close(gate[1]);
			/* Nothing is ever written: the gate opens when the last writer is gone. */
			if (read(gate[0], &byte, 1) != 0)
				_exit(1);
			for (size_t i = first; i < behind; i++) {
				ends[i].began = now();
				int status = log_in(&logins[i]);
				ends[i].ended = now();
				ends[i].status = status;
			}
			_exit(0);
		}
		first = behind;
	}
	close(gate[1]);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static void paced(const struct login *logins, struct end *ends, size_t count, double rate)
{
	int64_t first = now();
	for (size_t i = 0; i < count; i++) {
		int64_t due = first + (int64_t)((double)i * 1e9 / rate);
		struct timespec until = { due / 1000000000, due % 1000000000 };
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
			;
		ends[i].began = now();
		if (begin() == 0) {
			int status = log_in(&logins[i]);
			ends[i].ended = now();
			ends[i].status = status;
			_exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

/* The next column of a line, which is cut there; empty when there is none. */
static const char *column(char **rest)
{
	const char *text = strsep(rest, "\t");
	return text ? text : "";
}

static struct login *read_logins(size_t *count)
{
	struct login *logins = NULL;
	size_t room = 0;
	char *line = NULL;
	size_t size = 0;
	for (*count = 0; getline(&line, &size, stdin) > 0; line = NULL, size = 0) {
		if (*count == room) {
			room = room ? 2 * room : 1024;
			logins = realloc(logins, room * sizeof *logins);
			if (!logins)
				stop("memory");
		}
		line[strcspn(line, "\n")] = '\0';
		char *rest = line;
		struct login *login = &logins[(*count)++];
		login->person = strtol(column(&rest), NULL, 10);
		login->service = column(&rest);
		login->user = column(&rest);
		login->rhost = column(&rest);
		login->code = column(&rest);
	}
	return logins;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	stacks = argc > 2 ? argv[2] : "";
	double rate = argc > 3 ? atof(argv[3]) : 0;
	size_t count;
	struct login *logins = read_logins(&count);
	size_t bytes = (count ? count : 1) * sizeof(struct end);
	struct end *ends = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ends == MAP_FAILED)
		stop("memory for what becomes of the logins");
	for (size_t i = 0; i < count; i++)
		ends[i].status = -1;

	if (!strcmp(how, "in-order"))
		in_order(logins, ends, count);
	else if (!strcmp(how, "at-once"))
		at_once(logins, ends, count);
	else if (!strcmp(how, "paced") && rate > 0)
		paced(logins, ends, count, rate);
	else if (!strcmp(how, "load"))
		load_in_order(logins, ends, count);
	else {
		fputs("usage: login in-order DIR | at-once DIR | paced DIR RATE | load\n", stderr);
		return 2;
	}

	int64_t first = INT64_MAX;
	for (size_t i = 0; i < count; i++)
		if (ends[i].began && ends[i].began < first)
			first = ends[i].began;
	for (size_t i = 0; i < count; i++) {
		int64_t began = ends[i].began ? ends[i].began - first : 0;
		int64_t ended = ends[i].ended ? ends[i].ended - first : 0;
		printf("%d %lld %lld\n", ends[i].status, (long long)began, (long long)ended);
	}
	return fflush(stdout) == 0 ? 0 : 2;
}
