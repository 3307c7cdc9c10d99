// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: a thread that moves between its home and one other node
 *
 * One process at home, the node that it moves to, and the user lane between the
 * two. There is no clock: either side may say LOST at any moment, which covers
 * every pause of a machine and every drift of its clock. Nor does a lane end with
 * its epoch: what is left in it arrives in the next one, so that the number of the
 * epoch has to do alone what the reset of the connection does as well.
 *
 * Every run ends, as all that happens by itself is counted (the budgets below), and
 * no two states repeat (which `ci/model` checks). So what waits when nothing can
 * happen any more waits for ever: the process Monitor looks for that.
 *
 * Each option of Documentation/model.md takes one rule away and must fail.
 */

#ifndef T
#define T	1	/* threads */
#endif
#ifndef LOSSES
#define LOSSES	1	/* a side says LOST though the other lives */
#endif
#ifndef RESTARTS
#define RESTARTS 1	/* a node crashes and joins anew: another incarnation */
#endif
#ifndef MOVES
#define MOVES	2	/* moves to the node; one home is always possible */
#endif
#ifndef CALLS
#define CALLS	1	/* traps that a guest makes of its own */
#endif
#ifndef ENTERS
#define ENTERS	2	/* departures of all threads together */
#endif
#ifndef SIGNALS
#define SIGNALS	1	/* a signal for a thread that is away */
#endif
#ifndef KILLS
#define KILLS	1	/* SIGKILL at home, or the OOM killer of the node */
#endif
#ifndef GIVEUPS
#define GIVEUPS	1	/* a mover is killed or has waited for too long */
#endif
#define CAP	12	/* a lane has no bound; an assertion says that this is enough */

/* of a side of the link: pairing.c, in the order of ssi_pairing_live() */
#define UP	0	/* SSI_NODE_STATE_MEMBER, lanes open */
#define LOST	1	/* ssi_node_break(): lanes closed */
#define TOLD	2	/* receivers stopped, ssi_peer_lost() is over */
#define FAILED	3	/* ssi_calls_fail(): what waited was woken */
#define READY	4	/* ssi_handshake_purge(): nothing is held, READY sent */

/* deputy.h, and what ssi_deputy_user_mode() does in between */
#define HOME	0	/* may run user mode at home */
#define LEAVING	1	/* ssi_deputy_depart() has counted it as away */
#define AWAY	2
#define TRAPPED	3
#define DYING	4	/* it comes out of its wait to die */
#define GONE	5	/* ssi_deputy_detach() */

/* guest.h */
#define NONE	0
#define PARKED	1
#define RUN	2	/* has registers: may run user mode on the node */

/* the one that moves the process: process.c, under move_lock */
#define IDLE	0
#define CALLING	1	/* ssi_session_offer() waits for SESSION_READY */
#define BEGIN	2	/* ssi_session_begin() has its answer */
#define LOOK	3	/* ssi_process_away(): is it still the same membership? */
#define HOMING	4	/* ssi_process_home() waits for !nr_away */

#define NOTHING	0
#define GOOD	1
#define BAD	2

mtype = { SESSION_NEW, SESSION_READY, REFUSAL, SESSION_END, ENTER, TRAP, KICK,
	  THREAD_END, GUEST_DEAD };

/* type, epoch, session, thread, seq; and which process it is really about */
chan h2n = [CAP] of { mtype, byte, byte, byte, byte, byte };
chan n2h = [CAP] of { mtype, byte, byte, byte, byte, byte };

byte losses = LOSSES, restarts = RESTARTS, moves = MOVES, calls = CALLS;
byte enters = ENTERS, signals = SIGNALS, kills = KILLS, giveups = GIVEUPS;

/* nobody ever calls the process home: then it may still be away in the end */
bool stays = false;

/* home: struct ssi_node, struct ssi_mirror, struct ssi_deputy */
byte hl = UP, he = 1, hh = 0;		/* state, epoch, holds */
byte life = 1;				/* which process; a restarted one is another */
byte last_sid = 0, m_sid = 0, m_epoch = 0, nr_away = 0;
bool m_away = false, m_lost = false, m_dead = false, m_kill = false;
bool lw = false;			/* lost_work is queued ... */
byte lw_sid = 0;			/* ... for this session */
byte mv = IDLE, mv_sid = 0, mv_epoch = 0, mv_reply = NOTHING;
byte d[T] = HOME, d_seq[T] = 0, d_sid[T] = 0, d_epoch[T] = 0;
bool d_kicked[T] = false, d_lost[T] = false;
/* ssi_rpc_later(): a trap whose deputy still had a CPU */
bool late[T] = false;
byte late_e[T] = 0, late_s[T] = 0, late_q[T] = 0, late_l[T] = 0;

