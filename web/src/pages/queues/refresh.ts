/** Milliseconds between two readings of a live list of queues or messages. */
export const LIVE_MS = 5_000;
