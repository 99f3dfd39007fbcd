import { MINUTE, SECOND } from "../base/units.ts";

/** What a client session waits for; the driver gives each the time that CLIENT_TIMEOUT_MS says. */
export type ClientPhase =
  | "greeting"
  | "hello"
  | "starttls"
  | "handshake"
  | "logon"
  | "idle"
  | "mail"
  | "rcpt"
  | "data"
  | "content"
  | "final"
  | "rset"
  | "quit"
  | "ended";

/**
 * How long the server may take in each phase (RFC 5321 §4.5.3.2.1 to .6; milliseconds). `content`
 * is the time for each block to leave, not for all of them. The phases that the RFC leaves open:
 * hello and each step of AUTH as the other commands; STARTTLS and its handshake and RSET and QUIT
 * short, since nothing depends on them that a new connection would not cure. `idle` is the driver's
 * own business.
 */
export const CLIENT_TIMEOUT_MS: Readonly<Record<ClientPhase, number>> = {
  greeting: 5 * MINUTE,
  hello: 5 * MINUTE,
  starttls: 2 * MINUTE,
  handshake: 1 * MINUTE,
  logon: 5 * MINUTE,
  idle: 10 * MINUTE,
  mail: 5 * MINUTE,
  rcpt: 5 * MINUTE,
  data: 2 * MINUTE,
  content: 3 * MINUTE,
  final: 10 * MINUTE,
  rset: 1 * MINUTE,
  quit: 10 * SECOND,
  ended: 0,
};
