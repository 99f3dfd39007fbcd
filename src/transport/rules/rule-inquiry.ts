import { type Address, addressKey } from "../../mail/address.ts";
import { encodeHeaderText, formatField } from "../../mail/header-text.ts";
import type { Organization } from "../../org/organization.ts";
import { type ContentReader, inPieces } from "../../store/content.ts";
import type { QueuedMessage } from "../../store/queue-store.ts";
import { type ExplainedRule, explainRules } from "./explain-rules.ts";
import { type FactSources, MessageFacts } from "./message-facts.ts";
import { compileRules, ruleSetOf } from "./rule-set.ts";

/** A message that rules are tried on; nothing of it is sent. */
export interface RuleTrial {
  readonly sender: Address | "";
  readonly recipients: readonly Address[];
  /** The message; nothing: one without a text is made up. */
  readonly content: Uint8Array | undefined;
  /** As if the sender had logged on. */
  readonly isInternal: boolean;
  readonly clientAddress: string;
  readonly scl: number | undefined;
  /** Rules that are switched off are asked, too. */
  readonly asIfEnabled: boolean;
}

/** Says of every rule why it would hold for the message or not. Rejects with StoreFailure. */
export function tryRules(
  trial: RuleTrial,
  sources: FactSources,
  at: { readonly organization: Organization; readonly nowMs: number },
): Promise<readonly ExplainedRule[]> {
  const { organization, nowMs } = at;
  const content = trial.content ?? madeUp(trial);
  const byKey = new Map(trial.recipients.map((one) => [addressKey(one), one]));
  const recipients = [...byKey.values()].map((address, position) => ({
    position,
    address,
    asWritten: address,
  }));
  const message = messageOf(trial, content, nowMs);
  const ruled = { organization, nowMs, message, recipients, content: readerOf(content) };
  const { transportRules } = organization;
  const rules = trial.asIfEnabled
    ? compileRules(transportRules.map((rule) => ({ ...rule, enabled: true })))
    : ruleSetOf(transportRules);
  return explainRules(rules, new MessageFacts(ruled, sources));
}

function madeUp({ sender, recipients }: RuleTrial): Uint8Array {
  const header =
    formatField("From", sender) +
    formatField("To", recipients.join(", ")) +
    formatField("Subject", encodeHeaderText("Test"));
  return Buffer.from(`${header}\r\n`);
}

function readerOf(content: Uint8Array): ContentReader {
  const pieces = inPieces([content]);
  return {
    bytes: content.byteLength,
    peek: (index) => pieces[index],
    read: (index) => Promise.resolve(pieces[index]),
  };
}

function messageOf(trial: RuleTrial, content: Uint8Array, nowMs: number): QueuedMessage {
  const { sender, isInternal, clientAddress, scl } = trial;
  return {
    id: 0,
    networkMessageId: "",
    contentId: 0,
    contentBytes: content.byteLength,
    envelope: { sender, body: "8BITMIME", smtpUtf8: false, ret: undefined, envid: undefined },
    edits: [],
    internetMessageId: "",
    subject: "",
    headerFrom: "",
    receivedMs: nowMs,
    priority: "Normal",
    origin: {
      source: "SMTP",
      connector: "",
      clientAddress,
      clientName: "",
      serverAddress: "",
      directionality: isInternal ? "Originating" : "Incoming",
      authAs: isInternal ? "Internal" : "Anonymous",
    },
    ...(scl !== undefined && { scl }),
  };
}
