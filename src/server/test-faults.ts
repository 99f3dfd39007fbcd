import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { QueueStore } from "../store/queue-store.ts";
import type { Categorize } from "../transport/queue/categorization.ts";

/** Faults that a test puts into a server process; each part may be left out. */
export interface TestFaults {
  /** Called as transport thread `index` starts. */
  readonly transportThread?: (index: number) => void;
  /** Called as the store thread starts. */
  readonly storeThread?: () => void;
  /** Stands in for the categorizer of a transport thread. */
  readonly categorize?: (next: Categorize) => Categorize;
  /** Stands in for a transport thread's way to the queue store. */
  readonly queueStore?: (next: QueueStore) => QueueStore;
  /** Shorter patience, in milliseconds (`Supervision`; `alarmMs` of the queue). */
  readonly silentMs?: number;
  readonly stalledMs?: number;
  readonly alarmMs?: number;
  /** How often figures of mail flow are kept, in place of every minute. */
  readonly figureIntervalMs?: number;
  /** Port of web servers with policies of MTA-STS, in place of 443. */
  readonly mtaStsPort?: number;
}

const VARIABLE = "POSTRIDER_TEST_FAULTS";

/**
 * The faults of the module that the environment variable POSTRIDER_TEST_FAULTS names, exported
 * there as `faults`; none when it is not set. Every thread loads its own copy.
 */
export async function loadTestFaults(diagnostics: Diagnostics): Promise<TestFaults> {
  const path = process.env[VARIABLE];
  if (path === undefined || path === "") return {};
  diagnostics.warn("test-faults-loaded", { path, cure: `unset ${VARIABLE}` });
  const module: { readonly faults: TestFaults } = await import(pathToFileURL(resolve(path)).href);
  return module.faults;
}
