import { type Clock, delay } from "../base/clock.ts";
import { SECOND } from "../base/units.ts";
import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import type { RuleDesk } from "../cmdlets/rules/services.ts";
import { joinRuleHits } from "../transport/rules/rule-hits.ts";
import type { Supervisor } from "./supervisor.ts";

/** A thread that takes longer is left out. */
const ANSWER_MS_MAX = 2 * SECOND;

/** Mail flow rules as the cmdlets see them: a transport thread asks them. */
export function createRuleDesk({
  supervisor,
  clock,
}: {
  readonly clock: Clock;
  readonly supervisor: Pick<Supervisor, "remotes">;
}): RuleDesk {
  return {
    explain(trial) {
      const [remote] = supervisor.remotes.values();
      if (remote === undefined) {
        throw new CmdletFault("unavailable", "no transport thread is up just now; try again");
      }
      return remote.ask("explainRules", trial);
    },
    async hits() {
      const late = delay(clock, ANSWER_MS_MAX).then(() => undefined);
      const asked = [...supervisor.remotes.values()].map((thread) =>
        // One that dies meanwhile counts from nothing, and says since when.
        Promise.race([thread.ask("ruleHits", undefined).catch(() => undefined), late]),
      );
      const reports = await Promise.all(asked);
      return joinRuleHits(reports.flatMap((report) => report ?? []));
    },
  };
}
