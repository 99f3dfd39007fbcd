/** Bytes. */
export const KiB = 1024;
/** Bytes. */
export const MiB = 1024 * KiB;
/** Bytes. */
export const GiB = 1024 * MiB;
/** Milliseconds. */
export const SECOND = 1000;
/** Milliseconds. */
export const MINUTE = 60 * SECOND;
/** Milliseconds. */
export const HOUR = 60 * MINUTE;
/** Milliseconds. */
export const DAY = 24 * HOUR;
