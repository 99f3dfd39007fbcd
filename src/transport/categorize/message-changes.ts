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
  const { edits = [], sender, scl, subject, requireTls, content } = changes;
  const { envelope } = message;
  // ENVID and RET are between the first sender and us (RFC 3461 §5.2.7).
  const own =
    sender === undefined || sender === envelope.sender
      ? envelope
      : { ...envelope, sender, ret: undefined, envid: undefined };
  return {
    ...message,
    envelope: requireTls === undefined ? own : { ...own, requireTls },
    edits: [...message.edits, ...edits, ...(scl === undefined ? [] : sclEdits(scl))],
    ...(scl !== undefined && { scl }),
    ...(subject !== undefined && { subject }),
    ...(content !== undefined && { contentBytes: byteCount(content) }),
  };
}

function sclEdits(scl: number): readonly HeaderEdit[] {
  const name = "X-MS-Exchange-Organization-SCL";
  return [
    { kind: "remove", name },
    { kind: "prepend", text: `${name}: ${scl}\r\n` },
  ];
}
