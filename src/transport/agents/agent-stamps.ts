import type { HeaderEdit } from "../../mail/header-edit.ts";
import type { Findings } from "./receive-agent.ts";

const PREFIX = "X-MS-Exchange-Organization-";
/** RFC 5322 §2.1.1 */
const LINE_MAX = 78;
/** Of one pair. */
const PAIR_MAX = 200;

/** Names an agent that could not judge the message and let it pass (fail mode Accept). */
const UNCHECKED = `${PREFIX}Unchecked`;

/**
 * The fields that tell mailboxes and our other servers what agents have found (reference §9.8);
 * what the message said of that before is taken out.
 */
export function stampEdits(
  { scl, report = [] }: Findings,
  unchecked: readonly string[],
): readonly HeaderEdit[] {
  const edits: HeaderEdit[] = [];
  let text = "";
  if (scl !== undefined) {
    edits.push({ kind: "remove", name: `${PREFIX}SCL` });
    text += `${PREFIX}SCL: ${scl}\r\n`;
  }
  if (report.length > 0) {
    edits.push({ kind: "remove", name: `${PREFIX}Antispam-Report` });
    text += reportField(report);
  }
  for (const agent of unchecked) text += `${UNCHECKED}: ${printable(agent)}\r\n`;
  if (text !== "") edits.push({ kind: "prepend", text });
  return edits;
}

function reportField(pairs: readonly string[]): string {
  let text = `${PREFIX}Antispam-Report:`;
  let width = text.length;
  for (const pair of pairs) {
    const part = ` ${printable(pair).replaceAll(";", ",")};`;
    if (width + part.length > LINE_MAX) {
      text += "\r\n";
      width = 0;
    }
    text += part;
    width += part.length;
  }
  return `${text}\r\n`;
}

/** What a line of a header can hold. */
function printable(text: string): string {
  return text.slice(0, PAIR_MAX).replaceAll(/[^ -~]/g, "?");
}
