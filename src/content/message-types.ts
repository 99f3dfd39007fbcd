import type { BodyText, ContentPart, MessageType, ViewField } from "./message-view.ts";
import { allParts } from "./message-view.ts";

/** What a message's kind is told from. */
interface TypeFacts {
  readonly header: readonly ViewField[];
  readonly parts: readonly ContentPart[];
  readonly bodies: readonly BodyText[];
  /** Content-Type of the message itself, its parameters by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** smime-type parameters of all parts (RFC 8551 §3.2.2), in lower case. */
  readonly smimeTypes: readonly string[];
}

/** One test per kind, in the order in which kinds are told. */
const TESTS: readonly (readonly [MessageType, (facts: TypeFacts) => boolean])[] = [
  ["OOF", isAutomaticReply],
  ["AutoForward", isAutoForward],
  ["Encrypted", isEncrypted],
  ["Calendaring", (facts) => hasType(facts, "text/calendar") || isClass(facts, "calendarmessage")],
  [
    "PermissionControlled",
    (facts) => hasType(facts, "application/x-microsoft-rpmsg-message") || isClass(facts, "rpmsg"),
  ],
  ["Voicemail", isVoicemail],
  ["Signed", isSigned],
  ["ApprovalRequest", (facts) => has(facts, "x-ms-exchange-organization-approval-initiator", /./)],
  ["ReadReceipt", isReadReceipt],
];

/** Says what kinds of message this is; it may be several. */
export function messageTypes(
  message: Omit<TypeFacts, "parts"> & { readonly root: ContentPart },
): readonly MessageType[] {
  const facts = { ...message, parts: [...allParts(message.root)] };
  return TESTS.filter(([, holds]) => holds(facts)).map(([type]) => type);
}

/** RFC 3834 §5, and what was written before it. */
function isAutomaticReply(facts: TypeFacts): boolean {
  return (
    has(facts, "auto-submitted", /^\s*auto-replied\b/i) ||
    has(facts, "x-autoreply", /./) ||
    has(facts, "x-autorespond", /./) ||
    has(facts, "precedence", /^\s*auto_reply\b/i) ||
    isClass(facts, "ooftemplate")
  );
}

/** The first field is RFC 2156's; the second counts what inbox rules have passed on. */
function isAutoForward(facts: TypeFacts): boolean {
  return (
    has(facts, "autoforwarded", /^\s*true\b/i) ||
    has(facts, "x-ms-exchange-inbox-rules-loop", /./) ||
    has(facts, "auto-submitted", /^\s*auto-forwarded\b/i)
  );
}

const PGP_MESSAGE = /^-----BEGIN PGP MESSAGE-----\s*$/m;

/** S/MIME (RFC 8551 §3.3, §3.4), PGP/MIME (RFC 3156 §4) and PGP in the text. */
function isEncrypted(facts: TypeFacts): boolean {
  return (
    hasType(facts, "multipart/encrypted") ||
    facts.smimeTypes.some((type) => /^(?:auth)?enveloped-data$/.test(type)) ||
    facts.bodies.some(({ text }) => PGP_MESSAGE.test(text))
  );
}

/** RFC 1847 §2.1, RFC 8551 §3.5. */
function isSigned(facts: TypeFacts): boolean {
  return hasType(facts, "multipart/signed") || facts.smimeTypes.includes("signed-data");
}

/** RFC 3801 §4.4, RFC 3458 §3, and the class that Exchange gives its own. */
function isVoicemail(facts: TypeFacts): boolean {
  return (
    facts.parts[0]?.mediaType === "multipart/voice-message" ||
    has(facts, "message-context", /^\s*voice-message\b/i) ||
    isClass(facts, "voice")
  );
}

/** RFC 8098 §3.1. */
function isReadReceipt(facts: TypeFacts): boolean {
  const [root] = facts.parts;
  const reportType = facts.parameters.get("report-type")?.toLowerCase();
  return root?.mediaType === "multipart/report" && reportType === "disposition-notification";
}

function hasType(facts: TypeFacts, mediaType: string): boolean {
  return facts.parts.some((part) => part.mediaType === mediaType);
}

function has(facts: TypeFacts, name: string, pattern: RegExp): boolean {
  return facts.header.some((field) => field.name === name && pattern.test(field.value));
}

/** Content-Class: `urn:content-classes:calendarmessage`, `voice-uc`, `rpmsg.message` and so on. */
function isClass(facts: TypeFacts, word: string): boolean {
  return facts.header.some(
    ({ name, value }) => name === "content-class" && value.toLowerCase().includes(word),
  );
}
