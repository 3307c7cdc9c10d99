// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who handles which message about processes and memory
 */

/**
 * DOC: messages of processes and memory
 *
 * One row per type of procmsg.h: the lane it must come by, the bounds of its body
 * and its pages, a pure check of the body, and the handler. The dispatcher applies
 * the bounds and the check before the handler sees anything.
 */

#include "deputy.h"
#include "evict.h"
#include "export.h"
#include "fileop.h"
#include "guest.h"
#include "guestmm.h"
#include "hosted.h"
#include "inherit.h"
#include "op.h"
#include "placed.h"
#include "placemsg.h"
#include "process.h"
#include "procmsg.h"
#include "rpc.h"
#include "session.h"
#include "store.h"
#include "stub.h"
#include "watch.h"

#define SSI_ROW(type)	(SSI_MSG_##type - SSI_MSG_PROC_FIRST)
#define SSI_FIXED(s)	.min_len = sizeof(s), .max_len = sizeof(s)
#define SSI_PAGES_MAX(s)						\
	.min_len = sizeof(s), .max_len = sizeof(s) + SSI_MSG_MAX_STORE * 16

const struct ssi_rpc_op ssi_proc_ops[] = {
	[SSI_ROW(CLOCK)] = {
		.name = "clock", .lane = SSI_LANE_USER,
		.handle = ssi_session_handle_clock,
	},
	[SSI_ROW(CLOCK_REPLY)] = {
		.name = "clock-reply", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_clock), .reply = true,
	},
	[SSI_ROW(SESSION_NEW)] = {
		.name = "session-new", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_session_new),
		.handle = ssi_hosted_handle_new,
	},
	[SSI_ROW(SESSION_READY)] = {
		.name = "session-ready", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_session), .reply = true,
	},
	[SSI_ROW(SESSION_END)] = {
		.name = "session-end", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_session),
		.handle = ssi_hosted_handle_end,
	},
	[SSI_ROW(ENTER)] = {
		.name = "enter", .lane = SSI_LANE_USER,
		.min_len = sizeof(struct ssi_wire_enter), .max_len = SSI_MSG_MAX_BODY,
		.check = ssi_guest_check_enter,
		.handle = ssi_guest_handle_enter,
	},
	[SSI_ROW(TRAP)] = {
		.name = "trap", .lane = SSI_LANE_USER,
		.min_len = sizeof(struct ssi_wire_trap), .max_len = SSI_MSG_MAX_BODY,
		.check = ssi_deputy_check_trap,
		.handle = ssi_deputy_handle_trap,
	},
	[SSI_ROW(KICK)] = {
		.name = "kick", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_thread),
		.handle = ssi_guest_handle_kick,
	},
	[SSI_ROW(STARTED)] = {
		.name = "started", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_thread),
		.handle = ssi_deputy_handle_started,
	},
	[SSI_ROW(THREAD_END)] = {
		.name = "thread-end", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_thread),
		.handle = ssi_guest_handle_thread_end,
	},
	[SSI_ROW(GUEST_DEAD)] = {
		.name = "guest-dead", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_session),
		.handle = ssi_process_handle_guest_dead,
	},
	[SSI_ROW(FAULT)] = {
		.name = "fault", .lane = SSI_LANE_MEMORY,
		SSI_FIXED(struct ssi_wire_fault),
		.handle = ssi_deputy_handle_fault,
	},
	[SSI_ROW(STORE)] = {
		.name = "store", .lane = SSI_LANE_MEMORY,
		SSI_PAGES_MAX(struct ssi_wire_pages), .max_pages = SSI_MSG_MAX_PAGES,
		.check = ssi_store_check_pages,
		.handle = ssi_store_handle_store,
	},
	[SSI_ROW(GRANT)] = {
		.name = "grant", .lane = SSI_LANE_MEMORY,
		SSI_PAGES_MAX(struct ssi_wire_grant), .max_pages = SSI_MSG_MAX_PAGES,
		.check = ssi_guestmm_check_grant,
		.handle = ssi_guestmm_handle_grant,
	},
	[SSI_ROW(INVALIDATE)] = {
		.name = "invalidate", .lane = SSI_LANE_MEMORY,
		SSI_FIXED(struct ssi_wire_range),
		.handle = ssi_guestmm_handle_invalidate,
	},
	[SSI_ROW(INVALIDATED)] = {
		.name = "invalidated", .lane = SSI_LANE_MEMORY, .reply = true,
	},
	[SSI_ROW(RECALL)] = {
		.name = "recall", .lane = SSI_LANE_MEMORY,
		SSI_PAGES_MAX(struct ssi_wire_pages),
		.check = ssi_store_check_pages,
		.handle = ssi_store_handle_recall,
	},
	[SSI_ROW(PAGES)] = {
		.name = "pages", .lane = SSI_LANE_MEMORY,
		SSI_PAGES_MAX(struct ssi_wire_pages), .max_pages = SSI_MSG_MAX_PAGES,
		.reply = true,
		.check = ssi_store_check_pages,
	},
	[SSI_ROW(DROP)] = {
		.name = "drop", .lane = SSI_LANE_MEMORY,
		SSI_PAGES_MAX(struct ssi_wire_pages),
		.check = ssi_store_check_pages,
		.handle = ssi_store_handle_drop,
	},
	[SSI_ROW(EVICT)] = {
		.name = "evict", .lane = SSI_LANE_MEMORY,
		SSI_PAGES_MAX(struct ssi_wire_pages),
		.check = ssi_store_check_pages,
		.handle = ssi_evict_handle,
	},
	[SSI_ROW(OP)] = {
		.name = "op", .lane = SSI_LANE_USER,
		.min_len = sizeof(struct ssi_wire_op), .max_len = SSI_MSG_MAX_BODY,
		.check = ssi_op_check,
		.handle = ssi_op_handle,
	},
	[SSI_ROW(OP_DONE)] = {
		.name = "op-done", .lane = SSI_LANE_USER, .reply = true,
		.min_len = sizeof(struct ssi_wire_op_done),
		.max_len = sizeof(struct ssi_wire_op_done) + SSI_OP_MAX_REPLY,
	},
	[SSI_ROW(WATCH)] = {
		.name = "watch", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_watch),
		.check = ssi_watch_check,
		.handle = ssi_watch_handle,
	},
	[SSI_ROW(WATCHED)] = {
		.name = "watched", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_watched), .reply = true,
		.check = ssi_watch_check_answer,
	},
	[SSI_ROW(UNWATCH)] = {
		.name = "unwatch", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_unwatch),
		.handle = ssi_watch_handle_end,
	},
	[SSI_ROW(PLACE)] = {
		.name = "place", .lane = SSI_LANE_USER,
		.min_len = sizeof(struct ssi_wire_place), .max_len = SSI_MSG_MAX_BODY,
		.check = ssi_inherit_check,
		.handle = ssi_placed_handle,
	},
	[SSI_ROW(PLACED)] = {
		.name = "placed", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_placed), .reply = true,
	},
	[SSI_ROW(PLACE_GO)] = {
		.name = "place-go", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_place_go),
		.handle = ssi_placed_handle_go,
	},
	[SSI_ROW(PLACE_SIGNAL)] = {
		.name = "place-signal", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_place_signal),
		.check = ssi_placed_check_signal,
		.handle = ssi_placed_handle_signal,
	},
	[SSI_ROW(PLACE_STATE)] = {
		.name = "place-state", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_place_state),
		.handle = ssi_stub_handle_state,
	},
	[SSI_ROW(FILE)] = {
		.name = "file", .lane = SSI_LANE_USER,
		.min_len = sizeof(struct ssi_wire_file),
		.max_len = sizeof(struct ssi_wire_file) + SSI_FILE_MAX_DATA,
		.check = ssi_file_check,
		.handle = ssi_file_handle,
	},
	[SSI_ROW(FILE_DONE)] = {
		.name = "file-done", .lane = SSI_LANE_USER, .reply = true,
		.min_len = sizeof(struct ssi_wire_file_done),
		.max_len = sizeof(struct ssi_wire_file_done) + SSI_FILE_MAX_DATA,
	},
	[SSI_ROW(FILE_CANCEL)] = {
		.name = "file-cancel", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_file_cancel),
		.handle = ssi_file_handle_cancel,
	},
	[SSI_ROW(FILE_CLOSE)] = {
		.name = "file-close", .lane = SSI_LANE_USER,
		SSI_FIXED(struct ssi_wire_file_close),
		.handle = ssi_file_handle_close,
	},
};

const unsigned int ssi_nr_proc_ops = ARRAY_SIZE(ssi_proc_ops);
