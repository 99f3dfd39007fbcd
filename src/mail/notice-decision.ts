import type { NotifyCondition } from "./envelope.ts";

/** The actions of RFC 3464 §2.3.3, and so the kinds of notice. */
export type NoticeKind = "failed" | "delayed" | "relayed" | "delivered" | "expanded";

const CONDITION: Readonly<Record<NoticeKind, NotifyCondition>> = {
  failed: "FAILURE",
  delayed: "DELAY",
  relayed: "SUCCESS",
  delivered: "SUCCESS",
  expanded: "SUCCESS",
};

/** What a sender who asked for nothing is told (RFC 3461 §4.1 leaves the delay notice to us). */
const DEFAULT_CONDITIONS: readonly NotifyCondition[] = ["FAILURE", "DELAY"];

/**
 * Whether the sender is told. Never with the null reverse-path: such a message is itself a notice,
 * and two servers that answer each other's notices never stop (RFC 5321 §6.1, RFC 3461 §6).
 */
export function noticeFor(
  kind: NoticeKind,
  notify: readonly NotifyCondition[] | undefined,
  sender: string,
): boolean {
  if (sender === "" || sender === "<>") return false;
  return (notify ?? DEFAULT_CONDITIONS).includes(CONDITION[kind]);
}
