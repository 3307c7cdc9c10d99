// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI torture: everything a process may do must work while it is away.
 *
 * Runs each subtest in a process of its own, prints KTAP, kills what hangs and
 * says where it hung. With -m a second process moves the subtest, and all that
 * descends from it, at random between the nodes while it runs. With --no-move
 * everything runs at home: what fails then is wrong with the test, or with the
 * kernel below, and not with LinuxSSI.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "ssi_move.h"
#include "torture.h"

#define MAX_NODES	16

const char *self_path = "/proc/self/exe";

static struct {
	unsigned int nodes[MAX_NODES];
	int nr_nodes;
	bool moving;
	bool long_ones;
	bool random_moves;
	uint64_t seed;
	unsigned int patience;
	unsigned int pause_ms;
	char *wanted[64], *unwanted[64];
	int nr_wanted, nr_unwanted;
} opt = { .moving = true, .patience = 1, .pause_ms = 20 };

/* One write(2) for each line, so that lines of several processes stay whole. */
static void put(const char *prefix, const char *fmt, va_list ap)
{
	char buf[600];
	int len, room = sizeof(buf) - 2;

	len = snprintf(buf, room, "%s", prefix);
	len += vsnprintf(buf + len, room - len, fmt, ap);
	if (len > room)
		len = room;
	if (buf[len - 1] != '\n')
		buf[len++] = '\n';
	if (write(STDOUT_FILENO, buf, len) != len)
		_exit(EXIT_FAIL);
}

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put("", fmt, ap);
	va_end(ap);
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put("#   ", fmt, ap);
	va_end(ap);
}

void fail(const char *file, int line, const char *fmt, ...)
{
	char prefix[80];
	va_list ap;

	if (strrchr(file, '/'))
		file = strrchr(file, '/') + 1;
	snprintf(prefix, sizeof(prefix), "#   %s:%d pid %d: ", file, line,
		 getpid());
	va_start(ap, fmt);
	put(prefix, fmt, ap);
	va_end(ap);
	_exit(EXIT_FAIL);
}

void skip(const char *why)
{
	note("skipped: %s", why);
	_exit(EXIT_SKIP);
}

void check_same(const char *file, int line, const void *seen,
		const void *want, size_t len)
{
	const unsigned char *s = seen, *w = want;
	size_t i, first = len, wrong = 0;

	if (!memcmp(seen, want, len))
		return;
	for (i = 0; i < len; i++) {
		if (s[i] == w[i])
			continue;
		if (first == len)
			first = i;
		wrong++;
	}
	if (first == len)
		fail(file, line, "%zu bytes differed for a moment", len);
	fail(file, line,
	     "%zu of %zu bytes differ, the first at %zu: 0x%02x, expected 0x%02x",
	     wrong, len, first, s[first], w[first]);
}

bool can_move(void)
{
	return opt.moving;
}

/* Nobody else moves what the subtest moves: it knows where things are. */
bool moves_are_ours(void)
{
	return opt.moving && !opt.random_moves;
}

void need_own_moves(void)
{
	if (!opt.moving)
		skip("needs a cluster");
	if (opt.random_moves)
		skip("is about one certain move, others would come between");
}

unsigned int nr_nodes(void)
{
	return opt.nr_nodes;
}

unsigned int node(unsigned int index)
{
	return opt.nodes[index % opt.nr_nodes];
}

void need_nodes(unsigned int count)
{
	if (!opt.moving)
		skip("needs a cluster");
	if ((unsigned int)opt.nr_nodes < count)
		skip("needs more nodes to visit");
}

/*
 * Time for a child that said ready() to be back in user mode, however slow the
 * machine is.
 */
void settle(void)
{
	sleep_ms(500 + 500 * opt.patience);
}

/* Which process asked to be away, and where; not its children. */
static pid_t away_pid;
static unsigned int away_node;

