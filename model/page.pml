// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: a page that moves between its home and one other node
 *
 * One address of one process at home, one device page of the home, the node that
 * holds its bytes, and the memory lane between the two. How the thread comes and
 * goes is thread.pml's; here it takes one step, which may happen before or after
 * whatever is in the memory lane. As there, nothing knows the time, a lane outlives
 * its epoch, every run ends, and the process Monitor looks for who waits for ever.
 *
 * Each option of Documentation/model.md takes one rule away and must fail.
 */

#ifndef LOSSES
#define LOSSES	1	/* a side says LOST though the other lives */
#endif
#ifndef RESTARTS
#define RESTARTS 1	/* a node crashes and joins anew */
#endif
#ifndef STAYS
#define STAYS	2	/* sessions */
#endif
#ifndef ENTERS
#define ENTERS	2	/* departures of the thread */
#endif
#ifndef FAULTS
#define FAULTS	2	/* of the guest */
#endif
#ifndef TOUCHES
#define TOUCHES	1	/* at home, of a page that is away */
#endif
#ifndef UNMAPS
#define UNMAPS	1	/* munmap() at home; another page comes to the address */
#endif
#ifndef EVICTS
#define EVICTS	1	/* the node's shrinker asks home to take the page */
#endif
#ifndef RECLAIMS
#define RECLAIMS 1	/* a receiver at home reclaims memory */
#endif
#ifndef LEAVES
#define LEAVES	0	/* the node leaves the cluster in good order, or tries to */
#endif
#ifndef SETTLES
#define SETTLES	2	/* echoes that it waits for: SSI_EVICT_SETTLES */
#endif
#define CAP	14	/* a lane has no bound; an assertion says that this is enough */

/* of a side of the link: pairing.c, in the order of ssi_pairing_live() */
#define UP	0	/* SSI_NODE_STATE_MEMBER */
#define LOST	1	/* ssi_node_break(): lanes closed */
#define EARLY	2	/* ssi_calls_fail(early): invalidations have failed */
#define TOLD	3	/* receivers stopped, ssi_peer_lost() is over */
#define FAILED	4	/* ssi_calls_fail(): recalls have failed, too */
#define READY	5	/* ssi_handshake_purge(): nothing is held, READY sent */
#define LEFT	6	/* __ssi_instance_stop() */

/* what the page tables of home have at the address */
#define NONE	0
#define RAM	1	/* an ordinary page: home has the bytes */
#define DEV	2	/* a device page: pagemap.c */

/* the device page: free, in use, or in ssi_drop_list */
#define FREE	0
#define USED	1
#define FREED	2

/* who brings the page home: recall.c for a touch, evict.c for nobody */
#define IDLE	0
#define SHUT	1	/* evict.c: entries replaced, the notifier is to be called */
#define ISOLATED 2	/* locked, in no page table: ssi_recall_ask() is next */
#define ASKED	3	/* ssi_call_wait() */
#define TAKEN	4	/* ssi_recall_taken() is next, then ssi_recall_fill() */

/* munmap() */
#define LOCKED	1	/* mmap_lock for writing; the notifier is to be called */
#define ZAP	2	/* the notifier has returned */

/* ssi_instance_leave() */
#define SYNC	1	/* its word is out; ssi_drain_sync() */
#define UNUSED	2	/* ssi_evict_unused() */
#define SETTLE	3	/* ssi_evict_settle(): the echo is next */
#define WAITS	4	/* ... and its answer */
#define BUSY	5	/* ssi_node_busy() */
#define STOP	6	/* __ssi_instance_stop(): BYE is next */
#define SAID	7	/* ssi_pairing_say_bye() waits for home to close */

/* an answer */
#define NOTHING	0
#define GOOD	1
#define BAD	2

mtype = { STORE, GRANT, REFUSE, INVALIDATE, INVALIDATED, RECALL, PAGES, DROP, FAULT, EVICT,
	  ECHO, ECHO_REPLY };

/* type, epoch, generation, which page it is really about, number of call or session */
chan h2n = [CAP] of { mtype, byte, byte, byte, byte };
chan n2h = [CAP] of { mtype, byte, byte, byte, byte };

