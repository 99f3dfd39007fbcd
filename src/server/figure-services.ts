import type { Clock } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import type { FigureServices } from "../cmdlets/figures/services.ts";
import type { HealthFacts } from "../diagnosis/health-sets.ts";
import type { CertificateKeeper } from "./certificate-keeper.ts";
import type { ComponentKeeper } from "./component-keeper.ts";
import type { FigureHost } from "./figure-host.ts";
import type { LogHost } from "./log-host.ts";
import type { PressureMonitor } from "./pressure-monitor.ts";

/** What figures and the overview are had from. */
export interface FigureServiceParts {
  readonly clock: Clock;
  readonly figures: FigureHost;
  readonly logs: Pick<LogHost, "remote">;
  readonly certificates: Pick<CertificateKeeper, "state">;
  readonly components: Pick<ComponentKeeper, "requests" | "service">;
  readonly monitor: Pick<PressureMonitor, "levels">;
  readonly serverFqdn: () => string;
  /** One look at everything; takes some seconds when DNS is silent. */
  readonly health: () => Promise<HealthFacts>;
}

/** What the cmdlets of room `cmdlets/figures` ask for. */
export function createFigureServices(parts: FigureServiceParts): FigureServices["figures"] {
  const { logs, figures, monitor, components } = parts;
  const health = new RecentHealth(parts);
  return {
    rows: (span) => logs.remote.ask("figureRows", span),
    days: (span) => logs.remote.ask("figureDays", span),
    tops: (wanted) => logs.remote.ask("topLists", wanted),
    async overview() {
      const facts = await health.recent();
      const { sampler, oldest } = figures;
      return {
        serverName: parts.serverFqdn(),
        levels: sampler.latest?.levels,
        rate: (names) => sampler.rate(names),
        oldestMs: oldest.receivedMs,
        // What is known without asking anybody is as it is now.
        health: { ...facts, ...components.service, levels: monitor.levels },
        endingCertificates: parts.certificates.state.near,
        componentRequests: components.requests,
      };
    },
  };
}

/** A look at everything asks threads and name servers: one in so long is enough. */
const HEALTH_INTERVAL_MS = 10 * SECOND;

/** The last look at health; a newer one is taken behind it, when somebody wants to know. */
class RecentHealth {
  readonly #parts: Pick<FigureServiceParts, "clock" | "health">;
  #facts: Promise<HealthFacts> | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: Pick<FigureServiceParts, "clock" | "health">) {
    this.#parts = parts;
  }

  recent(): Promise<HealthFacts> {
    const { clock, health } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#lookedMs >= HEALTH_INTERVAL_MS) {
      this.#lookedMs = nowMs;
      const next = health();
      // Only the first one is waited for: the others take its place when they are there.
      this.#facts ??= next;
      next.then(
        () => {
          this.#facts = next;
        },
        () => {
          this.#lookedMs = Number.NEGATIVE_INFINITY;
          if (this.#facts === next) this.#facts = undefined;
        },
      );
    }
    return this.#facts ?? health();
  }
}
