import type {
  Authenticator,
  Logon,
  LogonContext,
  LogonExchange,
  LogonFailure,
} from "../../authentication/authenticator.ts";
import { formatLogon } from "../../authentication/authenticator.ts";
import type { Diagnostics } from "../../base/diagnostics.ts";
import { MECHANISM_NAMES } from "../../sasl/mechanism.ts";
import type { Reply } from "../../smtp/reply.ts";
import { REPLY } from "../../smtp/reply-table.ts";
import type { AuthStep } from "../../smtp/session-handler.ts";
import { POLICY_REPLY } from "./policy-reply.ts";

const FAILURE_REPLY: Readonly<Record<LogonFailure, Reply>> = {
  credentials: POLICY_REPLY.authenticationFailed,
  malformed: POLICY_REPLY.authenticationMalformed,
  temporary: POLICY_REPLY.authenticationDeferred,
  // With the right password it works later: a program that is told 535 asks its user for another.
  locked: POLICY_REPLY.authenticationDeferred,
};

/** What a session's logons need of it. */
export interface LogonTalkParts {
  readonly authenticator: Authenticator | undefined;
  readonly diagnostics: Diagnostics;
  /** Takes the logon into force; false when its user may do nothing on the connector. */
  readonly accept: (logon: Logon) => boolean;
}

/** The AUTH exchanges of one session, one after another (RFC 4954 §4). */
export class LogonTalk {
  readonly #parts: LogonTalkParts;
  #exchange: LogonExchange | undefined;
  #context: LogonContext | undefined;

  constructor(parts: LogonTalkParts) {
    this.#parts = parts;
  }

  /** AUTH; a mechanism that is not known is one that is not offered. */
  begin(
    mechanism: string,
    response: Uint8Array | undefined,
    context: LogonContext,
  ): Promise<AuthStep> {
    const name = MECHANISM_NAMES.find((known) => known === mechanism);
    const { authenticator } = this.#parts;
    if (name === undefined || authenticator === undefined) {
      return Promise.resolve({ kind: "done", reply: REPLY.notImplemented });
    }
    this.cancel();
    this.#exchange = authenticator.begin(name, context);
    this.#context = context;
    return this.next(response);
  }

  /** The client's answer to a challenge. */
  async next(response: Uint8Array | undefined): Promise<AuthStep> {
    const exchange = this.#exchange;
    if (exchange === undefined) return { kind: "done", reply: REPLY.badSequence };
    const step = await exchange.next(response);
    if (step.kind === "challenge") return step;
    this.#exchange = undefined;
    if (step.kind === "failed") return { kind: "done", reply: FAILURE_REPLY[step.reason] };
    return { kind: "done", reply: this.#succeeded(step.logon) };
  }

  /** Ends the exchange under way, if there is one. */
  cancel(): void {
    this.#exchange?.cancel();
    this.#exchange = undefined;
  }

  #succeeded(logon: Logon): Reply {
    if (this.#parts.accept(logon)) return POLICY_REPLY.authenticationSucceeded;
    const { connector, remoteAddress } = this.#context ?? {};
    this.#parts.diagnostics.warn("logon-without-right", {
      user: formatLogon(logon),
      connector: connector?.name,
      remoteAddress,
      cure: "give ExchangeUsers in permissionGroups, or ms-Exch-SMTP-Submit in extendedRights",
    });
    return POLICY_REPLY.authenticationFailed;
  }
}