/* the node: struct ssi_node, ssi_store, ssi_hosted, ssi_guest */
byte nl = UP, ne = 1;
bool st = false, st_dead = false;	/* the store holds the node (I4) */
byte st_epoch = 0, h_sid = 0, h_life = 0;
bool h_up = false, h_end = false, h_oom = false, h_nomem = false, spare = false;
byte g[T] = NONE, g_seq[T] = 0, g_life[T] = 0;
bool g_kick[T] = false, g_end[T] = false;
byte job[T] = 0, job_life[T] = 0;	/* an ENTER that waits for a guest: its seq */
bool job_kick[T] = false;
byte job_first = 0;			/* the first of the list: only with FIRSTJOB */

/* no thread runs user mode on two nodes at once */
#define SAFE(t)	assert(!(d[t] == HOME && g[t] == RUN && g_life[t] == life))

/* ssi_link_send(): a message of another epoch, or after LOST, is not sent */
#define H_MAY(e)	(hl == UP && he == (e))
#define N_MAY		(nl == UP && ne == st_epoch)

inline h_put(type, e, s, t, q) {
	if
	:: H_MAY(e) -> assert(len(h2n) < CAP); h2n!type, e, s, t, q, life
	:: else
	fi
}

inline n_put(type, s, t, q, l) {
	if
	:: N_MAY -> assert(len(n2h) < CAP); n2h!type, ne, s, t, q, l
	:: else
	fi
}

/* ssi_session_end(): does nothing for a session that is not the present one */
inline session_end(s) {
	if
	:: s != 0 && m_sid == s ->
		h_put(SESSION_END, m_epoch, s, 0, 0);
		m_sid = 0; m_epoch = 0; m_away = false;
		hh--
	:: else
	fi
}

/* ssi_deputy_arrive(), and ssi_process_end_later() for the last one */
inline arrive(t) {
	d_sid[t] = 0; d_epoch[t] = 0;
	nr_away--;
	if
#ifndef NOOVER
	:: nr_away == 0 && !m_away && m_sid != 0 -> lw = true; lw_sid = m_sid
#endif
	:: else
	fi
}

/* ssi_process_lost(), ssi_deputy_lost() */
inline process_lost() {
	m_away = false; m_lost = true;
	lw = true; lw_sid = m_sid;
#ifndef RESUME
#ifndef NOWAKE
	if :: nr_away > 0 -> m_kill = true :: else fi;
#endif
#endif
	i = 0;
	do
	:: i < T ->
#ifndef NOWAKE
		if :: d[i] == AWAY -> d_lost[i] = true :: else fi;
#endif
		i++
	:: else -> break
	od;
	i = 0
}

/* ssi_process_peer_lost() */
inline peer_lost(e) {
	if
	:: m_sid != 0 && m_epoch == e && !m_lost -> process_lost()
	:: else
	fi
}

/* ssi_deputy_handle_trap(), now or later; ssi_regs_set() may want it later */
inline handle_trap(e, s, t, q, l, again) {
	if
	:: m_sid == s && m_epoch == e && d[t] == AWAY && d_seq[t] == q && d_sid[t] == s ->
		if
		:: true ->
			assert(l == life);	/* registers of another process */
			d[t] = TRAPPED
		:: !again && !late[t] ->
			late[t] = true; late_e[t] = e; late_s[t] = s; late_q[t] = q;
			late_l[t] = l
		fi
	:: else
	fi
}

inline forget_late(t) {
	late[t] = false; late_e[t] = 0; late_s[t] = 0; late_q[t] = 0; late_l[t] = 0
}

/* the receiver of the user lane, home: ssi_link_dispatch() */
proctype HomeReceiver() {
	mtype m; byte e, s, t, q, l, i;

end:	do
	:: atomic { hl == UP && len(n2h) > 0 ->
		n2h?m, e, s, t, q, l;
		if
#ifndef NOEPOCH
		:: e != he -> skip	/* I1 */
#endif
		:: else ->
			if
			:: m == TRAP -> handle_trap(m_epoch, s, t, q, l, false)
			:: (m == SESSION_READY || m == REFUSAL) && mv == CALLING &&
			   mv_sid == s && mv_reply == NOTHING ->
				mv_reply = (m == SESSION_READY -> GOOD : BAD)
			:: m == GUEST_DEAD && m_sid == s && !m_lost -> process_lost()
			:: else
			fi
		fi;
		m = 0; e = 0; s = 0; t = 0; q = 0; l = 0 }
	od
}

