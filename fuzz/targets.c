// SPDX-License-Identifier: GPL-2.0
/* LinuxSSI fuzzer: the table of targets */
#include "fuzz.h"

extern const struct fuzz_target fuzz_dial, fuzz_answer, fuzz_dial_key, fuzz_answer_key, fuzz_lanes,
	fuzz_body_op, fuzz_body_file, fuzz_body_place, fuzz_body_enter, fuzz_body_trap,
	fuzz_body_pages, fuzz_body_grant, fuzz_body_any, fuzz_op_done, fuzz_file_done, fuzz_ahead,
	fuzz_pids, fuzz_dir, fuzz_merge, fuzz_planted;

const struct fuzz_target * const fuzz_targets[] = {
	&fuzz_dial, &fuzz_answer, &fuzz_dial_key, &fuzz_answer_key, &fuzz_lanes,
	&fuzz_body_op, &fuzz_body_file, &fuzz_body_place, &fuzz_body_enter, &fuzz_body_trap,
	&fuzz_body_pages, &fuzz_body_grant, &fuzz_body_any, &fuzz_op_done, &fuzz_file_done,
	&fuzz_ahead, &fuzz_pids, &fuzz_dir, &fuzz_merge, &fuzz_planted, 0,
};
