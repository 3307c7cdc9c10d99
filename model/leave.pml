// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: who leaves, or drains, while a process moves
 *
 * One membership of a home and a node, a process of one thread, and whoever has one of
 * the two leave, or the node drain. A user lane and a control lane in either direction,
 * which do not wait for each other. Only a BYE ends the membership here: losses are
 * thread.pml's, and pages are page.pml's. Every run ends, and the process Monitor looks
 * for who waits for ever, or stays on a node that drains.
 *
 * Each option of Documentation/model.md takes one rule away and must fail.
 */

#ifndef MOVES
#define MOVES	2	/* of the process to the node */
#endif
#ifndef ENTERS
#define ENTERS	2	/* departures of the thread */
#endif
#ifndef CALLS
#define CALLS	1	/* traps that the guest makes of its own */
#endif
#ifndef GIVEUPS
#define GIVEUPS	1	/* a mover has waited for too long */
#endif
#ifndef DRAINS
#define DRAINS	1	/* the node begins to drain */
#endif
#ifndef UNDOS
#define UNDOS	1	/* ... or takes that back */
#endif
#ifndef HLEAVES
#define HLEAVES	1	/* who have the home leave */
#endif
#ifndef NLEAVES
#define NLEAVES	1	/* who have the node leave */
#endif
#define CAP	9	/* a lane has no bound; an assertion says that this is enough */

#define H	0
#define N	1

/* a side's half of the membership */
#define UP	0
#define GOING	1	/* __ssi_instance_stop(): BYE is next, the lanes are open */
#define SAID	2	/* ssi_pairing_say_bye() waits for the peer to close */
#define OVER	3	/* ssi_node_break() */

/* the thread, and its guest */
#define HOME	0
#define AWAY	1
#define RUN	1

/* the one that moves the process, under move_lock */
#define IDLE	0
#define CALLING	1	/* ssi_session_offer() waits for SESSION_READY */
#define LOOK	2	/* ssi_process_away(): the session has begun */
#define HOMING	3	/* ssi_process_home() waits for !nr_away */

#define NOTHING	0
#define GOOD	1
#define BAD	2

mtype = { NEW, READY, REFUSAL, END, ENTER, KICK, TRAP, ECHO, ECHO_REPLY,
	  DRAIN, MEMBER, BYE };

/* by who receives; with the session, or the number of the echo */
chan user[2] = [CAP] of { mtype, byte };
chan control[2] = [4] of { mtype };

byte moves = MOVES, enters = ENTERS, calls = CALLS, giveups = GIVEUPS;
byte drains = DRAINS, undos = UNDOS;

/* nobody ever calls the process home: then it may still be away in the end */
bool stays = false;

byte up[2] = UP;
byte word[2] = 0;			/* ssi_instance.leaving */
byte leavers = 0;			/* that are not at their end yet */
byte echo[4] = NOTHING;			/* answers to them */

/* home */
byte mv = IDLE, mv_sid = 0, mv_reply = NOTHING;
byte last_sid = 0, m_sid = 0;
bool m_away = false, kicked = false;
byte t = HOME;
bool seen = false;			/* SSI_NODE_STATE_DRAINING */
bool dw = false;			/* drain_work is queued, or runs */
bool early = false;			/* only with LOOKFIRST */

/* the node */
bool draining = false;
byte taking = 0;			/* a session between the look and the table */
byte h_sid = 0, g = HOME;
bool g_kick = false;

/* nobody dies of a BYE */
#define SAFE	assert(t == HOME)

inline put(to, type, x) {
	if
	:: up[1 - (to)] != OVER -> assert(len(user[to]) < CAP); user[to]!type, x
	:: else
	fi
}

inline say(to, type) { assert(nfull(control[to])); control[to]!type }

#define REFUSES	(draining || word[N] != 0)

/* home: the receiver of the user lane */
proctype HomeReceiver() {
	mtype m; byte x;

end:	do
	:: atomic { up[H] != OVER && len(user[H]) > 0 ->
		user[H]?m, x;
		if
		:: (m == READY || m == REFUSAL) && mv == CALLING && mv_sid == x ->
			mv_reply = (m == READY -> GOOD : BAD)
		:: m == TRAP && t == AWAY -> t = HOME; kicked = false
		:: m == ECHO -> put(N, ECHO_REPLY, x)
		:: m == ECHO_REPLY -> echo[x] = GOOD
		:: else
		fi;
		m = 0; x = 0 }
	od
}

