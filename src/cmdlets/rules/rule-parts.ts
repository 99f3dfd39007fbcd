import { defineCmdlet } from "../../cmdlet/cmdlet.ts";
import type { OutputType } from "../../cmdlet/output-type.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import type { RoleGroup } from "../../cmdlet/role-group.ts";
import { cmdletName } from "../../cmdlet/setting-names.ts";
import { compileWildcard } from "../../cmdlet/wildcard.ts";
import { RULE_ACTIONS } from "../../org/settings/rule-actions.ts";
import {
  type ConditionName,
  exceptionName,
  RULE_CONDITIONS,
} from "../../org/settings/rule-conditions.ts";
import { line } from "../../org/settings/setting-types.ts";
import {
  PREDICATE_PARTS,
  PREDICATES,
  type PredicateName,
} from "../../transport/rules/predicate-table.ts";
import type { RuleServices } from "./services.ts";

/** Who may look at rules besides Organization Management. */
export const RULE_READERS: readonly RoleGroup[] = [
  "Records Management",
  "Server Management",
  "View-Only Organization Management",
];

const NAME = optionalParameter(line({ max: 128 }), "Its name; * stands for any text.", {
  position: 0,
});

const PREDICATE_OUTPUT = {
  name: "TransportRulePredicate",
  properties: {
    Name: { kind: "text", doc: "Its name." },
    Parameters: { kind: "list", doc: "The parameters of New-TransportRule that make it." },
    ExceptionParameters: { kind: "list", doc: "Those that make an exception of it." },
    About: {
      kind: "choice",
      choices: ["message", "recipient"],
      doc: "Asked of the message, or of each recipient.",
    },
    Needs: {
      kind: "choice",
      choices: ["envelope", "header", "directory", "body", "attachments"],
      doc: "How far the server has to look for the answer, cheapest first.",
    },
    Description: { kind: "text", doc: "When it holds." },
  },
  table: ["Name", "About", "Needs", "Description"],
} as const satisfies OutputType;

/** Exchange's list of conditions and exceptions. */
export const getTransportRulePredicate = defineCmdlet({
  name: "Get-TransportRulePredicate",
  summary: "Shows the conditions and exceptions that mail flow rules can have.",
  roles: RULE_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-TransportRulePredicate *Attachment*", doc: "What can be asked of files." },
  ],
  parameters: { Name: NAME },
  output: PREDICATE_OUTPUT,
  async *run(_run: { readonly services: RuleServices }, { name: wanted }) {
    const matches = compileWildcard(wanted ?? "*");
    // Object.keys forgets the type of the keys it returns.
    for (const name of Object.keys(PREDICATES) as PredicateName[]) {
      if (!matches(cmdletName(name))) continue;
      const part = PREDICATE_PARTS[name];
      const names: readonly ConditionName[] = part === undefined ? [name] : [part, name];
      yield {
        Name: cmdletName(name),
        Parameters: names.map(cmdletName),
        ExceptionParameters: names.map((one) => cmdletName(exceptionName(one))),
        About: PREDICATES[name].about,
        Needs: PREDICATES[name].needs,
        Description: RULE_CONDITIONS[name].doc,
      };
    }
  },
});

const ACTION_OUTPUT = {
  name: "TransportRuleAction",
  properties: {
    Name: { kind: "text", doc: "The parameter of New-TransportRule." },
    ValueType: { kind: "text", doc: "What it takes." },
    Description: { kind: "text", doc: "What it does." },
  },
  table: ["Name", "ValueType", "Description"],
} as const satisfies OutputType;

/** Exchange's list of actions. */
export const getTransportRuleAction = defineCmdlet({
  name: "Get-TransportRuleAction",
  summary: "Shows what mail flow rules can do.",
  roles: RULE_READERS,
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-TransportRuleAction *Header*", doc: "What can be done to headers." }],
  parameters: { Name: NAME },
  output: ACTION_OUTPUT,
  async *run(_run: { readonly services: RuleServices }, { name: wanted }) {
    const matches = compileWildcard(wanted ?? "*");
    for (const [name, { type, doc }] of Object.entries(RULE_ACTIONS)) {
      if (!matches(cmdletName(name))) continue;
      yield { Name: cmdletName(name), ValueType: type.label, Description: doc };
    }
  },
});
