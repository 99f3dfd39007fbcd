import { unreachable } from "../base/assert.ts";
import type { ChannelBindingType } from "../base/channel-binding.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Count } from "../base/metrics.ts";
import { findPassword } from "../org/password.ts";
import type { MechanismName, ServerExchange, ServerStep } from "../sasl/mechanism.ts";
import { createServerExchange } from "../sasl/server-exchange.ts";
import type {
  Authenticator,
  Logon,
  LogonContext,
  LogonExchange,
  LogonFailure,
  LogonStep,
} from "./authenticator.ts";
import { type CheckParts, CredentialChecks } from "./credential-checks.ts";
import type { FailureCounts } from "./failure-counts.ts";
import { createLogonGuard, type LogonGuard } from "./logon-guard.ts";
import { createLogonRecord, type LogonRecord } from "./logon-record.ts";
import { offeredMechanisms } from "./mechanism-offer.ts";
import { WorkLine } from "./work-line.ts";

/** Hashes calculated at one time by a thread: 20 MiB and 40 ms of a processor each. */
const HASHES_AT_ONCE = 2;
/** Logons that wait for it: some two seconds' worth. More are told to come back (454 4.7.0). */
const HASHES_WAITING_MAX = 100;

/** What an authenticator needs of its surroundings. */
export interface AuthenticatorParts extends Omit<CheckParts, "guard" | "line" | "findPassword"> {
  readonly failures: FailureCounts;
  readonly diagnostics: Diagnostics;
  readonly count: Count;
  /** For tests that count calculations. */
  readonly findPassword?: CheckParts["findPassword"];
}

/** Logs on users of the organization's mailboxes. */
export function createAuthenticator(parts: AuthenticatorParts): Authenticator {
  const { clock, failures } = parts;
  const guard = createLogonGuard(failures, () => clock.nowMs());
  const record = createLogonRecord(parts);
  const checkParts: CheckParts = {
    ...parts,
    guard,
    line: new WorkLine({ atOnce: HASHES_AT_ONCE, waitingMax: HASHES_WAITING_MAX }),
    findPassword: parts.findPassword ?? findPassword,
  };
  const mechanisms: Authenticator["mechanisms"] = (connector, { encrypted }) =>
    offeredMechanisms(connector, { encrypted, hasKerberos: parts.gssapi !== undefined });
  return {
    mechanisms,
    begin(mechanism, context) {
      const offered = mechanisms(context.connector, { encrypted: context.tls !== undefined });
      if (!offered.includes(mechanism)) return notOffered(mechanism);
      const checks = new CredentialChecks(checkParts, context, mechanism);
      const channel = {
        binding: (type: ChannelBindingType) => context.tls?.channelBinding?.(type),
        offersPlus: offered.includes("SCRAM-SHA-256-PLUS"),
        hostName: context.connector.fqdn,
      };
      const exchange = createServerExchange(mechanism, checks, channel, { clock });
      return new MailboxExchange({ exchange, checks, context, mechanism, guard, record });
    },
  };
}

/** Sessions ask for offered mechanisms only; a password in clear must not hang on that alone. */
function notOffered(mechanism: MechanismName): LogonExchange {
  const detail = `${mechanism} is not offered here`;
  return {
    next: () => Promise.resolve({ kind: "failed", reason: "malformed", detail }),
    cancel() {},
  };
}

interface ExchangeParts {
  readonly exchange: ServerExchange<Logon>;
  readonly checks: CredentialChecks;
  readonly context: LogonContext;
  readonly mechanism: MechanismName;
  readonly guard: LogonGuard;
  readonly record: LogonRecord;
}

/** One exchange, whose end the guard and the record learn of exactly once. */
class MailboxExchange implements LogonExchange {
  readonly #parts: ExchangeParts;
  #isOver = false;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  async next(response: Uint8Array | undefined): Promise<LogonStep> {
    return this.#conclude(await this.#parts.exchange.next(response));
  }

  cancel(): void {
    const { checks, exchange } = this.#parts;
    exchange.cancel();
    // A client that hides a refusal by giving up has failed all the same (RFC 7628 §3.2.3).
    const { refusal } = checks;
    if (!this.#isOver && refusal !== undefined) this.#fail("credentials", refusal);
    this.#isOver = true;
  }

  #conclude(step: ServerStep<Logon>): LogonStep {
    switch (step.kind) {
      case "challenge":
        return step;
      case "succeeded":
        return this.#succeed(step.account);
      case "failed": {
        const { fault } = step;
        const user = fault.kind === "credentials" ? fault.user : "";
        const { cause } = this.#parts.checks;
        const isCaused = fault.kind === "temporary" && cause !== undefined;
        const detail = isCaused ? `${fault.detail}: ${cause}` : fault.detail;
        return this.#fail(fault.kind, { user, detail });
      }
      default:
        return unreachable(step);
    }
  }

  #succeed(logon: Logon): LogonStep {
    const { checks, context, guard, record } = this.#parts;
    this.#isOver = true;
    const user = checks.guardedUser === "" ? logon.account : checks.guardedUser;
    guard.succeeded({ user, remoteAddress: context.remoteAddress });
    record.succeeded(logon, context);
    return { kind: "succeeded", logon };
  }

  #fail(
    kind: Exclude<LogonFailure, "locked">,
    { user, detail }: { readonly user: string; readonly detail: string },
  ): LogonStep {
    const { checks, context, guard, mechanism, record } = this.#parts;
    this.#isOver = true;
    const attempt = { user: checks.guardedUser, remoteAddress: context.remoteAddress };
    const isWrong = kind === "credentials";
    // Of many guesses at once those that end late are told alike, right or wrong: otherwise the
    // one that is not told it was wrong was right.
    const isHeld = isWrong && (checks.isHeld || guard.judge(attempt).kind === "held");
    if (isWrong && !checks.isHeld) guard.failed(attempt);
    const reason = isHeld ? "locked" : kind;
    record.failed({ user, mechanism, reason, detail }, context);
    return { kind: "failed", reason, detail };
  }
}