/* The nodes take turns, so that going away twice is a move between two. */
void away(void)
{
	static unsigned int turn;
	struct ssi_where before;
	unsigned int to;
	int err;

	if (!opt.moving)
		return;
	to = node(turn++);
	err = ssi_move_pid(getpid(), to, false, &before);
	if (opt.random_moves)
		return;
	if (err)
		FAIL("move to node %u: %s: %s", to, strerror(-err),
		     ssi_last_text());
	expect_calls_from(to, before.traps, 25);
	away_pid = getpid();
	away_node = to;
}

/* A subtest that was at home all the time without a reason shows nothing. */
void home(void)
{
	struct ssi_where where;
	bool was_away = away_pid == getpid();
	int err;

	if (!opt.moving)
		return;
	away_pid = 0;
	if (was_away && !opt.random_moves)
		still_away(away_node);
	err = ssi_home();
	if (opt.random_moves)
		return;
	if (err)
		FAIL("move back: %s: %s", strerror(-err), ssi_last_text());
	err = ssi_locate(getpid(), &where);
	if (err || where.node != where.home)
		FAIL("asked to come back, am on node %u: %s %s", where.node,
		     strerror(-err), where.text);
}

/* Every third turn at home, else on the next node. */
void away_or_home(unsigned int turn)
{
	if (turn % 3 == 2)
		home();
	else
		away();
}

/* The process and all its descendants, as /proc shows them. */
static int family_of(pid_t root, pid_t *pids, int max)
{
	char path[64], buf[4096];
	int have = 1, next;
	struct dirent *de;
	char *p, *end;
	DIR *dir;
	long pid;

	pids[0] = root;
	for (next = 0; next < have; next++) {
		snprintf(path, sizeof(path), "/proc/%d/task", pids[next]);
		dir = opendir(path);
		if (!dir)
			continue;
		while ((de = readdir(dir)) && have < max) {
			if (de->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "/proc/%d/task/%.16s/children",
				 pids[next], de->d_name);
			if (read_file(path, buf, sizeof(buf)) <= 0)
				continue;
			for (p = buf; have < max; p = end) {
				pid = strtol(p, &end, 10);
				if (end == p)
					break;
				pids[have++] = pid;
			}
		}
		closedir(dir);
	}
	return have;
}

static int mover_stop;

static void mover_ends(int sig)
{
	(void)sig;
	WRITE(mover_stop, 1);
}

/*
 * Moves until it is told to end; exits with 0 if at least one move was done.
 * A refusal is nothing special here: the process may be exiting, in vfork or
 * hold a shared mapping.
 */
static void mover(pid_t victim, uint64_t seed)
{
	unsigned long moved = 0, refused = 0;
	pid_t pids[64];
	uint64_t r;
	int n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	handle(SIGTERM, mover_ends, 0);
	while (!READ(mover_stop)) {
		n = family_of(victim, pids, ARRAY_SIZE(pids));
		r = random_next(&seed);
		if (ssi_move_pid(pids[(r >> 8) % n],
				 r % 4 ? node(r >> 16) : 0, r & 0x80, NULL))
			refused++;
		else
			moved++;
		usleep(500 + (r >> 24) % (opt.pause_ms * 1000));
	}
	note("moved %lu times, refused %lu times", moved, refused);
	_exit(moved ? EXIT_PASS : EXIT_FAIL);
}

