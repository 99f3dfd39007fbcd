import type { FaultList } from "./configuration-fault.ts";
import type { DeclaredObject } from "./declared-object.ts";
import { type ReadObject, readObjects, readSingle } from "./read-object.ts";
import type { ScannerSettings } from "./scanner-settings.ts";

/** What the objects say of scanners; `undefined` when a fault was reported. */
export function readScannerSettings(
  declared: readonly DeclaredObject[],
  faults: FaultList,
): ScannerSettings | undefined {
  const contentFilter = readSingle("contentFilterConfig", declared, faults);
  const malwareFilter = readSingle("malwareFilterConfig", declared, faults);
  const phrases = readObjects("contentFilterPhrase", declared, faults);
  const milters = readObjects("milter", declared, faults).map(({ values }) => values);
  if (contentFilter === undefined || malwareFilter === undefined) return undefined;
  checkScores(contentFilter);
  checkThresholds(contentFilter);
  return {
    contentFilterConfig: contentFilter.values,
    contentFilterPhrases: phrases.map(({ values }) => values),
    malwareFilterConfig: malwareFilter.values,
    milters: milters.toSorted(
      (one, other) => one.priority - other.priority || (one.name < other.name ? -1 : 1),
    ),
  };
}

const LEVELS = 9;

function checkScores({ values, report }: ReadObject<"contentFilterConfig">): void {
  const { sclScores } = values;
  if (sclScores.length === 0) return;
  const isRising = sclScores.every((score, index) => score > (sclScores[index - 1] ?? -1));
  if (sclScores.length === LEVELS && isRising) return;
  report("sclScores", "sclScores: must be nine rising numbers, or none");
}

/** What is worse has to come later (reference §9.6). */
function checkThresholds({ values, report }: ReadObject<"contentFilterConfig">): void {
  const steps = [
    ["sclQuarantineThreshold", values.sclQuarantineEnabled, values.sclQuarantineThreshold],
    ["sclRejectThreshold", values.sclRejectEnabled, values.sclRejectThreshold],
    ["sclDeleteThreshold", values.sclDeleteEnabled, values.sclDeleteThreshold],
  ] as const;
  const inForce = steps.filter(([, isEnabled]) => isEnabled);
  for (const [index, [property, , threshold]] of inForce.entries()) {
    const before = inForce[index - 1];
    if (before === undefined || threshold > before[2]) continue;
    report(property, `${property}: must be higher than ${before[0]}, ${before[2]}`);
  }
}
