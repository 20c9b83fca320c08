// Every limit and period of the RPC engine in one place, each with its unit and reason.

/** Largest message either way: above raft's 1.5 MiB entries, small enough that a few hundred fit in memory. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Calls open at once on one connection: a forwarding manager carries many callers on its one connection. */
export const MAX_STREAMS_PER_CONNECTION = 1024;
/** Connections of one server: 5,000 nodes with a second one each while they renew, and room. */
export const MAX_CONNECTIONS = 12_000;
/** Connections without an accepted certificate at once: joins are rare and short. */
export const MAX_STRANGER_CONNECTIONS = 128;
/** One that has been open for so long gives way to a newer stranger where there are too many: a join takes 0.1 s. */
export const STRANGER_GRACE_MS = 2_000;
/** Connections of one worker: one or two, and those that a restarted daemon left behind; the oldest give way. */
export const MAX_CONNECTIONS_PER_WORKER = 16;
/** Calls of strangers at once: with the size of a message this bounds what the unknown can make a manager hold. */
export const MAX_STRANGER_CALLS = 64;
/** A certificate request of 16 KiB (manager/ca takes no longer one), a token, and the frame around them. */
export const MAX_STRANGER_MESSAGE_BYTES = 32 * 1024;
/** A worker publishes to every log subscription there is (256), and has a few other calls. */
export const MAX_CALLS_PER_WORKER = 320;
/** Messages of one worker that have begun and not ended: an honest one sends few large ones at a time. */
export const MAX_UNREAD_BYTES_PER_WORKER = 16 * 1024 * 1024;
/** A stranger has this long for its two joining calls, then the connection is cut. */
export const STRANGER_LIFE_MS = 30_000;
/** A TLS handshake on a busy machine takes tens of milliseconds; this is for peers that went silent. */
export const HANDSHAKE_TIMEOUT_MS = 5_000;
/** A silent peer is noticed after at most both together. */
export const KEEPALIVE_PERIOD_MS = 2_000;
export const KEEPALIVE_TIMEOUT_MS = 2_000;
/** A manager that does not answer within this is taken as unreachable. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** Pause before connecting again, growing from the first to the last. */
export const FIRST_RECONNECT_DELAY_MS = 100;
export const LAST_RECONNECT_DELAY_MS = 1_000;
/** Open connections are checked this often for certificates that have expired meanwhile. */
export const RECHECK_PERIOD_MS = 60_000;
/** Calls still running at `stop` are told to end and get this long to do so. */
export const STOP_GRACE_MS = 1_000;
/** Error texts travel in HTTP/2 trailers, which are limited; longer ones are cut. */
export const MAX_ERROR_TEXT_BYTES = 4 * 1024;
