import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Diagnostics } from "../base/diagnostics.ts";
import type { Execute } from "../cmdlet/execution.ts";
import type { OutputObject } from "../cmdlet/output-type.ts";
import type { Caller } from "../cmdlet/role-group.ts";
import { QUARANTINE_ROOT } from "../transport/quarantine/quarantine-link.ts";
import type { Answer } from "./http-answer.ts";
import { createLinkRoute, type LinkOrder, type LinkRequest } from "./link-route.ts";
import {
  failedPage,
  gonePage,
  type LinkAct,
  type LinkedMessage,
  questionPage,
  releasedPage,
  textPage,
} from "./quarantine-page.ts";

/** A message that a link leads to. */
export interface LinkTarget extends LinkedMessage {
  /** As the cmdlets of the quarantine take it. */
  readonly identity: string;
}

/** Messages in quarantine that links lead to. */
export interface QuarantineLinks {
  /**
   * `undefined` when the token is not genuine, when its time is over, or when users may not, or no
   * more, release that message.
   */
  readonly open: (token: string) => Promise<LinkTarget | undefined>;
}

const ACTS: readonly LinkAct[] = ["view", "release", "allow"];
const WAYS: ReadonlyMap<string, LinkAct> = new Map([
  ["", "view"],
  ["release", "release"],
  ["allow", "allow"],
]);

/** What the route asks of the server. */
export interface QuarantineRouteParts {
  readonly links: QuarantineLinks;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

/** Makes what answers links in digests; a form of the page releases, opening it does not. */
export function createQuarantineRoute(parts: QuarantineRouteParts) {
  const { clock, diagnostics } = parts;
  return createLinkRoute({
    ...{ clock, diagnostics, failed: "quarantine-link-failed" },
    answer: (asked) => answer(parts, asked),
  });
}

async function answer(parts: QuarantineRouteParts, asked: LinkOrder): Promise<Answer> {
  const { form, request } = asked;
  const { method = "", url = "" } = request;
  const [path = ""] = url.split("?", 1);
  const [token = "", way = "", ...others] = path.slice(QUARANTINE_ROOT.length).split("/");
  const act = WAYS.get(way);
  if (act === undefined || others.length > 0) return gonePage();
  const target = await parts.links.open(token);
  if (target === undefined) return gonePage();
  if (method === "GET" || method === "HEAD") return questionPage(target, act);
  if (method !== "POST") return failedPage(405);
  const chosen = ACTS.find((one) => one === form?.get("action"));
  if (chosen === undefined) return failedPage(400);
  return carryOut(parts, { ...asked, target, act: chosen });
}

async function carryOut(
  parts: QuarantineRouteParts,
  order: LinkRequest & { readonly target: LinkTarget; readonly act: LinkAct },
): Promise<Answer> {
  const { target, act } = order;
  switch (act) {
    case "view": {
      const { objects } = await run(parts, order, {
        cmdlet: "Preview-QuarantineMessage",
        parameters: { Identity: target.identity, RecipientAddress: target.recipient },
      });
      const [shown] = objects;
      if (shown === undefined) return gonePage();
      const { Body: body, Attachment: names, IsTruncated: isCut } = shown;
      return textPage(target, {
        body: typeof body === "string" ? body : "",
        attachments: Array.isArray(names) ? names.map(String) : [],
        isCut: isCut === true,
      });
    }
    case "release":
    case "allow": {
      const isAllowed = act === "allow";
      const { objects, warnings } = await run(parts, order, {
        cmdlet: "Release-QuarantineMessage",
        parameters: {
          Identity: target.identity,
          User: [target.recipient],
          ReportFalsePositive: true,
          ...(isAllowed && { AllowSender: true, Force: true }),
        },
      });
      // Somebody else was quicker.
      return objects[0]?.["Released"] === 1 ? releasedPage(target, warnings) : gonePage();
    }
    default:
      return unreachable(act);
  }
}

async function run(
  { execute }: QuarantineRouteParts,
  { target, address, response }: LinkRequest & { readonly target: LinkTarget },
  what: { readonly cmdlet: string; readonly parameters: Readonly<Record<string, unknown>> },
): Promise<{ readonly objects: readonly OutputObject[]; readonly warnings: readonly string[] }> {
  const caller: Caller = {
    name: `${target.recipient} (quarantine link)`,
    roleGroups: ["Hygiene Management"],
    via: "link",
    address,
    cmdlets: [what.cmdlet.toLowerCase()],
  };
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once("close", leave);
  const objects: OutputObject[] = [];
  const warnings: string[] = [];
  try {
    const request = { ...what, whatIf: false, caller, signal: gone.signal };
    for await (const record of execute(request)) {
      if (record.kind === "object") objects.push(record.value);
      if (record.kind === "warning") warnings.push(record.text);
      if (record.kind === "failed" && record.code !== "not-found") throw new Error(record.message);
    }
    return { objects, warnings };
  } finally {
    response.off("close", leave);
  }
}
