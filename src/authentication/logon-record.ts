import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count } from "../base/metrics.ts";
import { SECOND } from "../base/units.ts";
import type { MechanismName } from "../sasl/mechanism.ts";
import type { Logon, LogonContext, LogonFailure } from "./authenticator.ts";

/** Failures told one by one within LOG_INTERVAL_MS; of more only the number is told. */
const LOGGED_MAX = 20;
const LOG_INTERVAL_MS = 10 * SECOND;
/** Characters of a name or a detail that reach the log. */
const SHOWN_CHARACTERS_MAX = 120;

/** A try that came to nothing. */
export interface FailedLogon {
  /** As the client gave it, "" when it gave none. */
  readonly user: string;
  readonly mechanism: MechanismName;
  readonly reason: LogonFailure;
  readonly detail: string;
}

/** Tells and counts how logons end. */
export interface LogonRecord {
  succeeded(logon: Logon, context: LogonContext): void;
  failed(failure: FailedLogon, context: LogonContext): void;
}

/** A record in diagnostics and metrics; nothing secret gets there. */
export function createLogonRecord(parts: {
  readonly diagnostics: Diagnostics;
  readonly count: Count;
  readonly clock: Pick<Clock, "monotonicMs">;
}): LogonRecord {
  const { diagnostics, count, clock } = parts;
  let intervalStartMs = Number.NEGATIVE_INFINITY;
  let logged = 0;
  let suppressed = 0;
  return {
    succeeded({ account, mechanism, appPassword }, { connector, remoteAddress }) {
      count(`postrider_logons_total:${CLASS_OF[mechanism]}_succeeded`);
      diagnostics.info("logon-succeeded", {
        account,
        device: appPassword?.name,
        mechanism,
        remoteAddress,
        connector: connector.name,
      });
    },
    failed({ user, mechanism, reason, detail }, { connector, remoteAddress }) {
      count(`postrider_logons_total:${CLASS_OF[mechanism]}_${RESULT_OF[reason]}`);
      const nowMs = clock.monotonicMs();
      if (nowMs - intervalStartMs >= LOG_INTERVAL_MS) {
        intervalStartMs = nowMs;
        logged = 0;
      }
      if (logged >= LOGGED_MAX) {
        suppressed += 1;
        return;
      }
      logged += 1;
      diagnostics.warn("logon-failed", {
        user: shown(user),
        mechanism,
        reason,
        detail: shown(detail),
        remoteAddress,
        connector: connector.name,
        ...(suppressed > 0 && { notLogged: suppressed }),
      });
      suppressed = 0;
    },
  };
}

const CLASS_OF = {
  PLAIN: "password",
  LOGIN: "password",
  "SCRAM-SHA-256-PLUS": "scram",
  "SCRAM-SHA-256": "scram",
  "SCRAM-SHA-1-PLUS": "scram",
  "SCRAM-SHA-1": "scram",
  NTLM: "ntlm",
  GSSAPI: "kerberos",
  OAUTHBEARER: "token",
  XOAUTH2: "token",
  EXTERNAL: "certificate",
} as const satisfies Record<MechanismName, string>;

const RESULT_OF = {
  credentials: "failed",
  malformed: "failed",
  temporary: "temporary",
  locked: "held",
} as const satisfies Record<LogonFailure, string>;

/** Cut, and without anything that a terminal would obey or a reader take for another line. */
function shown(text: string): string {
  const clean = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd");
  return clean.length <= SHOWN_CHARACTERS_MAX ? clean : `${clean.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}