byte losses = LOSSES, restarts = RESTARTS, stays = STAYS, enters = ENTERS;
byte faults = FAULTS, touches = TOUCHES, unmaps = UNMAPS, evicts = EVICTS;
byte reclaims = RECLAIMS, leaves = LEAVES, settles = SETTLES;

/* home */
byte hl = UP, he = 1, hh = 0;
byte last_sid = 0, m_sid = 0, m_epoch = 0, seq = 0;
byte offered = 0;			/* a session the node took, not in its table yet */
bool away = false;			/* the thread is */
bool killed = false;			/* ssi_process_lost(), ssi_recall_lost_page() */
bool m_lock = false;			/* held across an invalidation */
bool granted = false;			/* the mirror's xarray of that name */
byte pg = RAM, page = 1;		/* what is at the address; which page it really is */
byte dp = FREE, gen = 0, dp_epoch = 0, dp_page = 0;
bool lent = false, bytes = false;	/* struct ssi_dpage */
bool zapped = false;			/* unmapped while it was isolated */
byte drop_gen = 0, drop_epoch = 0;	/* a DROP that is not sent yet */
bool asked = false;			/* the guest's newest fault: d->fault_pending */
byte decided = 0;			/* only with GRANTLATE */
byte bring = IDLE, bring_seq = 0, bring_reply = NOTHING;
bool bring_evict = false;
byte unmap = IDLE;
byte inv_seq = 0, inv_reply = NOTHING;	/* the call INVALIDATE, one under m_lock */
bool inv_unmap = false;
bool rx_reclaims = false;		/* the receiver of the user lane waits for m_lock */
byte job_gen = 0, job_epoch = 0;	/* struct ssi_evict_job */

/* the node */
byte nl = UP, ne = 1;
bool st = false, st_dead = false;
byte st_epoch = 0, h_sid = 0;
bool has = false;			/* a folio in the store */
byte s_gen = 0, s_page = 0;
bool mapped = false;			/* ... which is in the page cache of the process */
bool runs = false;			/* the guest may run user mode */
bool waits = false;			/* ssi_guest_fetch() */
bool end_sent = false;			/* SESSION_END is on its way, by the user lane */
byte leave = IDLE, echo = NOTHING;
bool word = false;			/* ssi_instance.leaving */
bool settled = false;			/* an echo came back after the last look at ... */
bool more = false;			/* ... ssi_store.given, which has grown since */
byte giving = 0;			/* ssi_store_handle_recall(): taken; in the lane */
byte give_gen = 0, give_page = 0, give_seq = 0;
bool bye = false;			/* on its way, by the control lane */

#define H_MAY(e)	(hl == UP && he == (e))
#define N_MAY		(nl == UP && ne == st_epoch)
#define MEMBERS		(hl == UP && nl == UP && he == ne)

/* nr_pages of the store: what a recall takes counts until it is given */
#ifdef INHAND
#define HOLDS		has
#else
#define HOLDS		(has || giving != 0)
#endif
/* ssi_evict_settled() */
#ifdef NOSETTLE
#define SETTLED		(!HOLDS)
#else
#define SETTLED		(!HOLDS && settled && !more)
#endif

/* no page has two owners: home's bytes are the only ones */
#define ONE_OWNER	assert(!(pg == RAM && has && s_page == page))
/* I7: the guest of a member uses no page that home has taken from the address */
#define NOT_STALE \
	assert(!(hl == UP && st && he == st_epoch && mapped && runs && away && \
		 s_page != page))

inline h_put(type, e, x, p, q) {
	if
	:: H_MAY(e) -> assert(len(h2n) < CAP); h2n!type, e, x, p, q
	:: else
	fi
}

inline n_put(type, x, p, q) {
	if
	:: N_MAY -> assert(len(n2h) < CAP); n2h!type, ne, x, p, q
	:: else
	fi
}

/* folio_free(): the last page table entry of the device page has gone */
inline free_dpage() { dp = FREED }

