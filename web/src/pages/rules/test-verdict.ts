import type { OutputOf } from "../../api/run-cmdlet.ts";

/** A line of Test-Message. */
export type VerdictLine = OutputOf<"Test-Message">;

/** What was found of one rule, for one copy of the message. */
export interface RuleVerdict {
  readonly rule: VerdictLine;
  readonly predicates: readonly VerdictLine[];
}

/** The lines of Test-Message by rule: one about a rule is followed by those of its predicates. */
export function verdictsOf(lines: readonly VerdictLine[]): readonly RuleVerdict[] {
  const verdicts: { rule: VerdictLine; predicates: VerdictLine[] }[] = [];
  for (const line of lines) {
    if (line.Kind === "Rule") verdicts.push({ rule: line, predicates: [] });
    else verdicts.at(-1)?.predicates.push(line);
  }
  return verdicts;
}

/** A message as it is written in a form, as bytes of RFC 5322. */
export function writtenMessage(of: {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly body: string;
}): Uint8Array {
  const text = [
    `From: ${oneLine(of.sender)}`,
    `To: ${of.recipients.map(oneLine).join(",\r\n ")}`,
    `Subject: ${oneLine(of.subject)}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    withLineEnds(of.body),
  ].join("\r\n");
  return new TextEncoder().encode(text);
}

/** The source of a message as it was pasted: browsers make every line end a line feed. */
export function pastedMessage(source: string): Uint8Array {
  return new TextEncoder().encode(withLineEnds(source));
}

function withLineEnds(text: string): string {
  return text.replace(/\r\n|\r|\n/g, "\r\n");
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
