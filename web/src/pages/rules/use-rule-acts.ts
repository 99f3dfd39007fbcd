import { useRef, useState } from "react";
import { asFault, CmdletFault } from "../../api/cmdlet-fault.ts";
import { refreshCmdlets } from "../../api/cmdlet-query.ts";
import { runCmdlet } from "../../api/run-cmdlet.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { useRun } from "../../widgets/use-run.ts";
import type { Rule, RuleMove } from "./rule-list.tsx";
import { texts } from "./texts.ts";

/** All rules are shown, however many. */
export const ALL_RULES = {
  cmdlet: "Get-TransportRule",
  parameters: { ResultSize: "unlimited" },
} as const;

/** Rules in the order in which they are asked. */
export function inOrder(rules: readonly Rule[] = []): readonly Rule[] {
  return rules.toSorted((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0));
}

/** What is done to rules in their list, with what undoes it. */
export function useRuleActs(rules: readonly Rule[]): {
  readonly move: (move: RuleMove) => Promise<void>;
  readonly switchRule: (rule: Rule) => Promise<void>;
  readonly fault: CmdletFault | undefined;
} {
  const runner = useRun();
  const notify = useNotify();
  const { state } = runner;
  const [refusal, setRefusal] = useState<CmdletFault>();
  // Before our own last move and after it: the list may be as late as that, and undo goes back.
  const ownOrders = useRef<readonly string[]>([]);
  const move = async ({ name, place }: RuleMove) => {
    // A place means what it means among the rules that are shown.
    const shown = namesOf(rules);
    const problem = await changeSince([shown, ...ownOrders.current]);
    setRefusal(problem);
    if (problem !== undefined) return;
    // Rules have numbers without gaps once one of them was moved; a file may leave some.
    const before = rules.findIndex((rule) => rule.Identity === name);
    const to = (Priority: number) => ({
      cmdlet: "Set-TransportRule",
      parameters: { Identity: name, Priority },
    });
    if (!(await runner.run(to(place)))) return;
    ownOrders.current = [shown, namesOf(withMoved(rules, { name, place }))];
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
  const failed = state.kind === "failed" ? state.fault : undefined;
  return { move, switchRule, fault: refusal ?? failed };
}

/** Why rules cannot be moved as they are shown: then they are read again. */
async function changeSince(known: readonly string[]): Promise<CmdletFault | undefined> {
  try {
    const { objects } = await runCmdlet(ALL_RULES);
    if (known.includes(namesOf(inOrder(objects)))) return undefined;
    void refreshCmdlets();
    return new CmdletFault({ code: "conflict", message: texts.orderChanged });
  } catch (error) {
    return asFault(error);
  }
}

function withMoved(rules: readonly Rule[], { name, place }: RuleMove): readonly Rule[] {
  const moved = rules.filter(({ Identity }) => Identity === name);
  return rules.filter(({ Identity }) => Identity !== name).toSpliced(place, 0, ...moved);
}

function namesOf(rules: readonly Rule[]): string {
  return JSON.stringify(rules.map(({ Identity }) => Identity));
}