/* __ssi_mirror_forget(), m_lock taken: is there anything to wait for? */
inline forget(by_unmap) {
	if
	:: m_sid != 0 && granted ->
		granted = false;
		if
#ifdef NOACK
		:: H_MAY(m_epoch) ->
			seq++; h_put(INVALIDATE, m_epoch, 0, 0, seq); inv_reply = GOOD
#endif
		:: H_MAY(m_epoch) ->
			seq++; inv_seq = seq;
			h_put(INVALIDATE, m_epoch, 0, 0, seq)
		:: else -> inv_reply = BAD
		fi
	:: else -> inv_reply = GOOD
	fi;
	m_lock = true; inv_unmap = by_unmap
}

inline forgotten() { m_lock = false; inv_reply = NOTHING; inv_seq = 0; inv_unmap = false }

/* ssi_session_end() */
inline session_end() {
	if :: H_MAY(m_epoch) -> end_sent = true :: else fi;
	m_sid = 0; m_epoch = 0; granted = false; asked = false; decided = 0;
	hh--
}

/* home: the receiver of the memory lane */
proctype HomeReceiver() {
	mtype m; byte e, x, p, q;

end:	do
	:: atomic { hl == UP && len(n2h) > 0 ->
		n2h?m, e, x, p, q;
		if
#ifndef NOEPOCH
		:: e != he -> skip	/* I1 */
#endif
		:: else ->
			if
			/* ssi_deputy_handle_fault() */
			:: m == FAULT && away && q == m_sid -> asked = true
			/* ssi_calls_reply() */
			:: m == PAGES && bring == ASKED && bring_reply == NOTHING &&
			   bring_seq == q ->
				if
				:: p != 0 ->
					assert(p == dp_page);	/* bytes of another page */
					bytes = true; lent = false; bring_reply = GOOD
				:: else ->
					/* no bytes are lost while nobody is lost */
					assert(p != 0);
					bring_reply = BAD
				fi
			:: m == INVALIDATED && m_lock && inv_reply == NOTHING &&
			   inv_seq == q -> inv_reply = GOOD
			/* ssi_evict_handle() */
			:: m == EVICT && job_gen == 0 -> job_gen = x; job_epoch = e
			:: m == ECHO -> h_put(ECHO_REPLY, he, 0, 0, q)
			:: else
			fi
		fi;
		ONE_OWNER;
		m = 0; e = 0; x = 0; p = 0; q = 0 }
	od
}

/* home: the deputy, which serves the faults of its guest, and comes and goes */
proctype Deputy() {
end:	do
	/* a move, and its session: see thread.pml, and leave.pml for who leaves meanwhile */
	:: atomic { MEMBERS && stays > 0 && m_sid == 0 && hh == 0 && !killed && !end_sent &&
#ifndef NOREFUSE
		    !word &&	/* ssi_drain_refuse() */
#endif
		    h_sid == 0 ->
		stays--; hh++;
		last_sid++;
#ifndef STALE
		settled = false;
#endif
#if LEAVES > 0
		offered = last_sid }
	:: atomic { offered != 0 && !MEMBERS -> offered = 0; hh-- }
	:: atomic { offered != 0 && MEMBERS ->
		offered = 0;
#endif
		m_sid = last_sid; m_epoch = he;
		if :: !st -> st = true; st_epoch = ne :: else fi;
		h_sid = m_sid }
	:: atomic { m_sid != 0 && !away && !killed && enters > 0 && H_MAY(m_epoch) && N_MAY &&
		    h_sid == m_sid ->
		enters--; away = true; asked = false; runs = true; NOT_STALE }
	/* a trap: the guest is parked, then home goes on */
	:: atomic { away && !killed && runs && MEMBERS && m_epoch == he && !asked ->
		runs = false; waits = false; away = false }
	:: atomic { m_sid != 0 && !away && !m_lock -> session_end() }
	/* ssi_mirror_lend(), and ssi_mirror_unlend() if it cannot be sent */
	:: atomic { asked && away && pg == RAM && dp == FREE && unmap == IDLE ->
		dp = USED; pg = DEV; dp_epoch = m_epoch; dp_page = page;
		gen++;
		if
		:: H_MAY(m_epoch) -> lent = true; h_put(STORE, m_epoch, gen, page, 0)
		:: else -> bytes = true; asked = false	/* after SSI_MAX_TRIES */
		fi }
	/* ssi_mirror_grant(): a look at the page tables, and the grant, under m_lock */
#ifdef GRANTLATE
	:: atomic { asked && away && pg == DEV && lent && dp_epoch == m_epoch && !m_lock &&
		    bring == IDLE && unmap == IDLE && decided == 0 ->
		decided = gen; granted = true }
	:: atomic { decided != 0 ->
		h_put(GRANT, m_epoch, decided, 0, m_sid); decided = 0; asked = false }
#else
	:: atomic { asked && away && pg == DEV && lent && dp_epoch == m_epoch && !m_lock &&
		    bring == IDLE && unmap == IDLE ->
		h_put(GRANT, m_epoch, gen, 0, m_sid); granted = true; asked = false }
#endif
	/* ssi_mirror_refuse() */
	:: atomic { asked && away && pg == NONE && unmap == IDLE ->
		h_put(REFUSE, m_epoch, 0, 0, m_sid); asked = false }
	/* killed: the session ends, and the memory goes: exit_mmap() */
	:: atomic { killed && !m_lock && unmap == IDLE && bring == IDLE ->
		killed = false; away = false;
		if :: m_sid != 0 -> session_end() :: else fi;
		if :: pg == DEV -> free_dpage() :: else fi;
		pg = RAM; page++;	/* its parent starts it again */
		ONE_OWNER }
	od
}

