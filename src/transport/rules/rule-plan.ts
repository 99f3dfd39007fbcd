import type { TransportRule } from "../../org/transport-rule.ts";
import {
  type Approval,
  isQuarantining,
  isRejecting,
  needsApproval,
  type RuledCopy,
} from "./evaluate-rules.ts";

/** Where a copy of the message goes, as far as rules that hold for it say. */
export type Direction =
  | { readonly kind: "onward" }
  | { readonly kind: "reject"; readonly rule: TransportRule }
  | { readonly kind: "delete"; readonly rule: TransportRule }
  | { readonly kind: "quarantine"; readonly rule: TransportRule }
  | { readonly kind: "moderate"; readonly rule: TransportRule };

/** A copy of the message, and what is done with it. */
export interface CopyPlan {
  readonly ruled: RuledCopy;
  readonly direction: Direction;
  /** Those whose actions are done, in their order. */
  readonly enforced: readonly TransportRule[];
}

/** What a copy's rules come to. The last one decides where it goes: no rule is asked after it. */
export function planCopy(ruled: RuledCopy, held: Approval): CopyPlan {
  const enforced = ruled.matches.filter(({ mode }) => mode === "Enforce");
  const last = enforced.at(-1);
  return { ruled, enforced, direction: last === undefined ? ONWARD : directionOf(last, held) };
}

const ONWARD: Direction = { kind: "onward" };

function directionOf(rule: TransportRule, held: Approval): Direction {
  if (isRejecting(rule)) return { kind: "reject", rule };
  if (rule.deleteMessage) return { kind: "delete", rule };
  if (isQuarantining(rule, held)) return { kind: "quarantine", rule };
  return needsApproval(rule, held) ? { kind: "moderate", rule } : ONWARD;
}