/* home: whoever moves the process */
proctype Mover() {
end:	do
	/* ssi_process_away(): ssi_node_tryhold(), then ssi_session_offer() */
	:: atomic { mv == IDLE && moves > 0 && m_sid == 0 && up[H] != OVER ->
		moves--; last_sid++; mv_sid = last_sid;
		put(N, NEW, mv_sid);
#ifdef LOOKFIRST
		early = word[H] == 0 && !seen;
#endif
		mv = CALLING }
	:: atomic { mv == CALLING && (mv_reply == BAD || up[H] == OVER) ->
		mv_reply = NOTHING; mv_sid = 0; mv = IDLE }
	:: atomic { mv == CALLING && mv_reply == NOTHING && giveups > 0 ->
		giveups--; put(N, END, mv_sid); mv_sid = 0; mv = IDLE }
	/* ssi_session_begin() */
	:: atomic { mv == CALLING && mv_reply == GOOD ->
		mv_reply = NOTHING; m_sid = mv_sid; mv_sid = 0;
#ifdef AWAYFIRST
		m_away = true;
#endif
		mv = LOOK }
	/* smp_mb(): who leaves or drains sees the session, or is seen */
	:: atomic { mv == LOOK ->
		if
#ifdef LOOKFIRST
		:: early -> m_away = true; mv = IDLE
		:: !early -> m_away = false; mv = HOMING
#else
#ifndef NOWORD
		:: word[H] != 0 -> m_away = false; mv = HOMING
#endif
#ifndef NODRAINING
		:: seen -> m_away = false; mv = HOMING
#endif
		:: else -> m_away = true; mv = IDLE
#endif
		fi;
		early = false }
	/* a person wants it home */
	:: atomic { mv == IDLE && m_sid != 0 && m_away && !stays ->
		m_away = false; mv = HOMING }
	/* ssi_drain_work(): until there is nothing that is to be away */
	:: atomic { dw && (m_sid == 0 || !m_away) -> dw = false }
	:: atomic { dw && mv == IDLE && m_sid != 0 && m_away -> m_away = false; mv = HOMING }
	:: atomic { mv == HOMING && t == HOME ->
		put(N, END, m_sid); m_sid = 0; mv = IDLE }
	/* SSI_MOVE_TIMEOUT; the last thread that comes has the session ended */
	:: atomic { mv == HOMING && t == AWAY && giveups > 0 -> giveups--; mv = IDLE }
	/* ssi_process_lost_work(), also when the membership is over */
	:: atomic { mv == IDLE && m_sid != 0 && t == HOME && (!m_away || up[H] == OVER) ->
		if :: !m_away -> put(N, END, m_sid) :: else fi;
		m_sid = 0; m_away = false }
	od
}

/* home: the thread; a thread that was away before is a deputy, and needs no notice */
proctype Deputy() {
end:	do
	:: atomic { t == HOME && m_away && enters > 0 && up[H] != OVER ->
		enters--; t = AWAY; put(N, ENTER, m_sid) }
	:: atomic { t == AWAY && !m_away && !kicked -> kicked = true; put(N, KICK, m_sid) }
	od
}

/* the node: the receiver of the user lane */
proctype NodeReceiver() {
	mtype m; byte x;

end:	do
	:: atomic { up[N] != OVER && taking == 0 && len(user[N]) > 0 ->
		user[N]?m, x;
		if
		/* ssi_hosted_handle_new(): ssi_drain_refuse(), then the table */
#ifdef NOREFUSE
		:: m == NEW && draining -> put(H, REFUSAL, x)
		:: m == NEW && !draining -> taking = x
#else
		:: m == NEW && REFUSES -> put(H, REFUSAL, x)
		:: m == NEW && !REFUSES -> taking = x
#endif
		:: m == END && h_sid == x -> assert(g == HOME); h_sid = 0
		:: m == ENTER -> assert(h_sid == x && g == HOME); g = RUN
		:: m == KICK && h_sid == x && g == RUN -> g_kick = true
		:: m == ECHO -> put(H, ECHO_REPLY, x)
		:: m == ECHO_REPLY -> echo[x] = GOOD
		:: else
		fi;
		m = 0; x = 0 }
	:: atomic { taking != 0 && up[N] != OVER ->
		assert(h_sid == 0);
		h_sid = taking; put(H, READY, taking); taking = 0 }
	od
}