/* home: whoever brings the page back */
proctype Bring() {
end:	do
	/* ssi_recall_to_ram(): a touch, or the deputy's own fixup_user_fault() */
	:: atomic { pg == DEV && bring == IDLE && unmap == IDLE && !killed &&
		    (touches > 0 || asked && (!lent || dp_epoch != m_epoch)) ->
		if
		:: asked && (!lent || dp_epoch != m_epoch) -> skip
		:: else -> touches--
		fi;
		bring = ISOLATED }
	/* ssi_evict_work() on behalf of the node, ssi_evict_mirror_work() after a stay */
	:: atomic { job_gen != 0 && bring == IDLE ->
		if
		:: pg == DEV && lent && gen == job_gen && dp_epoch == job_epoch ->
			bring = SHUT; bring_evict = true
		:: else
		fi;
		job_gen = 0; job_epoch = 0 }
	:: atomic { pg == DEV && lent && m_sid == 0 && bring == IDLE && !killed &&
		    H_MAY(dp_epoch) ->
		bring = SHUT; bring_evict = true }
	/* migrate_device_pfns(): the notifier, as for every change */
	:: atomic { bring == SHUT && !m_lock -> forget(false) }
	:: atomic { bring == SHUT && m_lock && !inv_unmap && inv_reply != NOTHING ->
		forgotten(); bring = ISOLATED }
	/* ssi_recall_ask() */
	:: atomic { bring == ISOLATED && !lent -> bring = TAKEN }
	:: atomic { bring == ISOLATED && lent && !m_lock ->
		seq++; bring_seq = seq;
		if
		:: H_MAY(dp_epoch) -> h_put(RECALL, dp_epoch, gen, 0, seq); bring = ASKED
		:: else -> bring_reply = BAD; bring = ASKED
		fi }
	:: atomic { bring == ASKED && bring_reply != NOTHING ->
		bring_reply = NOTHING; bring_seq = 0; bring = TAKEN }
	/* ssi_recall_taken(), ssi_recall_fill(), ssi_recall_lost_page() */
	:: atomic { bring == TAKEN && !m_lock ->
		if :: !lent && !zapped -> granted = false :: else fi;
		if
		:: zapped -> free_dpage()
#ifdef ZERO
		:: !zapped && !bytes -> free_dpage(); pg = RAM
#else
		:: !zapped && !bytes && !bring_evict -> killed = true
		:: !zapped && !bytes && bring_evict -> skip
#endif
		:: !zapped && bytes -> free_dpage(); bytes = false; pg = RAM
		fi;
		zapped = false; bring_evict = false; bring = IDLE;
		ONE_OWNER }
	od
}