/* home's half of the pairing's thread: ssi_pairing_live(), ssi_handshake_purge() */
proctype HomeLink() {
	byte i;

end:	do
	:: atomic { hl == UP && losses > 0 -> losses--; hl = LOST }
	:: atomic { hl == UP && (nl != UP || ne != he) -> hl = LOST }
	:: atomic { hl == LOST -> peer_lost(he); hl = TOLD }
	:: atomic { hl == TOLD ->
#ifndef NOFAIL
		/* I6: ssi_calls_fail() */
		if
		:: mv == CALLING && mv_reply == NOTHING -> mv_reply = BAD
		:: else
		fi;
#endif
		hl = FAILED }
#ifdef REOPEN
	:: atomic { hl == FAILED && nl == UP && ne == he -> hl = UP }
#endif
#ifdef NOBARRIER
	:: atomic { hl == FAILED -> hl = READY }
#else
	:: atomic { hl == FAILED && hh == 0 -> hl = READY }
#endif
	/* both have sent and received READY: one more than either side remembers */
	:: atomic { hl == READY && nl == READY ->
		i = (he > ne -> he : ne) + 1;
		if
		:: he = i; ne = i; hl = UP; nl = UP
		:: losses > 0 -> losses--; he = i; hl = UP; nl = FAILED
		:: losses > 0 -> losses--; ne = i; nl = UP; hl = FAILED
		fi;
		/* who is a member again has nothing of an older epoch there */
		i = 0;
		do
		:: i < T -> assert(g[i] != RUN && d[i] != AWAY); i++
		:: else -> break
		od;
		i = 0 }
	/* a crash: all is gone, the epoch and the numbers of the sessions, too */
	:: atomic { restarts > 0 ->
		restarts--;
		do
		:: i < T ->
			d[i] = HOME; d_seq[i] = 0; d_sid[i] = 0; d_epoch[i] = 0;
			d_kicked[i] = false; d_lost[i] = false; forget_late(i);
			i++
		:: else -> break
		od;
		i = 0;
		life++;
		last_sid = 0; m_sid = 0; m_epoch = 0; nr_away = 0; hh = 0;
		m_away = false; m_lost = false; m_dead = false; m_kill = false;
		lw = false; lw_sid = 0;
		mv = IDLE; mv_sid = 0; mv_epoch = 0; mv_reply = NOTHING;
		he = 0; hl = FAILED }
	od
}

