import { CmdletFault } from "../cmdlet/cmdlet-fault.ts";
import type { RuleDesk } from "../cmdlets/rules/services.ts";
import type { Supervisor } from "./supervisor.ts";

/** Mail flow rules as the cmdlets see them: a transport thread asks them. */
export function createRuleDesk({
  supervisor,
}: {
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
  };
}