/* home: munmap(), or whatever else changes the address space */
proctype Unmap() {
end:	do
	/* a recall holds mmap_lock for reading; an eviction does not */
	:: atomic { unmaps > 0 && unmap == IDLE && pg != NONE && !killed &&
		    (bring == IDLE || bring_evict && !zapped) ->
		unmaps--; unmap = LOCKED }
	:: atomic { unmap == LOCKED && !m_lock -> forget(true) }
	:: atomic { unmap == LOCKED && m_lock && inv_unmap && inv_reply != NOTHING ->
		forgotten(); unmap = ZAP }
	:: atomic { unmap == ZAP ->
		if
		:: pg == DEV && bring == IDLE -> free_dpage()
		:: pg == DEV && bring != IDLE -> zapped = true
		:: else
		fi;
		pg = NONE; page++; unmap = IDLE;
		NOT_STALE }
	:: atomic { pg == NONE && unmap == IDLE -> pg = RAM; NOT_STALE; ONE_OWNER }
	/* ssi_drop_work(): the device page is free before the holder is told */
	:: atomic { dp == FREED && drop_gen == 0 ->
		if
		:: lent -> drop_gen = gen; drop_epoch = dp_epoch
		:: else
		fi;
		dp = FREE; dp_page = 0; dp_epoch = 0; lent = false; bytes = false }
	:: atomic { drop_gen != 0 ->
		h_put(DROP, drop_epoch, drop_gen, 0, 0); drop_gen = 0; drop_epoch = 0 }
	od
}

/* home's half of the pairing's thread */
proctype HomeLink() {
end:	do
	:: atomic { hl == UP && losses > 0 -> losses--; hl = LOST }
	:: atomic { hl == UP && nl != LEFT && (nl != UP || ne != he) -> hl = LOST }
	/* ssi_pairing_bye(): who leaves in good order takes nothing along */
	:: atomic { hl == UP && bye ->
		assert(!lent || dp_epoch != he);
		assert(!away);
		bye = false; hl = LOST }
	:: atomic { hl == LOST ->
#ifndef LATEFAIL
		if :: inv_seq != 0 && inv_reply == NOTHING -> inv_reply = BAD :: else fi;
#endif
		hl = EARLY }
	/* ssi_link_stop() waits for handlers; ssi_process_peer_lost() */
	:: atomic { hl == EARLY && !rx_reclaims ->
		if
		:: m_sid != 0 && m_epoch == he && (away || lent) -> killed = true
		:: else
		fi;
		hl = TOLD }
	:: atomic { hl == TOLD ->
#ifndef NOFAIL
		if
		:: bring == ASKED && bring_reply == NOTHING -> bring_reply = BAD
		:: else
		fi;
		if :: inv_seq != 0 && inv_reply == NOTHING -> inv_reply = BAD :: else fi;
#endif
		hl = FAILED }
#ifdef REOPEN
	:: atomic { hl == FAILED && nl == UP && ne == he -> hl = UP; NOT_STALE }
#endif
#ifdef NOBARRIER
	:: atomic { hl == FAILED && nl != LEFT -> hl = READY }
#else
	:: atomic { hl == FAILED && nl != LEFT && hh == 0 -> hl = READY }
#endif
	:: atomic { hl == READY && nl == READY ->
		he = (he > ne -> he : ne) + 1; ne = he;
		hl = UP; nl = UP;
		/* nothing of an older epoch is held */
		assert(!has && !runs && m_sid == 0) }
	/* the receiver of the user lane reclaims, and meets the notifier */
	:: atomic { hl == UP && reclaims > 0 -> reclaims--; rx_reclaims = true }
	:: atomic { rx_reclaims && !m_lock -> rx_reclaims = false }
	/* a crash */
	:: atomic { restarts > 0 ->
		restarts--;
		last_sid = 0; m_sid = 0; m_epoch = 0; seq = 0; hh = 0; offered = 0;
		away = false; killed = false; m_lock = false; granted = false;
		pg = RAM; page++;
		dp = FREE; gen = 0; dp_epoch = 0; dp_page = 0; lent = false; bytes = false;
		zapped = false; drop_gen = 0; drop_epoch = 0; asked = false; decided = 0;
		bring = IDLE; bring_seq = 0; bring_reply = NOTHING; bring_evict = false;
		unmap = IDLE; inv_seq = 0; inv_reply = NOTHING; inv_unmap = false;
		rx_reclaims = false; job_gen = 0; job_epoch = 0; end_sent = false;
		bye = false;
		he = 0; hl = FAILED }
	od
}

