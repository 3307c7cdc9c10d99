// SPDX-License-Identifier: GPL-2.0
/*
 * LinuxSSI: how two nodes meet and part
 *
 * D is the node that connects, L the one that listens. thread.pml and page.pml take
 * for granted what is shown here: that a new epoch begins only when neither side
 * holds anything of an older one, under a number that is new, and that two members
 * mean the same epoch. There is no clock: a deadline may pass at any moment, so often
 * as the budgets below say.
 *
 * A connection is its three lanes, and breaks as a whole; the ATTACH of two of them
 * is left out.  What was received before a reset can be read after it.
 *
 * Each option of Documentation/model.md takes one rule away and must fail.
 */

#ifndef LOSSES
#define LOSSES	2	/* a member is given up though it lives */
#endif
#ifndef CRASHES
#define CRASHES	1	/* a node starts anew: another incarnation, no memory */
#endif
#ifndef DELAYS
#define DELAYS	1	/* a step of the handshake takes too long */
#endif
#ifndef HOLDS
#define HOLDS	2	/* something is held for the peer: ssi_node_tryhold() */
#endif
#ifndef LEAVES
#define LEAVES	1	/* ssi_instance_leave(), and a join after that */
#endif
#define NR	4	/* connections that are not closed on both sides yet */

#define D	0
#define L	1

/* what the pairing's thread of a side is at: ssi_pairing_thread() */
#define IDLE	0	/* D is about to connect; L waits for an offer */
#define HELLO	1	/* ssi_handshake_dial() waits for the other's HELLO */
#define PURGING	2	/* ssi_handshake_purge() waits until nothing is held */
#define WAITING	3	/* ... and for the other's READY */
#define MEMBER	4	/* ssi_pairing_live() */
#define ENDING	5	/* ssi_node_break() was called; LOST or GONE */

#define NONE	NR	/* no connection */

mtype = { MSG_HELLO, MSG_READY, MSG_BYE };

/* by side that reads and connection: type, epoch, incarnation */
chan rx[2 * NR] = [4] of { mtype, byte, byte };
#define RX(s, c)	rx[2 * (c) + (s)]

byte losses = LOSSES, crashes = CRASHES, delays = DELAYS, holds_left = HOLDS, leaves = LEAVES;

byte state[2] = IDLE, conn[2] = NONE;
byte epoch[2] = 0, incarnation[2] = 1;		/* remembered */
byte hs_epoch[2] = 0, hs_incarnation[2] = 0;	/* struct ssi_handshake */
byte peer[2] = 0;				/* incarnation of the member */
byte held[2] = 0, held_epoch[2] = 0;		/* one thing at most, and of which epoch */
bool bye[2] = false;				/* the epoch ends in good order */
bool open[2 * NR] = false;			/* of each end of a connection */
#define OPEN(s, c)	open[2 * (c) + (s)]
byte offer = NONE, offer_epoch = 0, offer_incarnation = 0;	/* struct ssi_offer */

inline forget_conn(c) {
	if
	:: !OPEN(D, c) && !OPEN(L, c) ->
		do
		:: RX(D, c)?_, _, _
		:: RX(L, c)?_, _, _
		:: empty(RX(D, c)) && empty(RX(L, c)) -> break
		od
	:: else
	fi
}

inline close_conn(s) {
	if
	:: conn[s] != NONE ->
		OPEN(s, conn[s]) = false;
		forget_conn(conn[s]);
		conn[s] = NONE
	:: else
	fi
}

/* ssi_node_break(), ssi_link_stop(), ssi_link_drop(); what was held stays held */
inline end_epoch(s) { close_conn(s); state[s] = IDLE; peer[s] = 0 }

inline drop_offer() {
	if
	:: offer != NONE ->
		OPEN(L, offer) = false;
		forget_conn(offer);
		offer = NONE; offer_epoch = 0; offer_incarnation = 0
	:: else
	fi
}

