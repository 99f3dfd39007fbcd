/** A reply as a value; the table of all of them is REPLY (style §4). */
export interface Reply {
  readonly code: number;
  /** Enhanced status code (RFC 3463), "" for the replies that have none (greeting, EHLO, 354). */
  readonly status: string;
  /**
   * Lines without code or CRLF; more than one makes a multi-line reply. Never CR, LF or NUL inside.
   */
  readonly lines: readonly string[];
  /** The server closes the connection after it, as it does after every 421. */
  readonly endsSession?: true;
}
