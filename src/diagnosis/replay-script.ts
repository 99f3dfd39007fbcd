import { MASKED_RESPONSE, MASKED_TEXT } from "../smtp/command-mask.ts";
import type { SessionRecording } from "../smtp/session-tape.ts";

/** What the client of a recorded session did next, and what it was answered then. */
export type ReplayStep = { readonly before: string } & (
  | { readonly kind: "connect" }
  | { readonly kind: "command"; readonly line: string }
  /** A whole exchange; `account`: who logged on, where that succeeded. */
  | { readonly kind: "logon"; readonly mechanism: string; readonly account: string | undefined }
  | { readonly kind: "content"; readonly octets: number }
  /** TLS began here. */
  | { readonly kind: "tls"; readonly version: string; readonly cipher: string }
  /** Not recorded, so that it cannot be said again. */
  | { readonly kind: "unknown"; readonly line: string }
);

const CONTENT = /^<(\d{1,15}) octets>$/;
const AUTH = /^AUTH ([A-Za-z0-9_-]+)/i;
const TLS_DONE = "TLS negotiation succeeded";

/** Reads the client's side of a recorded incoming session as steps to be taken again. */
export function readScript({ lines }: SessionRecording): readonly ReplayStep[] {
  const steps: ReplayStep[] = [{ kind: "connect", before: "" }];
  const answer = (text: string) => {
    const last = steps.at(-1);
    if (last === undefined) return;
    steps[steps.length - 1] = {
      ...last,
      before: last.before === "" ? text : `${last.before}\r\n${text}`,
    };
  };
  let isLoggingOn = false;
  for (const { event, data, context } of lines) {
    if (event === ">") {
      // Challenges are part of their exchange.
      if (data.startsWith("334 ")) continue;
      isLoggingOn = false;
      answer(data);
    } else if (event === "<") {
      const auth = AUTH.exec(data);
      if (isLoggingOn && (data === MASKED_RESPONSE || data === "*")) continue;
      // Chunks go with their commands.
      if (CONTENT.test(data) && isChunk(steps.at(-1))) continue;
      if (auth?.[1] !== undefined && !data.includes(MASKED_TEXT)) {
        isLoggingOn = true;
        steps.push({ kind: "logon", mechanism: auth[1], account: undefined, before: "" });
      } else steps.push({ ...stepOf(data), before: "" });
    } else if (event === "*" && context === "authenticated") {
      const last = steps.at(-1);
      // `alice@contoso.test (Scanner) (PLAIN)`
      const account = data.split(" ", 1)[0];
      if (last?.kind === "logon") steps[steps.length - 1] = { ...last, account };
    } else if (event === "*" && context === TLS_DONE) {
      const [version = "", cipher = ""] = data.replace(/,.*/, "").split(" ");
      steps.push({ kind: "tls", version, cipher, before: "" });
    }
  }
  return steps;
}

function isChunk(step: ReplayStep | undefined): boolean {
  return step?.kind === "command" && /^BDAT /i.test(step.line);
}

function stepOf(
  data: string,
):
  | { readonly kind: "command"; readonly line: string }
  | { readonly kind: "content"; readonly octets: number }
  | { readonly kind: "unknown"; readonly line: string } {
  const content = CONTENT.exec(data);
  if (content !== null) return { kind: "content", octets: Number(content[1]) };
  const isKnown = !data.includes(MASKED_TEXT) && !data.startsWith("<");
  return isKnown ? { kind: "command", line: data } : { kind: "unknown", line: data };
}