/* ssi_handshake_check_hello() */
inline take_hello(s, e, i) {
#ifdef OWNNUMBER
	hs_epoch[s] = epoch[s] + 1;
#else
	hs_epoch[s] = (epoch[s] > e -> epoch[s] : e) + 1;
#endif
	hs_incarnation[s] = i
}

/* ssi_pairing_begin() */
inline begin(s) {
	/* nothing of an older epoch is held on either side */
	assert(held[s] == 0);
	assert(held[1 - s] == 0 || held_epoch[1 - s] == hs_epoch[s]);
	/* a number that neither of the two has used; the other may have begun already */
	assert(hs_epoch[s] > epoch[s] && hs_epoch[s] >= epoch[1 - s]);
	epoch[s] = hs_epoch[s]; peer[s] = hs_incarnation[s];
	hs_epoch[s] = 0; hs_incarnation[s] = 0;
	state[s] = MEMBER; bye[s] = false;
	/* two members mean the same */
	assert(state[1 - s] != MEMBER || conn[s] != conn[1 - s] ||
	       epoch[s] == epoch[1 - s] &&
	       peer[s] == incarnation[1 - s] && peer[1 - s] == incarnation[s]);
	assert(state[1 - s] != MEMBER || conn[s] == conn[1 - s] ||
	       epoch[s] != epoch[1 - s])
}

/* the peer has closed, and there is nothing left to read */
#define CLOSED(s)	(conn[s] != NONE && !OPEN(1 - s, conn[s]) && empty(RX(s, conn[s])))