/* whoever moves the process: ssi_process_move() */
proctype Mover() {
	byte i;

end:	do
	/* ssi_process_away(): ssi_node_tryhold(), then ssi_session_offer() */
	:: atomic { mv == IDLE && moves > 0 && m_sid == 0 && !m_dead && hl == UP ->
		moves--; hh++;
		last_sid++; mv_sid = last_sid; mv_epoch = he;
		h_put(SESSION_NEW, mv_epoch, mv_sid, 0, 0);
		mv = CALLING }
	:: atomic { mv == CALLING && mv_reply == GOOD ->
		mv_reply = NOTHING; mv = BEGIN }
	:: atomic { mv == CALLING && mv_reply == BAD ->
		mv_reply = NOTHING; hh--; mv_sid = 0; mv_epoch = 0; mv = IDLE }
	/* SSI_CALL_TIMEOUT, or killed: the request may be served all the same */
	:: atomic { mv == CALLING && mv_reply == NOTHING && giveups > 0 ->
		giveups--;
		h_put(SESSION_END, mv_epoch, mv_sid, 0, 0);
		hh--; mv_sid = 0; mv_epoch = 0; mv = IDLE }
	:: atomic { mv == BEGIN ->
		if
		:: m_dead ->
			h_put(SESSION_END, mv_epoch, mv_sid, 0, 0);
			hh--; mv_sid = 0; mv_epoch = 0; mv = IDLE
		:: else ->
			m_sid = mv_sid; m_epoch = mv_epoch; m_lost = false; m_away = true;
			mv = LOOK
		fi }
	/* the membership may have ended between the look and the session */
	:: atomic { mv == LOOK ->
#ifndef NOLOOK
		if
		:: !H_MAY(mv_epoch) -> peer_lost(mv_epoch)
		:: else
		fi;
#endif
		mv_sid = 0; mv_epoch = 0; mv = IDLE }
	/* ssi_process_home() */
	:: atomic { mv == IDLE && m_sid != 0 && m_away && !stays ->
		m_away = false; mv_sid = m_sid; mv = HOMING }
#ifdef ENDEARLY
	:: atomic { mv == HOMING ->
#else
	:: atomic { mv == HOMING && nr_away == 0 ->
#endif
		session_end(mv_sid); mv_sid = 0; mv = IDLE }
	/* killed, or SSI_MOVE_TIMEOUT: then the last one that arrives has it ended */
	:: atomic { mv == HOMING && nr_away > 0 && giveups > 0 ->
		giveups--; mv_sid = 0; mv = IDLE }
	/* ssi_process_lost_work() */
	:: atomic { lw && (nr_away == 0 || m_sid != lw_sid) ->
		session_end(lw_sid); lw = false; lw_sid = 0 }
	od
}

/* a thread at home: ssi_deputy_user_mode() */
proctype Deputy(byte t) {
	byte i;

end:	do
	/* ssi_deputy_depart() */
	:: atomic { d[t] == HOME && m_away && !m_kill && enters > 0 ->
		enters--; nr_away++;
		d_sid[t] = m_sid; d_epoch[t] = m_epoch;
		d[t] = LEAVING }
	/* ssi_deputy_enter(): what cannot be sent has not left */
	:: atomic { d[t] == LEAVING ->
		d_kicked[t] = false; d_lost[t] = false; d_seq[t]++;
		if
		:: H_MAY(d_epoch[t]) ->
			h_put(ENTER, d_epoch[t], d_sid[t], t, d_seq[t]);
			d[t] = AWAY
		:: else -> d[t] = HOME; arrive(t); SAFE(t)
		fi }
	/* ssi_deputy_wait(): wanted home, a signal, or killed */
	:: atomic { d[t] == AWAY && !d_kicked[t] && (!m_away || m_kill || signals > 0) ->
		if :: m_away && !m_kill -> signals-- :: else fi;
		d_kicked[t] = true;
		h_put(KICK, d_epoch[t], d_sid[t], t, d_seq[t]) }
	/* I2: lost, or killed and not waiting for its registers */
	:: atomic { d[t] == AWAY && d_kicked[t] && m_kill || d[t] == AWAY && d_lost[t] ->
		arrive(t);
#ifdef RESUME
		d[t] = HOME; d_lost[t] = false; SAFE(t)
#else
		m_kill = true; d[t] = DYING
#endif
		}
	:: atomic { d[t] == TRAPPED -> d[t] = HOME; arrive(t); SAFE(t) }
	:: atomic { late[t] ->
		handle_trap(late_e[t], late_s[t], t, late_q[t], late_l[t], true);
		forget_late(t) }
	/* the exit: ssi_deputy_detach(), for the last one ssi_process_end() */
	:: atomic { d[t] == DYING || d[t] == HOME && m_kill ->
		d[t] = GONE; d_lost[t] = false; d_kicked[t] = false;
		if
		:: m_sid != 0 -> h_put(THREAD_END, m_epoch, m_sid, t, 0)
		:: else
		fi;
		i = 0;
		do
		:: i < T && d[i] == GONE -> i++
		:: else -> break
		od;
		if
		:: i == T -> m_dead = true; session_end(m_sid)
		:: else
		fi;
		i = 0 }
	:: atomic { t == 0 && kills > 0 && !m_kill && !m_dead -> kills--; m_kill = true }
	od
}

/* ssi_guest_load(): only a guest that is parked may be given registers */
inline load(t, q, l) {
	assert(g[t] == PARKED);
	assert(l == h_life);
	g_seq[t] = q; g_life[t] = l; g_kick[t] = false;
	g[t] = RUN;
	SAFE(t)
}

/* the receiver of the user lane, on the node */
proctype NodeReceiver() {
	mtype m; byte e, s, t, q, l;

end:	do
	/*
	 * One process at a time is here: what is left of the one before is gone before
	 * the next one is taken in, so that a slot is enough.
	 */
	:: atomic { nl == UP && len(h2n) > 0 && !(h2n?[SESSION_NEW] && h_sid != 0) ->
		h2n?m, e, s, t, q, l;
		if
#ifndef NOEPOCH
		:: e != ne -> skip	/* I1 */
#endif
		:: else ->
			if
			/* ssi_hosted_handle_new(), ssi_store_make() */
			:: m == SESSION_NEW ->
				if
				:: !st -> st = true; st_epoch = ne
				:: else
				fi;
				h_sid = s; h_life = l
			/* ssi_hosted_handle_end() */
			:: m == SESSION_END && h_sid == s -> h_end = true
			/* ssi_guest_handle_enter() */
			:: m == ENTER && (h_sid != s || h_end) ->
#ifndef NODEAD
				if
				:: st -> n_put(GUEST_DEAD, s, 0, 0, l)
				:: !st && nl == UP -> n2h!GUEST_DEAD, ne, s, 0, 0, l
				fi
#else
				skip
#endif
			:: m == ENTER && h_sid == s && !h_end ->
				if
				:: g[t] == NONE && spare ->
					spare = false; g[t] = PARKED; load(t, q, l)
				:: g[t] != NONE -> load(t, q, l)
				/* no spare one, or not asleep yet: the leader's job */
				:: g[t] == NONE && !spare || g[t] == PARKED ->
					assert(job[t] == 0);
#ifdef FIRSTJOB
					if :: job[job_first] == 0 -> job_first = t :: else fi;
#endif
					job[t] = q; job_life[t] = l; job_kick[t] = false
				fi
			/* ssi_guest_handle_kick() */
			:: m == KICK && h_sid == s && !h_end ->
#ifndef NOJOBKICK
				if :: job[t] == q -> job_kick[t] = true :: else fi;
#endif
				if :: g[t] == RUN && g_seq[t] == q -> g_kick[t] = true :: else fi
			/* ssi_guest_handle_thread_end() */
			:: m == THREAD_END && h_sid == s && g[t] != NONE -> g_end[t] = true
			:: else
			fi
		fi;
		m = 0; e = 0; s = 0; t = 0; q = 0; l = 0 }
	od
}

inline guest_gone(t) {
	g[t] = NONE; g_seq[t] = 0; g_life[t] = 0; g_kick[t] = false; g_end[t] = false
}

/* the leader and its guests: ssi_hosted_leader_user_mode(), ssi_guest_user_mode() */
proctype Leader() {
	byte i;

end:	do
	/* as many guests as home asked for, or others have taken them, and no memory */
	:: atomic { h_sid != 0 && !h_up && !h_end ->
		h_up = true;
		if
		:: spare = true
		:: h_nomem = true
		fi;
		n_put(SESSION_READY, h_sid, 0, 0, h_life) }
	:: atomic { h_sid != 0 && !h_up && !h_end && kills > 0 ->
		kills--; h_end = true }
	/* the OOM killer, or an administrator of the node */
	:: atomic { h_up && !h_end && kills > 0 -> kills--; h_end = true; h_oom = true }
	/* ssi_hosted_leader_exit(), ssi_guest_exit(): the whole group has gone */
	:: atomic { h_sid != 0 && h_end ->
		if :: !h_up -> n_put(REFUSAL, h_sid, 0, 0, h_life) :: else fi;
		if :: h_oom -> n_put(GUEST_DEAD, h_sid, 0, 0, h_life) :: else fi;
		i = 0;
		do
		:: i < T ->
			guest_gone(i); job[i] = 0; job_life[i] = 0; job_kick[i] = false;
			i++
		:: else -> break
		od;
		i = 0; job_first = 0;
		h_sid = 0; h_life = 0; h_up = false; h_end = false; h_oom = false;
		h_nomem = false; spare = false;
		if :: st_dead -> st = false; st_dead = false; st_epoch = 0 :: else fi }
	od
}

/* ssi_hosted_do_jobs(): one that cannot be done keeps none behind it waiting */
#ifdef FIRSTJOB
#define TRIED(t)	(job[t] != 0 && job_first == t)
#else
#define TRIED(t)	(job[t] != 0)
#endif

inline job_done(t) {
	job[t] = 0; job_life[t] = 0; job_kick[t] = false;
#ifdef FIRSTJOB
	job_first = 0;
	do
	:: job_first < T && job[job_first] == 0 -> job_first++
	:: else -> break
	od;
	if :: job_first == T -> job_first = 0 :: else fi
#endif
}

proctype Guest(byte t) {
end:	do
	/* ssi_hosted_do_job() */
	:: atomic { h_up && !h_end && TRIED(t) && (g[t] == PARKED || spare) ->
		if :: g[t] == NONE -> spare = false; g[t] = PARKED :: else fi;
		load(t, job[t], job_life[t]);
		g_kick[t] = job_kick[t];
		job_done(t) }
	:: atomic { h_up && !h_end && TRIED(t) && g[t] == NONE && !spare && !h_nomem ->
		spare = true }
	/* ssi_hosted_send_back() */
	:: atomic { h_up && !h_end && TRIED(t) && g[t] == NONE && !spare && h_nomem &&
		    job_kick[t] ->
		n_put(TRAP, h_sid, t, job[t], job_life[t]);
		job_done(t) }
	/* ssi_guest_ship(): it is parked before home can know that it stopped */
	:: atomic { g[t] == RUN && !g_end[t] && (g_kick[t] || calls > 0) ->
		if :: !g_kick[t] -> calls-- :: else fi;
		g_kick[t] = false;
#ifdef TRAPFIRST
		n_put(TRAP, h_sid, t, g_seq[t], g_life[t]) }
		g[t] = (g[t] == RUN -> PARKED : g[t])
#else
		g[t] = PARKED;
		n_put(TRAP, h_sid, t, g_seq[t], g_life[t]) }
#endif
	:: atomic { g[t] != NONE && g_end[t] -> guest_gone(t) }
	od
}

