import type { CmdletFault } from "../../api/cmdlet-fault.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { useRun } from "../../widgets/use-run.ts";
import type { Rule, RuleMove } from "./rule-list.tsx";
import { texts } from "./texts.ts";

/** What is done to rules in their list, with what undoes it. */
export function useRuleActs(rules: readonly Rule[]): {
  readonly move: (move: RuleMove) => Promise<void>;
  readonly switchRule: (rule: Rule) => Promise<void>;
  readonly fault: CmdletFault | undefined;
} {
  const runner = useRun();
  const notify = useNotify();
  const { state } = runner;
  const move = async ({ name, place }: RuleMove) => {
    // Rules have numbers without gaps once one of them was moved; a file may leave some.
    const before = rules.findIndex((rule) => rule.Identity === name);
    const to = (Priority: number) => ({
      cmdlet: "Set-TransportRule",
      parameters: { Identity: name, Priority },
    });
    if (!(await runner.run(to(place)))) return;
    notify({ title: texts.moved(name, place), undo: to(before) });
  };
  const switchRule = async (rule: Rule) => {
    const Identity = rule.Identity ?? "";
    const on = { cmdlet: "Enable-TransportRule", parameters: { Identity } };
    const off = { cmdlet: "Disable-TransportRule", parameters: { Identity } };
    const isOn = rule.Enabled === true;
    if (!(await runner.run(isOn ? off : on))) return;
    const title = isOn ? texts.switchedOff(Identity) : texts.switchedOn(Identity);
    notify({ title, undo: isOn ? on : off });
  };
  return { move, switchRule, fault: state.kind === "failed" ? state.fault : undefined };
}