proctype Side(byte s) {
	mtype m; byte e, i, c;

end:	do
	/* ssi_handshake_dial() */
	:: atomic { s == D && state[D] == IDLE ->
		do
		:: c < NR && (OPEN(D, c) || OPEN(L, c)) -> c++
		:: else -> break
		od;
		assert(c < NR);
		OPEN(D, c) = true; OPEN(L, c) = true;
		conn[D] = c; c = 0;
		RX(L, conn[D])!MSG_HELLO, epoch[D], incarnation[D];
		state[D] = HELLO }
	:: atomic { s == D && state[D] == HELLO && nempty(RX(D, conn[D])) ->
		RX(D, conn[D])?m, e, i;
		assert(m == MSG_HELLO);
		take_hello(D, e, i);
		state[D] = PURGING; m = 0; e = 0; i = 0 }
	/* ssi_handshake_answer() */
	:: atomic { s == L && state[L] == IDLE && offer != NONE ->
		conn[L] = offer;
		take_hello(L, offer_epoch, offer_incarnation);
		offer = NONE; offer_epoch = 0; offer_incarnation = 0;
		RX(D, conn[L])!MSG_HELLO, epoch[L], incarnation[L];
		state[L] = PURGING }
	/* ssi_handshake_purge() */
#ifdef NOBARRIER
	:: atomic { state[s] == PURGING ->
#else
	:: atomic { state[s] == PURGING && held[s] == 0 ->
#endif
		RX(1 - s, conn[s])!MSG_READY, hs_epoch[s], incarnation[s];
#ifdef NOREADY
		begin(s)
#else
		state[s] = WAITING
#endif
		}
	:: atomic { state[s] == WAITING && nempty(RX(s, conn[s])) ->
		RX(s, conn[s])?m, e, i;
		assert(m == MSG_READY);
		if
#ifndef OWNNUMBER
		:: e != hs_epoch[s] -> end_epoch(s)	/* -EPROTO */
#endif
		:: else -> begin(s)
		fi;
		m = 0; e = 0; i = 0 }
	/* each step has a deadline, and a connection may end */
	:: atomic { state[s] >= HELLO && state[s] <= WAITING && CLOSED(s) ->
		hs_epoch[s] = 0; hs_incarnation[s] = 0; end_epoch(s) }
	:: atomic { state[s] >= HELLO && state[s] <= WAITING && delays > 0 ->
		delays--; hs_epoch[s] = 0; hs_incarnation[s] = 0; end_epoch(s) }

	/* a member: its BYE, READY if it began first, or the end of the connection */
	:: atomic { state[s] == MEMBER && nempty(RX(s, conn[s])) ->
		RX(s, conn[s])?m, e, i;
		if
		:: m == MSG_BYE -> bye[s] = true; state[s] = ENDING
		:: else
		fi;
		m = 0; e = 0; i = 0 }
#ifndef NONOTICE
	/* "connection closed", or the heart finds that nobody answers */
	:: atomic { state[s] == MEMBER && CLOSED(s) -> state[s] = ENDING }
#endif
	:: atomic { state[s] == MEMBER && losses > 0 -> losses--; state[s] = ENDING }
	:: atomic { state[s] == ENDING ->
		/* who was told good-bye, or said it, has not lost anybody */
		bye[s] = false; end_epoch(s) }
#ifdef REOPEN
	:: atomic { state[s] == ENDING && conn[s] != NONE ->
		hs_epoch[s] = epoch[s]; hs_incarnation[s] = peer[s]; begin(s) }
#endif
	/* __ssi_instance_stop(): ssi_pairing_say_bye(); then it joins again */
	:: atomic { state[s] == MEMBER && leaves > 0 && held[s] == 0 ->
		leaves--;
		RX(1 - s, conn[s])!MSG_BYE, 0, 0;
		bye[s] = true; incarnation[s]++;
		if :: s == L -> drop_offer() :: else fi;
		end_epoch(s) }

	/* ssi_node_tryhold(), ssi_node_release() */
#ifdef LATEHOLD
	:: atomic { state[s] >= WAITING && held[s] == 0 && holds_left > 0 ->
#else
	:: atomic { state[s] == MEMBER && held[s] == 0 && holds_left > 0 ->
#endif
		holds_left--; held[s] = 1; held_epoch[s] = epoch[s] }
	:: atomic { held[s] > 0 -> held[s] = 0; held_epoch[s] = 0 }

	:: atomic { crashes > 0 ->
		crashes--;
		if :: s == L -> drop_offer() :: else fi;
		end_epoch(s);
		incarnation[s]++; epoch[s] = 0; held[s] = 0; held_epoch[s] = 0;
		hs_epoch[s] = 0; hs_incarnation[s] = 0; bye[s] = false }
	od
}

/* listener.c, ssi_pairing_offer(): it would not connect if it were not over for it */
proctype Listener(byte c) {
	mtype m; byte e, i;

end:	do
	:: atomic { OPEN(L, c) && c != conn[L] && c != offer && nempty(RX(L, c)) ->
		RX(L, c)?m, e, i;
		assert(m == MSG_HELLO);
		drop_offer();
		offer = c; offer_epoch = e; offer_incarnation = i;
#ifndef NONOTICE
		/* ssi_node_break() */
		if
		:: state[L] == MEMBER -> state[L] = ENDING
		:: state[L] != MEMBER && state[L] != IDLE && state[L] != ENDING ->
			hs_epoch[L] = 0; hs_incarnation[L] = 0; end_epoch(L)
		:: else
		fi;
#endif
		m = 0; e = 0; i = 0 }
	/* it was closed before anybody looked at it */
	:: atomic { OPEN(L, c) && c != conn[L] && c != offer && empty(RX(L, c)) && !OPEN(D, c) ->
		OPEN(L, c) = false }
	od
}

/* every wait ends: the two become members again, unless something is held for ever */
proctype Monitor() {
end:	do
	:: timeout ->
		assert(state[D] == MEMBER && state[L] == MEMBER);
		assert(epoch[D] == epoch[L] && conn[D] == conn[L]);
		assert(peer[D] == incarnation[L] && peer[L] == incarnation[D]);
		assert(held[D] == 0 && held[L] == 0 && offer == NONE);
		break
	od
}

init {
	byte c;

	atomic {
		run Side(D); run Side(L);
		do
		:: c < NR -> run Listener(c); c++
		:: else -> break
		od;
		c = 0;
		run Monitor()
	}
}
