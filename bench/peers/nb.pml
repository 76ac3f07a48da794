// SPDX-License-Identifier: GPL-2.0-only
//
// The bounded protocol NB for SPIN: per-node blocks with shrunken edges, lazy frees and a purge. One d_step per step,
// and no state beside the pages, the areas, the flags and each thread's operation, label and one small integer, so
// that SPIN counts what explore/selfcheck/protocol.ts counts. -DNB=1, 2 or 3 chooses the size.
//
//   spin -a -DNB=2 nb.pml && gcc -O3 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m100000 -w24

#ifndef NB
#define NB 2
#endif

#define BLOCK 6
#define NODES 2
#define NODE_SIZE_MAX 2

#if NB == 1
#define PAGES 14
#define THREADS 3
#define AREAS 3
#elif NB == 2
#define PAGES 16
#define THREADS 4
#define AREAS 5
#else
#define PAGES 16
#define THREADS 4
#define AREAS 6
#endif

// Pages: 0 free in the global heap, 1 + n free in node n, OWNED + k of area k (areas count from 1).
#define EDGE 3
#define FILL_HELD 4
#define PURGE_HELD 5
#define OWNED 5

// Areas.
#define GOT 1
#define BUSY 2
#define UNLINKED 3
#define COUNTED 4
#define LAZY 5
#define PURGING 6
#define DONE 7
#define FAILED 8

// Labels.
#define START 0
#define F1 1
#define F2 2
#define F3 3
#define G1 4
#define BI 5
#define N1 6
#define L1 7
#define P1 8
#define P2 9
#define P3 10
#define P4 11
#define P5 12

byte page[PAGES];
byte state[AREAS + 1];
byte address[AREAS + 1];
byte origin[AREAS + 1];
bit filling[NODES];
bit purging;
byte lazy;

// Kept out of the state: results and counters of one step.
hidden byte found, at, streak, area, next_node;

#define NOWHERE 255

// Programs: the operation of thread t at index i; 0 when it has finished.
#define ALLOC(k) (16 + k)
#define FREE(k) (32 + k)
#define PURGE 48
#define SEQ2(i, a, b) (i == 0 -> a : (i == 1 -> b : 0))
#define SEQ3(i, a, b, c) (i == 0 -> a : SEQ2(i - 1, b, c))
#define SEQ4(i, a, b, c, d) (i == 0 -> a : SEQ3(i - 1, b, c, d))
#define SEQ5(i, a, b, c, d, e) (i == 0 -> a : SEQ4(i - 1, b, c, d, e))

#define THREAD0(i) SEQ4(i, ALLOC(1), FREE(1), ALLOC(2), FREE(2))
#if NB == 1
#define SIZE(k) (k == 2 -> 3 : 2)
#define NODE(t) (t == 2)
#define OPERATION(t, i) (t == 0 -> THREAD0(i) : (t == 1 -> SEQ3(i, ALLOC(3), FREE(3), PURGE) : SEQ2(i, PURGE, 0)))
#elif NB == 2
#define SIZE(k) (k == 2 -> 3 : (k == 4 -> 1 : 2))
#define NODE(t) (t >= 2)
#define OPERATION(t, i) (t == 0 -> THREAD0(i) : (t == 1 -> SEQ3(i, ALLOC(3), FREE(3), PURGE) : \
  (t == 2 -> SEQ4(i, ALLOC(4), FREE(4), ALLOC(5), FREE(5)) : SEQ2(i, PURGE, 0))))
#else
#define SIZE(k) (k == 2 -> 3 : (k == 4 || k == 5 -> 1 : 2))
#define NODE(t) (t >= 2)
#define OPERATION(t, i) (t == 0 -> THREAD0(i) : \
  (t == 1 -> SEQ5(i, ALLOC(3), FREE(3), PURGE, ALLOC(4), FREE(4)) : \
  (t == 2 -> SEQ5(i, ALLOC(5), FREE(5), ALLOC(6), FREE(6), PURGE) : SEQ2(i, PURGE, PURGE))))
#endif

#define LAZY_NODE(k) (origin[k] > 0 -> origin[k] - 1 : (address[k] / BLOCK) % NODES)

inline first(value, length) {
  found = NOWHERE;
  at = 0;
  streak = 0;
  do
  :: at < PAGES ->
    if
    :: page[at] == value -> streak++
    :: else -> streak = 0
    fi;
    at++;
    if
    :: streak == length -> found = at - length; break
    :: else -> skip
    fi
  :: else -> break
  od
}

inline mark(from, length, value) {
  streak = 0;
  do
  :: streak < length -> page[from + streak] = value; streak++
  :: else -> break
  od
}

inline own(from, node) {
  mark(from, SIZE(area), OWNED + area);
  state[area] = GOT;
  address[area] = from;
  origin[area] = node
}

inline finish() {
  ip++;
  pc = START;
  tmp = 0
}