/* the node: ssi_store_take() */
inline take() { has = false; s_gen = 0; s_page = 0; mapped = false }

/* __ssi_instance_stop(), or the end of the membership of the store */
inline stayed() { leave = IDLE; word = false; echo = NOTHING; settled = false; more = false }
inline given() { giving = 0; give_gen = 0; give_page = 0; give_seq = 0 }

#ifdef NOGEN
#define SAME(x)	has
#else
#define SAME(x)	(has && s_gen == (x))	/* I5 */
#endif

/* the node: the receiver of the memory lane */
proctype NodeReceiver() {
	mtype m; byte e, x, p, q;

end:	do
	:: atomic { nl == UP && len(h2n) > 0 && giving == 0 ->
		h2n?m, e, x, p, q;
		if
#ifndef NOEPOCH
		:: e != ne -> skip	/* I1 */
#endif
		:: else ->
			if
			/* ssi_store_handle_store(): what was there, its drop is on the way */
			:: m == STORE && st -> take(); has = true; s_gen = x; s_page = p
			/* ssi_guestmm_handle_grant() */
			:: m == GRANT && q == h_sid ->
				if :: SAME(x) -> mapped = true :: else fi;
				waits = false
			:: m == REFUSE && q == h_sid -> waits = false
			/* ssi_guestmm_handle_invalidate() */
			:: m == INVALIDATE -> mapped = false; n_put(INVALIDATED, 0, 0, q)
			/* ssi_store_handle_recall() */
			:: m == RECALL ->
				if
				:: SAME(x) -> p = s_page; take()
				:: else -> p = 0
				fi;
#if LEAVES > 0
				if
				:: p != 0 ->
					giving = 1;
					give_gen = x; give_page = p; give_seq = q;
#ifdef COUNTFIRST
					more = true
#endif
				:: else -> n_put(PAGES, x, 0, q)
				fi
#else
				n_put(PAGES, x, p, q)
#endif
			/* ssi_store_handle_drop() */
			:: m == DROP && SAME(x) -> take()
			:: m == ECHO_REPLY && echo == NOTHING -> echo = GOOD
			:: else
			fi
		fi;
		NOT_STALE; ONE_OWNER;
		m = 0; e = 0; x = 0; p = 0; q = 0 }
	/* ... goes on: it is counted when it is in the lane */
	:: atomic { giving == 1 -> n_put(PAGES, give_gen, give_page, give_seq); giving = 2 }
	:: atomic { giving == 2 ->
#ifndef COUNTFIRST
		more = true;
#endif
		given() }
	od
}

