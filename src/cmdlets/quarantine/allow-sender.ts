import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { takeEdited } from "../../cmdlet/object-change.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
import type { ConfigJson } from "../../org/config-value.ts";
import type { ObjectEdit } from "../../org/organization-editor.ts";
import type { KeptMessage, QuarantineServices } from "./services.ts";

/** The sender that a user means when he says that he wants to hear from him. */
export function senderOf({ message: { headerFrom, envelope } }: KeptMessage): Address | undefined {
  return parseAddress(headerFrom, { smtpUtf8: true }) ?? (envelope.sender || undefined);
}

/**
 * Puts the sender on the safe list of those of the recipients that are mailboxes here; resolves
 * with their addresses. @throws CmdletFault
 */
export async function allowSender(
  run: Pick<Invocation<QuarantineServices>, "services" | "changed" | "warn">,
  kept: KeptMessage,
  how: { readonly recipients: readonly Address[]; readonly isForced: boolean },
): Promise<void> {
  const sender = senderOf(kept)?.toLowerCase();
  if (sender === undefined) {
    run.warn("it has no sender that could be allowed");
    return;
  }
  const { organization: editor } = run.services;
  const found = await editor.findAll(how.recipients);
  const names = new Set<string>();
  for (const one of found) if (one?.kind === "mailbox") names.add(one.name);
  const others = found.filter((one) => one?.kind !== "mailbox").length;
  if (others > 0) run.warn(`${others} of the recipients are no mailboxes here, and have no list`);
  if (names.size === 0) return;
  const edits = [...names].map((name): ObjectEdit => ({ kind: "mailbox", name, change }));
  const override = how.isForced ? ({ override: "file" } as const) : {};
  const edited = takeEdited(await editor.edit(edits, { mode: "store", ...override }));
  for (const warning of edited.warnings) run.warn(warning);
  for (const name of names) {
    run.changed({ object: `Mailbox ${name}`, after: { SafeSenders: { Add: sender } } });
  }

  function change(stored: Parameters<ObjectEdit["change"]>[0]) {
    if (stored === undefined) return undefined;
    const { properties } = stored;
    const before = listOf(properties["safeSenders"]);
    if (before.includes(sender ?? "")) return properties;
    return { ...properties, safeSenders: [...before, sender ?? ""] };
  }
}

function listOf(value: ConfigJson | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.map(String) : [];
}
