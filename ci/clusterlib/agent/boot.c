// SPDX-License-Identifier: GPL-2.0
/*
 * From the initramfs to the node's root file system: the read-only images on
 * the virtio disks, which all nodes share, lie on top of one another in the
 * order of their serial numbers layer0, layer1 …, and a tmpfs of the node's
 * own takes what is written.
 *
 * If there is a disk with the serial number root, that is the root file system, of a
 * whole system: at its first boot what is in the images is copied to it, and then its
 * own init goes on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "agent.h"

#define LAYERS_MAX 16

static void mount_or_die(const char *src, const char *dir, const char *type,
			 unsigned long flags, const char *data)
{
	mkdir(dir, 0755);
	if (mount(src, dir, type, flags, data))
		die("mount %s on %s: %s", src, dir, strerror(errno));
}

/* For what a small kernel may lack. */
static void mount_try(const char *src, const char *dir, const char *type,
		      const char *data)
{
	mkdir(dir, 0755);
	if (mount(src, dir, type, 0, data) && errno != ENODEV && errno != ENOENT)
		fprintf(stderr, "agent: mount %s on %s: %s\n", src, dir,
			strerror(errno));
}

static int read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");
	int ret = -1;

	if (!f)
		return -1;
	if (fgets(line, size, f)) {
		line[strcspn(line, "\n")] = 0;
		ret = 0;
	}
	fclose(f);
	return ret;
}

/* Find the disk of each layer, and that of the system. Returns how many layers there are. */
static int find_layers(char disk[LAYERS_MAX][32], char system[32])
{
	DIR *dir = opendir("/sys/block");
	struct dirent *de;
	int count = 0;

	if (!dir)
		die("no /sys/block");
	while ((de = readdir(dir))) {
		char path[300], serial[64];
		int n;

		if (strncmp(de->d_name, "vd", 2))
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/serial", de->d_name);
		if (read_line(path, serial, sizeof(serial)))
			continue;
		if (!strcmp(serial, "root"))
			snprintf(system, 32, "/dev/%.20s", de->d_name);
		if (sscanf(serial, "layer%d", &n) != 1)
			continue;
		if (n < 0 || n >= LAYERS_MAX)
			die("disk %s is %s", de->d_name, serial);
		snprintf(disk[n], sizeof(disk[n]), "/dev/%.20s", de->d_name);
		if (n >= count)
			count = n + 1;
	}
	closedir(dir);
	return count;
}

/* Copy an image, by way of /mnt, to the system. */
static void copy_layer(const char *disk)
{
	pid_t pid;
	int status;

	mount_or_die(disk, "/newroot/mnt", "erofs", MS_RDONLY, NULL);
	pid = fork();
	if (!pid) {
		if (chroot("/newroot") || chdir("/"))
			_exit(125);
		execl("/bin/cp", "cp", "-a", "/mnt/.", "/", NULL);
		_exit(125);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		die("%s was not copied", disk);
	if (umount("/newroot/mnt"))
		die("umount %s: %s", disk, strerror(errno));
}

static void boot_system(const char *system, char disk[LAYERS_MAX][32], int count)
{
	static const char mark[] = "/newroot/usr/lib/cluster/copied";

	mount_or_die(system, "/newroot", "ext4", 0, NULL);
	for (int i = 0; i < count && access(mark, F_OK); i++)
		copy_layer(disk[i]);
	close(open(mark, O_CREAT | O_CLOEXEC, 0644));
	if (mount("/dev", "/newroot/dev", NULL, MS_MOVE, NULL) ||
	    mount("/sys", "/newroot/sys", NULL, MS_MOVE, NULL) ||
	    chdir("/newroot") || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot(".") || chdir("/"))
		die("change root: %s", strerror(errno));
	execl("/sbin/init", "/sbin/init", NULL);
	die("/sbin/init: %s", strerror(errno));
}

void boot(void)
{
	static char disk[LAYERS_MAX][32], system[32];
	char lower[LAYERS_MAX * 24] = "", data[LAYERS_MAX * 24 + 64];
	int i, count;

	umask(022);
	mount_or_die("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount_or_die("sysfs", "/sys", "sysfs", 0, NULL);
	count = find_layers(disk, system);
	if (*system)
		boot_system(system, disk, count);
	if (!count)
		die("no disk with serial number layer0");

	mkdir("/lower", 0755);
	for (i = count - 1; i >= 0; i--) {
		char dir[24];

		snprintf(dir, sizeof(dir), "/lower/%d", i);
		mount_or_die(disk[i], dir, "erofs", MS_RDONLY, NULL);
		if (*lower)
			strcat(lower, ":");
		strcat(lower, dir);
	}
	mount_or_die("tmpfs", "/rw", "tmpfs", 0, "size=75%");
	mkdir("/rw/upper", 0755);
	mkdir("/rw/work", 0755);
	snprintf(data, sizeof(data), "lowerdir=%s,upperdir=/rw/upper,workdir=/rw/work",
		 lower);
	mount_or_die("overlay", "/newroot", "overlay", 0, data);

	mkdir("/newroot/dev", 0755);
	mkdir("/newroot/sys", 0555);
	if (mount("/dev", "/newroot/dev", NULL, MS_MOVE, NULL) ||
	    mount("/sys", "/newroot/sys", NULL, MS_MOVE, NULL) ||
	    chdir("/newroot") || mount(".", "/", NULL, MS_MOVE, NULL) ||
	    chroot(".") || chdir("/"))
		die("change root: %s", strerror(errno));

	mount_or_die("proc", "/proc", "proc", 0, NULL);
	mount_or_die("tmpfs", "/run", "tmpfs", 0, "mode=755");
	mount_or_die("tmpfs", "/tmp", "tmpfs", 0, "mode=1777");
	mount_or_die("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777");
	mount_try("devpts", "/dev/pts", "devpts", "mode=620,gid=5,ptmxmode=666");
	mount_try("mqueue", "/dev/mqueue", "mqueue", NULL);
	mount_try("cgroup2", "/sys/fs/cgroup", "cgroup2", NULL);
	mount_try("debugfs", "/sys/kernel/debug", "debugfs", NULL);
	mount_try("tracefs", "/sys/kernel/tracing", "tracefs", NULL);
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}