static void show_file(pid_t pid, const char *tid, const char *name)
{
	char path[80], buf[2048], *line, *save;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/%s", pid, tid, name);
	if (read_file(path, buf, sizeof(buf)) <= 0)
		return;
	for (line = strtok_r(buf, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		note("%s: %s", name, line);
}

/* Where everything that belongs to a hung subtest stands. */
static void show_hang(pid_t root)
{
	static const char * const files[] = {
		"stat", "wchan", "syscall", "stack"
	};
	pid_t pids[16];
	struct dirent *de;
	char path[40];
	size_t f;
	DIR *dir;
	int i, n;

	n = family_of(root, pids, ARRAY_SIZE(pids));
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/task", pids[i]);
		dir = opendir(path);
		if (!dir)
			continue;
		while ((de = readdir(dir))) {
			if (de->d_name[0] == '.')
				continue;
			note("process %d thread %s", pids[i], de->d_name);
			for (f = 0; f < ARRAY_SIZE(files); f++)
				show_file(pids[i], de->d_name, files[f]);
		}
		closedir(dir);
	}
}

static pid_t running;

/* Told to end: take the subtest along. */
static void give_up(int sig)
{
	if (running > 0)
		kill(-running, SIGKILL);
	_exit(128 + sig);
}

static bool waited(pid_t pid, int *status, double seconds)
{
	double end = now() + seconds;
	struct timespec nap = { .tv_nsec = 50000000 };
	sigset_t set;
	pid_t got;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (;;) {
		got = waitpid(pid, status, WNOHANG);
		if (got == pid)
			return true;
		if (now() > end)
			return false;
		sigtimedwait(&set, NULL, &nap);
	}
}

/* Whatever a subtest left behind is ours now (we are its subreaper). */
static void sweep(void)
{
	pid_t pids[64];
	int i, n, tries;

	for (tries = 0; tries < 100; tries++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		n = family_of(getpid(), pids, ARRAY_SIZE(pids));
		if (n == 1)
			return;
		for (i = 1; i < n; i++)
			kill(pids[i], SIGKILL);
		usleep(10000);
	}
	note("could not kill process %d", pids[1]);
}

enum verdict { PASSED, FAILED, SKIPPED };

static enum verdict run_one(const struct torture_test *t, unsigned int nr,
			    unsigned long *moved)
{
	pid_t pid, mover_pid = 0;
	double start = now();
	const char *why = "";
	int status;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		sigset_t none;
		int sig;

		running = 0;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* A shell may have started us with some of them ignored. */
		for (sig = 1; sig <= SIGRTMAX; sig++)
			signal(sig, SIG_DFL);
		setsid();
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		t->run();
		_exit(EXIT_PASS);
	}
	if (pid < 0) {
		say("not ok %u %s.%s # fork: %s", nr, t->subject, t->name,
		    strerror(errno));
		return FAILED;
	}
	running = pid;
	if (opt.random_moves) {
		mover_pid = fork();
		if (!mover_pid) {
			sigset_t none;

			sigemptyset(&none);
			sigprocmask(SIG_SETMASK, &none, NULL);
			mover(pid, opt.seed * 2 + nr * 7919 + 1);
		}
	}

	if (!waited(pid, &status, (double)t->seconds * opt.patience)) {
		show_hang(pid);
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		why = "timed out";
		if (!waited(pid, &status, 20))
			why = "timed out and cannot be killed";
	}
	if (mover_pid > 0) {
		int mover_status;

		kill(mover_pid, SIGTERM);
		if (!waited(mover_pid, &mover_status, 20))
			kill(mover_pid, SIGKILL);
		else if (WIFEXITED(mover_status) && !WEXITSTATUS(mover_status))
			++*moved;
	}
	kill(-pid, SIGKILL);
	running = 0;
	sweep();

	if (!*why && WIFEXITED(status) && !WEXITSTATUS(status)) {
		say("ok %u %s.%s # %.2f s", nr, t->subject, t->name,
		    now() - start);
		return PASSED;
	}
	if (!*why && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP) {
		say("ok %u %s.%s # SKIP", nr, t->subject, t->name);
		return SKIPPED;
	}
	if (*why)
		say("not ok %u %s.%s # %s", nr, t->subject, t->name, why);
	else if (WIFSIGNALED(status))
		say("not ok %u %s.%s # killed by signal %d", nr, t->subject,
		    t->name, WTERMSIG(status));
	else
		say("not ok %u %s.%s # exit %d", nr, t->subject, t->name,
		    WEXITSTATUS(status));
	return FAILED;
}

/* A pattern is a subject, a subject.name or the beginning of one with a star. */
static bool selected(const struct torture_test *t, char **wanted, int nr_wanted)
{
	char full[128];
	size_t len;
	int i;

	snprintf(full, sizeof(full), "%s.%s", t->subject, t->name);
	for (i = 0; i < nr_wanted; i++) {
		len = strlen(wanted[i]);
		if (!strcmp(wanted[i], full) || !strcmp(wanted[i], t->subject))
			return true;
		if (len && wanted[i][len - 1] == '*' &&
		    !strncmp(wanted[i], full, len - 1))
			return true;
	}
	return false;
}

