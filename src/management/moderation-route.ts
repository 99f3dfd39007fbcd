import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Execute } from "../cmdlet/execution.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { MODERATION_ROOT } from "../transport/moderation/moderation-link.ts";
import type { Answer } from "./http-answer.ts";
import { createLinkRoute, type LinkOrder, type LinkRequest } from "./link-route.ts";
import { decidedPage, type HeldMessage, moderationPage } from "./moderation-page.ts";
import { failedPage, gonePage } from "./quarantine-page.ts";

/** Messages that wait for approval, to which links lead. */
export interface ModerationLinks {
  /** `undefined` when the token is not genuine, its time is over, or somebody has decided. */
  readonly open: (token: string) => Promise<ModerationTarget | undefined>;
}

/** What a link leads to. */
export interface ModerationTarget extends HeldMessage {
  /** Copies of the message, as the cmdlets take them. */
  readonly identities: readonly number[];
}

const COMMENT_MAX = 500;

/** What the route asks of the server. */
export interface ModerationRouteParts {
  readonly moderation: ModerationLinks;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

/** Makes what answers moderators' links; a form of the page decides, opening it does not. */
export function createModerationRoute(parts: ModerationRouteParts) {
  const { clock, diagnostics } = parts;
  return createLinkRoute({
    ...{ clock, diagnostics, failed: "moderation-link-failed" },
    answer: (asked) => answer(parts, asked),
  });
}

async function answer(parts: ModerationRouteParts, asked: LinkOrder): Promise<Answer> {
  const { form, request } = asked;
  const { method = "", url = "" } = request;
  const [path = ""] = url.split("?", 1);
  const target = await parts.moderation.open(path.slice(MODERATION_ROOT.length));
  if (target === undefined) return gonePage();
  if (method === "GET" || method === "HEAD") return moderationPage(target);
  if (method !== "POST") return failedPage(405);
  const action = form?.get("action");
  if (action !== "approve" && action !== "deny") return failedPage(400);
  const text = (form?.get("comment") ?? "").replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
  const comment = text.trim().slice(0, COMMENT_MAX).toWellFormed();
  let count = 0;
  for (const identity of target.identities) {
    const isDone = await decide(parts, asked, { identity, action, comment });
    if (isDone) count += 1;
  }
  // Somebody else was quicker: the first decision counts.
  return count === 0 ? gonePage() : decidedPage(target, action);
}

async function decide(
  { execute }: ModerationRouteParts,
  { address }: LinkRequest,
  decision: {
    readonly identity: number;
    readonly action: "approve" | "deny";
    readonly comment: string;
  },
): Promise<boolean> {
  const { identity, action, comment } = decision;
  const isApproved = action === "approve";
  const cmdlet = isApproved ? "Approve-ModeratedMessage" : "Deny-ModeratedMessage";
  const caller: Caller = {
    name: "moderator (link)",
    roleGroups: ["Records Management"],
    via: "link",
    address,
    cmdlets: [cmdlet.toLowerCase()],
  };
  const parameters = { Identity: identity, ...(!isApproved && { Comment: comment }) };
  // Not given up when the page is closed: a decision that was sent off counts.
  const { signal } = new AbortController();
  let isDone = false;
  for await (const record of execute({ cmdlet, parameters, whatIf: false, caller, signal })) {
    if (record.kind === "object") isDone = true;
    if (record.kind === "failed" && record.code !== "not-found") throw new Error(record.message);
  }
  return isDone;
}
