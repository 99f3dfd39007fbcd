import type { Clock } from "../../base/clock.ts";
import type { ConnectivityLine, SendDependencies } from "./send-dependencies.ts";

/**
 * Writes the connectivity lines of one connection: `+` once, `>` on the way, `-` once (reference
 * §7.3).
 */
export class HopLog {
  readonly #write: (line: ConnectivityLine) => void;
  readonly #base: Pick<ConnectivityLine, "session" | "source" | "destination">;
  #messages = 0;
  #bytes = 0;

  constructor(
    dependencies: Pick<SendDependencies, "connectivity" | "clock">,
    facts: {
      readonly source: "SMTP" | "LMTP";
      readonly destination: string;
      readonly description: string;
    },
  ) {
    this.#write = dependencies.connectivity;
    const session = nextSessionId(dependencies.clock);
    this.#base = { session, source: facts.source, destination: facts.destination };
    this.#write({ ...this.#base, direction: "+", description: facts.description });
  }

  /** Something worth knowing on the way. */
  tell(description: string): void {
    this.#write({ ...this.#base, direction: ">", description });
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

let lastSessionId = 0n;

/** 16 hex digits that rise with time, unique in this thread; the low bits tell threads apart. */
function nextSessionId(clock: Clock): string {
  const now = BigInt(Math.trunc(clock.nowMs())) << 20n;
  const chance = BigInt(Math.trunc(clock.random() * 2 ** 20));
  lastSessionId = now + chance > lastSessionId ? now + chance : lastSessionId + 1n;
  return BigInt.asUintN(64, lastSessionId).toString(16).toUpperCase().padStart(16, "0");
}
