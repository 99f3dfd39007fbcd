import type { ThrottlingPolicy } from "./access-settings.ts";
import { quote } from "./configuration-fault.ts";
import type { DeclaredObject } from "./declared-object.ts";
import type { Mailbox } from "./organization.ts";
import type { ReadObject } from "./read-object.ts";
import { formatSuggestion } from "./suggestion.ts";

/** The policy of a mailbox's user: the one that it names, else the default one, else none. */
export function selectThrottlingPolicy(
  policies: readonly ThrottlingPolicy[],
  { throttlingPolicy }: Pick<Mailbox, "throttlingPolicy">,
): ThrottlingPolicy | undefined {
  const key = throttlingPolicy?.toLowerCase();
  return (
    // A mailbox may outlive its policy: then it is as all others.
    policies.find(({ name }) => name.toLowerCase() === key) ??
    policies.find((policy) => policy.default)
  );
}

/** Takes the policies of a file; two of them for everybody are a fault at the second one. */
export function buildThrottlingPolicies(
  objects: readonly ReadObject<"throttlingPolicy">[],
): readonly ThrottlingPolicy[] {
  const [first, ...others] = objects.filter(({ values }) => values.default);
  for (const { report } of others) {
    const name = first?.declared.label ?? "";
    report("default", `default: ${name} is the default one already; there can be only one`);
  }
  return objects.map(({ values }) => values);
}

/** Checks what mailboxes of a file say in `throttlingPolicy`; the answer is a fault's message. */
export function throttlingPolicyCheck(
  declared: readonly DeclaredObject[],
): (name: string | undefined) => string | undefined {
  const names = declared.flatMap((one) => (one.kind === "throttlingPolicy" ? [one.name] : []));
  const keys = new Set(names.map((name) => name.toLowerCase()));
  return (name) => {
    if (name === undefined || keys.has(name.toLowerCase())) return undefined;
    const hint = formatSuggestion(name, names);
    return `throttlingPolicy: there is no throttling policy ${quote(name)}${hint}`;
  };
}
