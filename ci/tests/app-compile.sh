#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 1200
#
# gcc and g++ compile while they move, to the same objects; the C++ program
# runs with threads, exceptions and containers while it moves.

. "$(dirname "$0")/lib.bash"
. "$(dirname "$0")/app.bash"

cat > "$scratch/overlay/app/prog.c" <<'SCRIPT'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
	struct node *left, *right;
	unsigned int key, count;
};

static struct node *insert(struct node *n, unsigned int key)
{
	if (!n) {
		n = calloc(1, sizeof(*n));
		n->key = key;
	}
	if (key < n->key)
		n->left = insert(n->left, key);
	else if (key > n->key)
		n->right = insert(n->right, key);
	else
		n->count++;
	return n;
}

static unsigned long walk(const struct node *n, unsigned long sum)
{
	return n ? walk(n->right, walk(n->left, sum) * 31 + n->key * n->count) : sum;
}

int main(void)
{
	struct node *root = NULL;
	unsigned int x = 1, i;

	for (i = 0; i < 50000; i++)
		root = insert(root, (x = x * 1664525 + 1013904223) >> 18);
	return printf("%lu\n", walk(root, 7)) < 0;
}
SCRIPT
cat > "$scratch/overlay/app/prog.cc" <<'SCRIPT'
#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static std::mutex lock;
static std::condition_variable changed;
static std::map<std::string, long> table;
static int turn;

static long collatz(long n)
{
	if (n <= 0)
		throw std::domain_error("not positive: " + std::to_string(n));
	long steps = 0;
	for (; n != 1; steps++)
		n = n & 1 ? 3 * n + 1 : n / 2;
	return steps;
}

static void work(int me)
{
	for (int round = 0; round < 30; round++) {
		std::vector<long> v(2000);
		std::iota(v.begin(), v.end(), round * 2000 - 50);
		long sum = 0;
		for (long n : v) {
			try {
				sum += collatz(n * 4 + me);
			} catch (const std::domain_error &e) {
				sum += std::string(e.what()).size();
			}
		}
		std::unique_lock<std::mutex> hold(lock);
		changed.wait(hold, [me] { return turn % 4 == me; });
		turn++;
		table["thread " + std::to_string(me)] += sum;
		changed.notify_all();
	}
}

int main()
{
	std::vector<std::thread> threads;

	for (int i = 0; i < 4; i++)
		threads.emplace_back(work, i);
	for (auto &t : threads)
		t.join();
	for (auto &[name, sum] : table)
		std::cout << name << ": " << sum << '\n';
}
SCRIPT
cat > "$scratch/overlay/app/cc" <<'SCRIPT'
gcc -O2 -o /tmp/prog.o -c /app/prog.c || exit 1
sha256sum < /tmp/prog.o
gcc -o /tmp/prog /tmp/prog.o && /tmp/prog
SCRIPT
cluster -n 3 "${patient[@]}" --mem 1G --rootfs gcc g++ libc6-dev \
	--overlay "$scratch/overlay" -- "export SEED=$seed
sh /app/both gcc sh /app/cc
g++ -std=c++17 -O1 -pthread -o /tmp/prog+ /app/prog.cc
sh /app/both c++ /tmp/prog+" > "$scratch/out"
same "exit status" 0 $?
survives gcc c++
finish
