import type { Clock } from "../base/clock.ts";
import type { MetricsSnapshot } from "../base/metrics.ts";
import { type CheckHealth, examine, type HealthCheck } from "./health.ts";
import { type Answer, errorAnswer, jsonAnswer } from "./http-answer.ts";
import { METRICS_CONTENT_TYPE, type MetricsPage } from "./metrics-page.ts";

/** What the pages for load balancers and Prometheus show. */
export interface HealthParts {
  /** Process alive and store answering. */
  readonly health: CheckHealth;
  /** Every listener open, store open, back pressure below high. */
  readonly readiness: CheckHealth;
  /** The figures of every thread. */
  readonly metrics: () => Promise<readonly MetricsSnapshot[]>;
  readonly clock: Clock;
}

/** How much a client is shown. */
export interface Sight {
  /** Reasons too: the client is on this machine. */
  readonly reasons: boolean;
  /** Figures: it is on this machine, or may read. */
  readonly figures: boolean;
}

/** The pages by their paths. */
export function createHealthRoutes(
  parts: HealthParts,
  page: MetricsPage,
): Readonly<Record<string, (sight: Sight) => Promise<Answer>>> {
  const { clock, health, readiness, metrics } = parts;
  return {
    "/healthz": async (sight) => healthAnswer(await examine(health, clock), sight),
    "/readyz": async (sight) => healthAnswer(await examine(readiness, clock), sight),
    "/metrics": async (sight) => {
      if (!sight.figures) return STRANGER;
      return { status: 200, type: METRICS_CONTENT_TYPE, body: await page.format(await metrics()) };
    },
  };
}

function healthAnswer(checks: readonly HealthCheck[], { reasons }: Sight): Answer {
  const ok = checks.every((check) => check.ok);
  // Reasons may name paths and hosts: those who have not logged in get names and results only.
  const shown = reasons ? checks : checks.map((check) => ({ name: check.name, ok: check.ok }));
  return jsonAnswer(ok ? 200 : 503, { status: ok ? "ok" : "failing", checks: shown });
}

const STRANGER: Answer = errorAnswer(401, {
  code: "unauthorized",
  message: "Metrics are for clients on this machine only, and for those who have logged in.",
});
