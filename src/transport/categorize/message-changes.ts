import { firewalledNamesIn, leftNames } from "../../mail/firewalled-names.ts";
import type { HeaderEdit } from "../../mail/header-edit.ts";
import { byteCount, inPieces } from "../../store/content.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import type { RoutingChanges } from "../agents/routing-agent.ts";

/** What one agent changes after another has; `undefined`: nothing is changed yet. */
export function joinChanges(
  known: RoutingChanges | undefined,
  changes: RoutingChanges,
): RoutingChanges | undefined {
  if (Object.keys(changes).length === 0) return known;
  const { content, ...more } = changes;
  const edits = [...(known?.edits ?? []), ...(more.edits ?? [])];
  return {
    ...known,
    ...more,
    ...(edits.length > 0 && { edits }),
    ...(content !== undefined && { content: inPieces(content) }),
  };
}

/** The message as it is with these changes; its id and content id are still the old ones. */
export function changedMessage(message: QueuedMessage, changes: RoutingChanges): QueuedMessage {
  const { edits = [], sender, scl, subject, requireTls, smtpUtf8, content } = changes;
  const { envelope } = message;
  // ENVID and RET are between the first sender and us (RFC 3461 §5.2.7).
  const own =
    sender === undefined || sender === envelope.sender
      ? envelope
      : { ...envelope, sender, ret: undefined, envid: undefined };
  const all = [...message.edits, ...edits, ...(scl === undefined ? [] : sclEdits(scl))];
  const changed: QueuedMessage = {
    ...message,
    envelope: { ...own, ...(requireTls && { requireTls }), ...(smtpUtf8 && { smtpUtf8 }) },
    edits: all,
    ...(scl !== undefined && { scl }),
    ...(subject !== undefined && { subject }),
  };
  return content === undefined
    ? changed
    : { ...withoutNames(changed), ...newContent(content, all) };
}

function withoutNames(message: QueuedMessage): Omit<QueuedMessage, "firewalledNames"> {
  const { firewalledNames: _, ...others } = message;
  return others;
}

/** What a content says of itself in our name, once for all who are shown it. */
const namesIn = new WeakMap<readonly Uint8Array[], readonly string[]>();

/** An agent may have written other headers of the organization than those that came. */
function newContent(
  content: readonly Uint8Array[],
  edits: readonly HeaderEdit[],
): Pick<QueuedMessage, "contentBytes" | "firewalledNames"> {
  const names = namesIn.get(content) ?? firewalledNamesIn(content);
  namesIn.set(content, names);
  const firewalledNames = leftNames(names, edits);
  return {
    contentBytes: byteCount(content),
    ...(firewalledNames.length > 0 && { firewalledNames }),
  };
}

function sclEdits(scl: number): readonly HeaderEdit[] {
  const name = "X-MS-Exchange-Organization-SCL";
  return [
    { kind: "remove", name },
    { kind: "prepend", text: `${name}: ${scl}\r\n` },
  ];
}
