#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kernels: all
# long: arm64-debug
# timeout: 1800
#
# A Java program of several threads, with its just-in-time compiler.
#
# -XX:-UsePerfData: the counters for jstat are a file that is mapped shared,
# which would keep the process at home.

. "$(dirname "$0")/lib.bash"
. "$(dirname "$0")/app.bash"

cat > "$scratch/overlay/app/Work.java" <<'SCRIPT'
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

public class Work {
	static long mix(int seed) {
		long h = seed;
		List<String> garbage = new ArrayList<>();
		for (int i = 0; i < 40000; i++) {
			h = h * 6364136223846793005L + 1442695040888963407L;
			if (i % 16 == 0)
				garbage.add(Long.toHexString(h));
			if (garbage.size() > 500)
				garbage.clear();
		}
		return h ^ garbage.hashCode();
	}

	public static void main(String[] args) throws Exception {
		ExecutorService pool = Executors.newFixedThreadPool(4);
		List<Future<String>> parts = new ArrayList<>();
		for (int i = 0; i < 12; i++) {
			final int n = i;
			parts.add(pool.submit(() -> {
				BigInteger f = BigInteger.ONE;
				for (int k = 2; k < 150 + n; k++)
					f = f.multiply(BigInteger.valueOf(k));
				return f.mod(BigInteger.valueOf(1000000007L + n)) + " " + mix(n);
			}));
		}
		for (Future<String> part : parts)
			System.out.println(part.get());
		pool.shutdown();
		synchronized (Work.class) {
			Work.class.wait(10);
		}
		try {
			Object nothing = null;
			nothing.hashCode();
		} catch (NullPointerException e) {
			System.out.println("null was caught");
		}
	}
}
SCRIPT
flags="-XX:-UsePerfData -XX:+UseSerialGC -Xmx128m"
cluster -n 3 "${patient[@]}" --mem 1536M --rootfs openjdk-17-jdk-headless --overlay "$scratch/overlay" -- "
export SEED=$seed JAVA_HOME=\$(echo /usr/lib/jvm/java-17-openjdk-*)
\$JAVA_HOME/bin/javac -J-XX:-UsePerfData -d /tmp /app/Work.java
sh /app/both java \$JAVA_HOME/bin/java $flags -cp /tmp Work" > "$scratch/out"
same "exit status" 0 $?
survives java
finish