/* the node's half of the pairing's thread */
proctype NodeLink() {
	byte i;

end:	do
	:: atomic { nl == UP && losses > 0 -> losses--; nl = LOST }
	:: atomic { nl == UP && (hl != UP || he != ne) -> nl = LOST }
	/* ssi_store_peer_lost(), ssi_hosted_kill_all(): zombies run on for a while */
	:: atomic { nl == LOST ->
#ifndef NOKILL
		if
		:: st && h_sid != 0 -> st_dead = true; h_end = true
		:: st && h_sid == 0 -> st = false; st_epoch = 0
		:: else
		fi;
#endif
		nl = FAILED }
#ifdef NOBARRIER
	:: atomic { nl == FAILED -> nl = READY }
#else
	:: atomic { nl == FAILED && !st -> nl = READY }
#endif
	:: atomic { restarts > 0 ->
		restarts--;
		do
		:: i < T ->
			guest_gone(i); job[i] = 0; job_life[i] = 0; job_kick[i] = false;
			i++
		:: else -> break
		od;
		i = 0; job_first = 0;
		st = false; st_dead = false; st_epoch = 0;
		h_sid = 0; h_life = 0; h_up = false; h_end = false; h_oom = false;
		h_nomem = false; spare = false;
		ne = 0; nl = FAILED }
	od
}