static bool chosen(const struct torture_test *t)
{
	if (selected(t, opt.unwanted, opt.nr_unwanted))
		return false;
	if (opt.nr_wanted && !selected(t, opt.wanted, opt.nr_wanted))
		return false;
	return opt.long_ones || t->seconds < LONG_SECONDS;
}

static void parse_nodes(char *list)
{
	char *word, *save;
	int id;

	opt.nr_nodes = 0;
	for (word = strtok_r(list, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		id = atoi(word);
		if (id <= 0 || opt.nr_nodes == MAX_NODES) {
			fprintf(stderr, "-n: 1 to %d node numbers, please\n",
				MAX_NODES);
			exit(2);
		}
		opt.nodes[opt.nr_nodes++] = id;
	}
}

/* Run any program and move it, and what descends from it, until it ends. */
static int run_command(char **argv)
{
	pid_t pid, mover_pid;
	int status, mover_status;

	pid = fork();
	if (!pid) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp(argv[0], argv);
		fprintf(stderr, "torture: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	mover_pid = pid < 0 ? -1 : fork();
	if (!mover_pid) {
		sigset_t none;

		/* The program's output is its own. */
		dup2(STDERR_FILENO, STDOUT_FILENO);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		mover(pid, opt.seed * 2 + 1);
	}
	if (mover_pid < 0) {
		fprintf(stderr, "torture: fork: %s\n", strerror(errno));
		return EXIT_FAIL;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	kill(mover_pid, SIGTERM);
	while (waitpid(mover_pid, &mover_status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status)) {
		fprintf(stderr, "torture: %s was killed by signal %d\n",
			argv[0], WTERMSIG(status));
		return 128 + WTERMSIG(status);
	}
	return WEXITSTATUS(status);
}

static void print_help(FILE *to)
{
	fputs("usage: torture [-n NODE[,NODE...]] [-t TEST]... [-x TEST]... [-lL]\n"
	      "               [-m] [-r SEED] [-w MS] [-k ROUNDS] [-p FACTOR] [--no-move]\n"
	      "       torture [-n NODE[,NODE...]] [-r SEED] [-w MS] --run COMMAND [ARG...]\n"
	      "  -n  the nodes to visit (default: every member of the cluster)\n"
	      "  -t  run this subtest: SUBJECT, SUBJECT.NAME or PREFIX*\n"
	      "  -x  leave this subtest out\n"
	      "  -l  list the subtests\n"
	      "  -L  run the long ones too\n"
	      "  -m  move each subtest at random while it runs\n"
	      "  -r  seed for -m and --run\n"
	      "  -w  wait up to so many milliseconds between two moves (20)\n"
	      "  --run  move a command at random until it ends; its exit status is ours\n"
	      "  -k  run everything that many times\n"
	      "  -p  be that many times more patient before calling it a hang\n"
	      "  --no-move  run everything at home\n"
	      "exit status: 0 all passed, 1 something failed, 2 usage, 4 no cluster\n",
	      to);
}

/* What test_exec.c and others start as a new program: "torture --as-child WORD…". */
static int as_child(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[2], "exit"))
		return argc > 3 ? atoi(argv[3]) : 17;
	if (argc > 2 && !strcmp(argv[2], "echo"))
		return write(STDOUT_FILENO, argv[3], strlen(argv[3])) < 0;
	if (argc > 2 && !strcmp(argv[2], "answer")) {
		char c;

		/* says that it runs, and does so until the input ends */
		return write(STDOUT_FILENO, "a", 1) != 1 ||
		       read(STDIN_FILENO, &c, 1) != 0;
	}
	if (argc > 2 && !strcmp(argv[2], "signals")) {
		struct sigaction sa;
		sigset_t set;

		if (sigpending(&set) || sigismember(&set, SIGUSR2) != 1)
			return 1;
		if (sigaction(SIGHUP, NULL, &sa) || sa.sa_handler != SIG_IGN)
			return 2;
		if (sigaction(SIGTERM, NULL, &sa) || sa.sa_handler != SIG_DFL)
			return 3;
		return 0;
	}
	return 99;
}

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "no-move", no_argument, NULL, 'N' },
		{ "run", no_argument, NULL, 'R' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	unsigned int nr = 0, total = 0, rounds = 1, round;
	unsigned int count[3] = { };
	unsigned long moved = 0;
	int c;
	const struct torture_test *const *t;
	bool list = false, run = false;
	sigset_t set;

	if (argc > 1 && !strcmp(argv[1], "--as-child"))
		return as_child(argc, argv);

	opt.seed = time(NULL);
	while ((c = getopt_long(argc, argv, "+n:t:x:lLmr:w:k:p:h", longopts,
				NULL)) != -1) {
		switch (c) {
		case 'n':
			parse_nodes(optarg);
			break;
		case 't':
			if (opt.nr_wanted < (int)ARRAY_SIZE(opt.wanted))
				opt.wanted[opt.nr_wanted++] = optarg;
			break;
		case 'x':
			if (opt.nr_unwanted < (int)ARRAY_SIZE(opt.unwanted))
				opt.unwanted[opt.nr_unwanted++] = optarg;
			break;
		case 'l':
			list = true;
			break;
		case 'L':
			opt.long_ones = true;
			break;
		case 'm':
			opt.random_moves = true;
			break;
		case 'r':
			opt.seed = strtoull(optarg, NULL, 0);
			break;
		case 'k':
			rounds = atoi(optarg);
			break;
		case 'p':
			opt.patience = atoi(optarg) > 0 ? atoi(optarg) : 1;
			break;
		case 'w':
			opt.pause_ms = atoi(optarg) > 0 ? atoi(optarg) : 1;
			break;
		case 'R':
			run = true;
			break;
		case 'N':
			opt.moving = false;
			break;
		case 'h':
			print_help(stdout);
			return 0;
		default:
			print_help(stderr);
			return 2;
		}
	}

	if (run ? optind == argc : optind < argc) {
		print_help(stderr);
		return 2;
	}
	for (t = first_test; t < last_test; t++) {
		if (!chosen(*t))
			continue;
		total++;
		if (list)
			say("%s.%s", (*t)->subject, (*t)->name);
	}
	if (list)
		return 0;
	total *= rounds;
	if (!total) {
		fprintf(stderr, "torture: no subtest of that name; -l lists them\n");
		return 2;
	}

	if (!run)
		say("TAP version 13");
	if (opt.moving && !ssi_present()) {
		say("1..0 # SKIP this kernel is not in a LinuxSSI cluster; --no-move runs at home");
		return EXIT_SKIP;
	}
	if (opt.moving && !opt.nr_nodes)
		opt.nr_nodes = ssi_nodes(opt.nodes, MAX_NODES);
	if (opt.moving && opt.nr_nodes <= 0) {
		say("1..0 # SKIP no other node is a member of the cluster");
		return EXIT_SKIP;
	}
	if (run)
		return run_command(argv + optind);
	opt.random_moves = opt.random_moves && opt.moving;
	if (opt.random_moves)
		say("# random moves, -r %llu repeats them",
		    (unsigned long long)opt.seed);
	say("1..%u", total);

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	signal(SIGPIPE, SIG_DFL);
	handle(SIGTERM, give_up, 0);
	handle(SIGINT, give_up, 0);
	handle(SIGHUP, give_up, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (round = 0; round < rounds; round++)
		for (t = first_test; t < last_test; t++)
			if (chosen(*t))
				count[run_one(*t, ++nr, &moved)]++;

	if (opt.random_moves && !moved && count[PASSED]) {
		say("# nothing was moved at all");
		count[FAILED]++;
	}
	say("# Totals: pass:%u fail:%u xfail:0 xpass:0 skip:%u error:0",
	    count[PASSED], count[FAILED], count[SKIPPED]);
	return count[FAILED] ? EXIT_FAIL : EXIT_PASS;
}