/* the node: the guest, and who has the node drain */
proctype Node() {
end:	do
	/* a trap parks it before it is sent; see thread.pml */
	:: atomic { g == RUN && (g_kick || calls > 0) ->
		if :: !g_kick -> calls-- :: else fi;
		g = HOME; g_kick = false; put(H, TRAP, h_sid) }
	/* ssi_drain(): the next heartbeat says so */
	:: atomic { drains > 0 && !draining && up[N] == UP ->
		drains--; draining = true; say(H, DRAIN) }
	:: atomic { undos > 0 && draining && up[N] == UP ->
		undos--; draining = false; say(H, MEMBER) }
	od
}

/* ssi_instance_leave(), on one of the two sides */
proctype Leaver(byte s, nr) {
	/* before anything is looked at */
	atomic {
#ifdef REMOVE
		skip		/* ssi_node_remove() */
#elif defined(ONEWORD)
		word[s] = 1
#else
		word[s]++
#endif
	}
	/* ssi_drain_sync() */
#ifndef NOSYNC
	atomic { put(1 - s, ECHO, nr) }
	atomic {
		echo[nr] != NOTHING || up[s] == OVER ||
#ifdef GIVENUP
		true ->		/* it is killed, or there is no memory for the message */
#else
		false ->
#endif
		echo[nr] = NOTHING }
#endif
	/* under the instance's lock: ssi_node_busy(), and the end of all pairings */
	atomic { up[s] == UP || up[s] == OVER ->
		if
		:: up[s] == OVER || s == H && m_sid != 0 || s == N && h_sid != 0 ->
#if defined(ONEWORD) || defined(REMOVE)
			word[s] = 0
#else
			word[s]--
#endif
		:: else -> up[s] = GOING	/* nobody looks at the word any more */
		fi;
		leavers-- }
}

inline over(s) {
	SAFE;
	up[s] = OVER;
	if :: s == N -> h_sid = 0; taking = 0; g = HOME; g_kick = false :: else fi
}

/* one half of the pairing: the control lane, and the good-bye */
proctype Link(byte s) {
	mtype m;

end:	do
	:: atomic { up[s] != OVER && len(control[s]) > 0 ->
		control[s]?m;
		if
		:: m == BYE -> over(s)
		/* ssi_drain_heard() */
		:: m == DRAIN ->
			seen = true;
#ifndef NOWORK
			dw = true
#endif
		:: m == MEMBER -> seen = false
		fi;
		m = 0 }
	:: atomic { up[s] == GOING -> up[s] = SAID; say(1 - s, BYE) }
	/* the peer has closed; or SSI_BYE_MS have passed, and it will */
	:: atomic { up[s] == SAID || up[s] != OVER && up[1 - s] == OVER -> over(s) }
	od
}

/* every wait ends: nothing else can happen, so nobody may wait for anything */
proctype Monitor() {
end:	do
	:: timeout ->
		assert(up[H] == UP && up[N] == UP || up[H] == OVER && up[N] == OVER);
		assert(leavers == 0 && mv == IDLE && !dw && taking == 0);
		if
		:: up[H] == OVER -> assert(m_sid == 0 && h_sid == 0 && t == HOME)
		:: else ->
			assert(word[H] == 0 && word[N] == 0 && seen == draining);
			assert(len(user[H]) == 0 && len(user[N]) == 0);
			assert(h_sid == m_sid);
			assert(m_sid == 0 && t == HOME || m_away && stays);
			/* what drains is empty */
			assert(!seen || m_sid == 0)
		fi;
		break
	od
}

init {
	byte i;

	atomic {
		if :: stays = true :: stays = false fi;
		/* or these never happen, as they would end a wait that must end without */
		if :: calls = 0 :: CALLS > 0 fi;
		if :: giveups = 0 :: GIVEUPS > 0 fi;
		if :: undos = 0 :: UNDOS > 0 fi;
		run HomeReceiver(); run Mover(); run Deputy();
		run NodeReceiver(); run Node(); run Link(H); run Link(N);
		leavers = HLEAVES + NLEAVES;
		do
		:: i < HLEAVES -> run Leaver(H, i); i++
		:: i >= HLEAVES && i < HLEAVES + NLEAVES -> run Leaver(N, i); i++
		:: i == HLEAVES + NLEAVES -> break
		od;
		i = 0;
		run Monitor()
	}
}