/* every wait ends: nothing else can happen, so nobody may wait for anything */
proctype Monitor() {
	byte i;

end:	do
	:: timeout ->
		assert(hl == UP && nl == UP && he == ne);
		assert(mv == IDLE && !lw && len(h2n) == 0 && len(n2h) == 0);
		assert(hh == (m_sid != 0 -> 1 : 0));
		/* what was killed there in vain, home learns by its next ENTER */
		assert(h_sid == m_sid || h_sid == 0 && nr_away == 0);
		assert(m_sid == 0 || stays && m_away && m_epoch == he);
		do
		:: i < T ->
			assert(!late[i]);
			if
			:: d[i] == AWAY ->
				/* it computes, or memory for its guest is short */
				assert(m_sid != 0 && !d_kicked[i]);
				assert(g[i] == RUN ||
				       g[i] == NONE && job[i] != 0 && h_nomem)
			:: else ->
				assert(d[i] == HOME || d[i] == GONE);
				assert(g[i] != RUN && job[i] == 0)
			fi;
			i++
		:: else -> break
		od;
		break
	od
}

init {
	byte i;

	atomic {
		if :: stays = true :: stays = false fi;
		/* or these never happen, as they would end a wait that must end without */
		if :: calls = 0 :: CALLS > 0 fi;
		if :: signals = 0 :: SIGNALS > 0 fi;
		if :: kills = 0 :: KILLS > 0 fi;
		run HomeReceiver(); run HomeLink(); run Mover();
		run NodeReceiver(); run NodeLink(); run Leader();
		do
		:: i < T -> run Deputy(i); run Guest(i); i++
		:: else -> break
		od;
		i = 0;
#ifndef ALONE
		run Monitor()	/* ALONE: only what must never be, not what must end */
#else
		skip
#endif
	}
}