inline global_alloc() {
  first(0, SIZE(area));
  if
  :: found != NOWHERE -> own(found, 0); pc = BI
  :: else -> state[area] = FAILED; finish()
  fi
}

inline node_alloc() {
  first(1 + NODE(_pid), SIZE(area));
  if
  :: found != NOWHERE -> own(found, 1 + NODE(_pid)); pc = BI
  :: else ->
    if
    :: filling[NODE(_pid)] -> pc = G1
    :: else -> filling[NODE(_pid)] = 1; pc = F1
    fi
  fi
}

// Where a purge goes on: the lowest node with something to purge.
inline next() {
  next_node = NODES;
  at = 1;
  do
  :: at <= AREAS ->
    if
    :: state[at] == PURGING && LAZY_NODE(at) < next_node -> next_node = LAZY_NODE(at)
    :: else -> skip
    fi;
    at++
  :: else -> break
  od;
  if
  :: next_node < NODES -> pc = P3; tmp = next_node
  :: else -> pc = P5; tmp = 0
  fi
}

inline collect() {
  found = 0;
  at = 1;
  do
  :: at <= AREAS ->
    if
    :: state[at] == LAZY && LAZY_NODE(at) == tmp -> state[at] = PURGING
    :: else -> skip
    fi;
    if
    :: state[at] == PURGING -> found = 1
    :: else -> skip
    fi;
    at++
  :: else -> break
  od;
  if
  :: tmp < NODES - 1 -> tmp++
  :: else ->
    tmp = 0;
    if
    :: found -> pc = P2
    :: else -> pc = P5
    fi
  fi
}

inline release() {
  area = 1;
  do
  :: area <= AREAS ->
    if
    :: state[area] == PURGING && LAZY_NODE(area) == tmp ->
      lazy = lazy - SIZE(area);
      mark(address[area], SIZE(area), (origin[area] > 0 -> 1 + tmp : PURGE_HELD));
      state[area] = DONE;
      address[area] = 0;
      origin[area] = 0
    :: else -> skip
    fi;
    area++
  :: else -> break
  od;
  // Runs of exactly BLOCK - 2 free pages are full blocks; `found` counts the pages of a streak here.
  found = 0;
  at = 0;
  do
  :: at < PAGES ->
    if
    :: page[at] == 1 + tmp -> found++
    :: else ->
      if
      :: found == BLOCK - 2 -> mark(at - (BLOCK - 1), BLOCK, PURGE_HELD)
      :: else -> skip
      fi;
      found = 0
    fi;
    at++
  :: else -> break
  od;
  first(PURGE_HELD, 1);
  if
  :: found != NOWHERE -> pc = P4
  :: else -> next()
  fi
}

inline return_pages() {
  at = 0;
  do
  :: at < PAGES ->
    if
    :: page[at] == PURGE_HELD -> page[at] = 0
    :: else -> skip
    fi;
    at++
  :: else -> break
  od;
  next()
}

#define CURRENT OPERATION(_pid, ip)

active [THREADS] proctype thread() {
  byte ip, pc, tmp;
end:
  do
  :: d_step {
      CURRENT != 0 && (CURRENT != PURGE || pc != START || !purging) ->
      area = CURRENT % 16;
      if
      :: pc == START ->
        if
        :: CURRENT == PURGE -> purging = 1; pc = P1; tmp = 0
        :: CURRENT > 32 && CURRENT < PURGE ->
          if
          :: state[area] == FAILED -> finish()
          :: else -> state[area] = UNLINKED; pc = N1
          fi
        :: CURRENT < 32 ->
          if
          :: SIZE(area) > NODE_SIZE_MAX -> global_alloc()
          :: else -> node_alloc()
          fi
        fi
      :: pc == F1 ->
        first(0, BLOCK);
        if
        :: found != NOWHERE -> mark(found, BLOCK, FILL_HELD); tmp = found; pc = F2
        :: else -> pc = F3
        fi
      :: pc == F2 ->
        mark(tmp, BLOCK, EDGE);
        mark(tmp + 1, BLOCK - 2, 1 + NODE(_pid));
        own(tmp + 1, 1 + NODE(_pid));
        tmp = 0;
        pc = F3
      :: pc == F3 ->
        filling[NODE(_pid)] = 0;
        if
        :: state[area] == GOT -> pc = BI
        :: else -> pc = G1
        fi
      :: pc == G1 -> global_alloc()
      :: pc == BI -> state[area] = BUSY; finish()
      :: pc == N1 -> lazy = lazy + SIZE(area); state[area] = COUNTED; pc = L1
      :: pc == L1 -> state[area] = LAZY; finish()
      :: pc == P1 -> collect()
      :: pc == P2 -> next()
      :: pc == P3 -> release()
      :: pc == P4 -> return_pages()
      :: pc == P5 -> purging = 0; finish()
      fi
    }
  od
}
