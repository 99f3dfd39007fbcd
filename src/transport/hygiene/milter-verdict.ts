import { unreachable } from "../../base/assert.ts";
import type { MilterSettings } from "../../org/scanner-settings.ts";
import type { MilterVerdict } from "../../scan/milter-reply.ts";
import type { Reply } from "../../smtp/reply.ts";
import type { Discard, Refusal } from "../agents/receive-agent.ts";

/** Postfix's words, which administrators of milters know. */
const REJECTED: Reply = { code: 550, status: "5.7.1", lines: ["Command rejected"] };
const TRY_LATER: Reply = {
  code: 451,
  status: "4.7.1",
  lines: ["Service unavailable - try again later"],
};
const UNAVAILABLE: Reply = { code: 550, status: "5.5.0", lines: ["Service unavailable"] };
/** RFC 3463: X.3.2, "system not accepting network messages". */
const CLOSING: Reply = {
  code: 421,
  status: "4.3.2",
  lines: ["Service not available, closing transmission channel"],
};

/** What a milter's verdict is to the client; `undefined`: it goes on. */
export function answerOf(verdict: MilterVerdict, milter: string): Refusal | Discard | undefined {
  const refuse = (reply: Reply): Refusal => {
    const ends = reply.code === 421 ? { endsSession: true as const } : {};
    return { kind: "refuse", reply, reason: "MilterVerdict", data: milter, ...ends };
  };
  switch (verdict.kind) {
    case "continue":
    case "accept":
    case "skip":
      return undefined;
    case "reject":
      return refuse(REJECTED);
    case "tempfail":
      return refuse(TRY_LATER);
    case "close":
      return refuse(CLOSING);
    case "reply":
      return refuse(verdict.reply);
    case "discard":
      return { kind: "discard", reason: "MilterVerdict", data: milter };
    default:
      return unreachable(verdict);
  }
}

/** What the client hears when a milter cannot be asked; `undefined`: it goes on all the same. */
export function failureAnswer({
  name,
  failMode,
}: Pick<MilterSettings, "name" | "failMode">): Refusal | undefined {
  const refuse = (reply: Reply): Refusal => {
    return { kind: "refuse", reply, reason: "MilterUnavailable", data: name };
  };
  switch (failMode) {
    case "Defer":
      return refuse(TRY_LATER);
    case "Reject":
      return refuse(UNAVAILABLE);
    case "Accept":
    case "Quarantine":
      return undefined;
    default:
      return unreachable(failMode);
  }
}
