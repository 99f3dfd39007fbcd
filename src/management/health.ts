import { type Clock, delay } from "../base/clock.ts";

/** One thing that was looked at. */
export interface HealthCheck {
  /** `store`, `listeners`, `back-pressure`, … */
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong and, where it is known, what cures it. */
  readonly reason?: string;
}

/** Looks at everything that `/healthz` or `/readyz` stands for. */
export type CheckHealth = () => Promise<readonly HealthCheck[]>;

/** After this, no answer is the answer: load balancers ask every few seconds. */
export const HEALTH_TIMEOUT_MS = 4000;

/** Runs the checks; that they fail or take too long is a check that is not ok. Never rejects. */
export async function examine(check: CheckHealth, clock: Clock): Promise<readonly HealthCheck[]> {
  const late: readonly HealthCheck[] = [
    { name: "answers", ok: false, reason: `no answer within ${HEALTH_TIMEOUT_MS} ms` },
  ];
  try {
    return await Promise.race([check(), delay(clock, HEALTH_TIMEOUT_MS).then(() => late)]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ name: "answers", ok: false, reason }];
  }
}