/* the node: the guest, and what else goes on there */
proctype Node() {
end:	do
	/* ssi_guest_fetch() */
	:: atomic { runs && h_sid != 0 && !mapped && !waits && faults > 0 && N_MAY ->
		faults--; waits = true; n_put(FAULT, 0, 0, h_sid) }
	/* ssi_hosted_handle_end(), by the user lane; the guests are parked, or die */
	:: atomic { end_sent && nl == UP && he == ne ->
		end_sent = false; h_sid = 0; runs = false; waits = false; mapped = false }
	/* ssi_evict_scan() */
	:: atomic { has && evicts > 0 && N_MAY -> evicts--; n_put(EVICT, s_gen, 0, 0) }
	/* zombies of a lost membership come to their end: ssi_hosted_put() */
	:: atomic { st_dead ->
		st = false; st_dead = false; st_epoch = 0;
		h_sid = 0; runs = false; waits = false }

	/* ssi_instance_leave(): from here on it takes nothing new */
	:: atomic { leaves > 0 && leave == IDLE && nl == UP ->
		leaves--; word = true; leave = SYNC }
	/* ssi_drain_sync(): what was taken before is in the table */
	:: atomic { leave == SYNC && offered == 0 -> leave = UNUSED }
	/* ssi_evict_stores() */
	:: atomic { leave == UNUSED ->
		if
		:: st && ne == st_epoch && h_sid == 0 ->
			leave = SETTLE;
			if :: has -> n_put(EVICT, s_gen, 0, 0) :: else fi
		:: else -> leave = BUSY	/* it does not wait for ever */
		fi }
	/* its patience, too, may end before the last page is gone */
	:: atomic { leave == SETTLE && N_MAY ->
		if :: more -> settled = false :: else fi;
		more = false;
#ifdef NOECHO
		echo = GOOD;
#else
		n_put(ECHO, 0, 0, 0);
#endif
		leave = WAITS }
	:: atomic { leave == WAITS && echo == GOOD ->
		echo = NOTHING; settled = true;
		if
		:: !SETTLED && settles > 0 -> settles--; leave = SETTLE
		:: else -> leave = BUSY
		fi }
	/* busy, or with another node; then somebody may try again */
	:: atomic { leave == BUSY ->
		if
		:: h_sid != 0 || st && ne == st_epoch && !SETTLED || leaves > 0 ->
			leave = IDLE; word = false
		:: h_sid == 0 && (!st || ne != st_epoch || SETTLED) -> leave = STOP
		fi }
	:: atomic { leave == STOP && MEMBERS -> bye = true; leave = SAID }
	/* the rest is as for any loss, once the receivers have stopped */
	:: atomic { leave == SAID && (!bye || hl != UP || he != ne) && giving == 0 ->
		nl = LEFT; bye = false; stayed();
		take(); st = false; st_epoch = 0; h_sid = 0; runs = false; waits = false }
	od
}

/* the node's half of the pairing's thread */
proctype NodeLink() {
end:	do
	:: atomic { nl == UP && losses > 0 -> losses--; nl = LOST }
	:: atomic { nl == UP && leave != SAID && (hl != UP || he != ne) -> nl = LOST }
	/* ssi_store_peer_lost(): guests are told to die, pages are unmapped */
	:: atomic { nl == LOST && giving == 0 ->
		take(); stayed(); bye = false; end_sent = false;
		if
		:: st && (h_sid != 0 || runs) -> st_dead = true
		:: st && h_sid == 0 && !runs -> st = false; st_epoch = 0
		:: else
		fi;
		nl = FAILED }
#ifdef NOBARRIER
	:: atomic { nl == FAILED -> nl = READY }
#else
	:: atomic { nl == FAILED && !st -> nl = READY }
#endif
	:: atomic { restarts > 0 && nl != LEFT ->
		restarts--;
		take(); st = false; st_dead = false; st_epoch = 0; h_sid = 0;
		runs = false; waits = false; stayed(); given(); bye = false;
		end_sent = false;
		ne = 0; nl = FAILED }
	od
}

/* every wait ends: nothing else can happen, so nobody may wait for anything */
proctype Monitor() {
end:	do
	:: timeout ->
		assert(MEMBERS || nl == LEFT && (hl == FAILED || hl == READY));
		assert(!m_lock && bring == IDLE && unmap == IDLE && !rx_reclaims);
		assert(hh == 0 && m_sid == 0 && !away && !killed && !asked);
		assert(drop_gen == 0 && job_gen == 0 && offered == 0);
		assert(leave == IDLE && !word && giving == 0);
		/* what was lost with a node kills who touches it */
		assert(pg == RAM && dp == FREE ||
		       pg == DEV && dp == USED && (!lent || dp_epoch != he));
		assert(!has && !mapped && !runs && !waits && h_sid == 0);
		break
	od
}

init {
	atomic {
		run HomeReceiver(); run Deputy(); run Bring(); run Unmap(); run HomeLink();
		run NodeReceiver(); run Node(); run NodeLink();
#ifndef ALONE
		run Monitor()	/* ALONE: only what must never be, not what must end */
#else
		skip
#endif
	}
}
