import type { MxPlan } from "../../dns/mx-plan.ts";
import type { ConnectivityLine, SendDependencies } from "./send-dependencies.ts";

/**
 * Writes the connectivity lines of one connection: `+` once, `>` on the way, `-` once (reference
 * §7.3).
 */
export class HopLog {
  /** Also in the protocol log, for the first connection that is made. */
  readonly session: string;
  #isSessionUsed = false;
  readonly #write: (line: ConnectivityLine) => void;
  readonly #base: Pick<ConnectivityLine, "session" | "source" | "destination">;
  #messages = 0;
  #bytes = 0;

  constructor(
    dependencies: Pick<SendDependencies, "connectivity" | "nextSessionId">,
    facts: {
      readonly source: "SMTP" | "LMTP";
      readonly destination: string;
      readonly description: string;
    },
  ) {
    this.#write = dependencies.connectivity;
    this.session = dependencies.nextSessionId();
    this.#base = { session: this.session, source: facts.source, destination: facts.destination };
    this.#write({ ...this.#base, direction: "+", description: facts.description });
  }

  /** Something worth knowing on the way. */
  tell(description: string): void {
    this.#write({ ...this.#base, direction: ">", description });
  }

  /** DNS has said where mail for that name goes. */
  tellHosts(name: string, plan: MxPlan): void {
    this.tell(describePlan(name, plan));
  }

  /** The id of one more connection: ours, then others. */
  nextSession(nextId: () => string): string {
    if (this.#isSessionUsed) return nextId();
    this.#isSessionUsed = true;
    return this.session;
  }

  /** Messages that the hop took over, for the totals. */
  addMessages(count: number, bytes: number): void {
    this.#messages += count;
    this.#bytes += bytes;
  }

  /** The end, with the totals; `reason` may be "". */
  close(reason: string): void {
    const description = `Messages: ${this.#messages} Bytes: ${this.#bytes} (${reason})`;
    this.#write({ ...this.#base, direction: "-", description });
  }
}

const HOSTS_SHOWN_MAX = 5;

/** `DNS fabrikam.test: 10 mx1.fabrikam.test [192.0.2.1, 192.0.2.2]; 20 …` */
export function describePlan(name: string, plan: MxPlan): string {
  if (plan.kind !== "hosts") return `DNS ${name}: ${plan.status} ${plan.text}`;
  const hosts = plan.hosts
    .slice(0, HOSTS_SHOWN_MAX)
    .map((host) => `${host.preference} ${host.name} [${host.addresses.join(", ")}]`);
  const more = plan.hosts.length - hosts.length;
  const rest = more > 0 ? `; ${more} more` : "";
  return `DNS ${name}: ${hosts.join("; ")}${rest}${plan.authenticated ? " (DNSSEC)" : ""}`;
}
