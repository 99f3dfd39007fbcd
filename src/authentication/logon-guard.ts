import { parseIpAddress } from "../mail/address-literal.ts";
import { shownAddress, sourceOf } from "../net/client-address.ts";
import { type BackOff, decideBackOff, type FailureRecord } from "./back-off.ts";
import type { FailureCounts } from "./failure-counts.ts";

/** Who tries to log on, and from where. */
export interface Attempt {
  /** The address that the name means, or the name, in lower case; "": of nobody in particular. */
  readonly user: string;
  readonly remoteAddress: string;
}

/** Holds back who has failed too often, over all connections of all threads. */
export interface LogonGuard {
  judge(attempt: Attempt): BackOff;
  /** Whether the user has logged on from there before. */
  isKnownSource(attempt: Attempt): boolean;
  failed(attempt: Attempt): void;
  succeeded(attempt: Attempt): void;
}

const NO_FAILURES: FailureRecord = { level: 0, lastMs: 0 };

/** A guard over these counts; decideBackOff has the rules. */
export function createLogonGuard(counts: FailureCounts, nowMs: () => number): LogonGuard {
  const isKnownSource = (attempt: Attempt) =>
    attempt.user !== "" && counts.isRemembered(namesOf(attempt).known, nowMs());
  return {
    isKnownSource,
    judge({ user, remoteAddress }) {
      const now = nowMs();
      const names = namesOf({ user, remoteAddress });
      const ofUser = (name: string) => (user === "" ? NO_FAILURES : counts.read(name, now));
      const history = {
        pair: ofUser(names.pair),
        user: ofUser(names.user),
        source: counts.read(names.source, now),
        isKnownSource: isKnownSource({ user, remoteAddress }),
      };
      return decideBackOff(history, now);
    },
    failed(attempt) {
      const now = nowMs();
      const names = namesOf(attempt);
      counts.add(names.source, now);
      if (attempt.user === "") return;
      counts.add(names.pair, now);
      counts.add(names.user, now);
    },
    succeeded(attempt) {
      if (attempt.user === "") return;
      const names = namesOf(attempt);
      // Not the source's failures: one account of his own would buy an attacker any number.
      counts.clear(names.pair);
      counts.remember(names.known, nowMs());
    },
  };
}

function namesOf({ user, remoteAddress }: Attempt) {
  const source = sourceOf(remoteAddress);
  return {
    pair: `pair\0${networkOf(remoteAddress)}\0${user}`,
    source: `source\0${source}`,
    user: `user\0${user}`,
    known: `known\0${source}\0${user}`,
  };
}

/** IPv4 /24, IPv6 /48: what one attacker can have many addresses of. */
export function networkOf(address: string): string {
  const shown = shownAddress(address);
  if (!shown.includes(":")) return shown.slice(0, shown.lastIndexOf("."));
  const groups = parseIpAddress(shown)?.groups.slice(0, 3) ?? [];
  return groups.map((group) => group.toString(16)).join(":");
}
