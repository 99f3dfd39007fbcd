import type { HeaderEdit } from "./header-edit.ts";
import { REMOVE_ROUTING } from "./routing-headers.ts";

/**
 * Who gets a message, as far as the header firewall goes (reference §3.1, §4.7): anybody at all,
 * our own organization in the cloud, a mailbox, or its sender as the original inside a notice.
 */
export type HeaderAudience = "anyone" | "cloud" | "mailbox" | "notice";

const NONE: readonly string[] = [];

/** What the firewall has to know of a message. */
export interface FirewalledMessage {
  readonly edits: readonly HeaderEdit[];
  /** Lower-case names of such headers that its content still has. */
  readonly firewalledNames?: readonly string[];
  /** Who it came from; strangers' mail carries no stamp until somebody may see it. */
  readonly origin?: { readonly source: string; readonly authAs?: string };
}

/** Who gets it, and the name under which we vouch for what we have found of its sender. */
export interface Addressee {
  readonly audience: HeaderAudience;
  readonly serverName: string;
}

const ORGANIZATION = "x-ms-exchange-organization-";
const OURS = "X-MS-Exchange-";
/** An edit has such a field: our own spell it so, rules and agents as somebody wrote it. */
const HAS_OURS = /^x-ms-exchange-/im;
/** A whole field, folded or not. */
const FIREWALLED_FIELD =
  /^x-ms-exchange-(?:organization|forest|crosspremises)-[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/gim;
const FIREWALLED = /^x-ms-exchange-(?:organization|forest|crosspremises)-[^\s:]+/gim;

/** Organization headers that a mailbox keeps (reference §4.7, §9.8). */
const MAILBOX_KEEPS: ReadonlySet<string> = new Set(
  ["scl", "authdomain", "authmechanism", "authsource", "authas"]
    .concat("originalarrivaltime", "originalsize")
    // Beyond Exchange's documentation: what mailbox rules and readers can act on.
    .concat(
      "senderidresult",
      "prd",
      "antispam-report",
      "author-check",
      "dmarc-override",
      "unchecked",
      "classification",
    )
    .map((name) => ORGANIZATION + name),
);

/** Organization headers that go to our own cloud as X-MS-Exchange-CrossPremises- (§14.4). */
const PROMOTED = [
  "AuthAs",
  "AuthDomain",
  "AuthMechanism",
  "AuthSource",
  "Classification",
  "Journal-Report",
  "MessageDirectionality",
  "Original-Scl",
  "Original-Sender",
  "OriginalArrivalTime",
  "OriginalSize",
  "SCL",
] as const;
const PROMOTIONS: ReadonlyMap<string, string> = new Map(
  PROMOTED.map((name) => [
    ORGANIZATION + name.toLowerCase(),
    `X-MS-Exchange-CrossPremises-${name}`,
  ]),
);

/**
 * The edits with which a message goes to that audience: its own, and those that take out the
 * headers which are not for it. Its own alone, the same list, where there is nothing to take out.
 */
export function editsFor(message: FirewalledMessage, to: Addressee): readonly HeaderEdit[] {
  const { audience } = to;
  const { edits, firewalledNames = NONE } = message;
  // The usual case: only what we have added ourselves is not for them. It comes out where it
  // stands, so that the content need not be looked at.
  if (audience === "anyone" && firewalledNames.length === 0) return withoutOurs(edits);
  const names = namesIn(message);
  if (audience === "notice") return [...edits, ...REMOVE_ROUTING, ...names.map(removal)];
  if (isUnstamped(message, names)) return [anonymous(to), ...changed(edits, names, audience)];
  return changed(edits, names, audience);
}

function changed(
  edits: readonly HeaderEdit[],
  names: readonly string[],
  audience: HeaderAudience,
): readonly HeaderEdit[] {
  if (names.length === 0) return edits;
  const changes: HeaderEdit[] = [];
  for (const name of names) {
    const to = audience === "cloud" ? PROMOTIONS.get(name) : undefined;
    // What the other side would take for a promoted header must not be there already.
    if (to !== undefined) changes.push(removal(to), { kind: "rename", from: name, to });
  }
  for (const name of names) {
    const isKept =
      (audience === "mailbox" && MAILBOX_KEEPS.has(name)) ||
      (audience === "cloud" && (PROMOTIONS.has(name) || !isInternal(name)));
    if (!isKept) changes.push(removal(name));
  }
  return changes.length === 0 ? edits : [...edits, ...changes];
}

/** Most mail is a stranger's, and most of it leaves again: its stamp is made where it is seen. */
function isUnstamped({ origin }: FirewalledMessage, names: readonly string[]): boolean {
  if (origin?.source !== "SMTP" || origin.authAs !== undefined) return false;
  return !names.includes(`${ORGANIZATION}authas`);
}

function anonymous({ audience, serverName }: Addressee): HeaderEdit {
  const owner = audience === "cloud" ? "CrossPremises" : "Organization";
  const prefix = `${OURS}${owner}-Auth`;
  const text = `${prefix}As: Anonymous\r\n${prefix}Source: ${serverName}\r\n`;
  return { kind: "prepend", text: `${text}${prefix}Mechanism: 00\r\n` };
}

/** The edits without the fields that the firewall keeps in; the same list without any. */
function withoutOurs(edits: readonly HeaderEdit[]): readonly HeaderEdit[] {
  if (!edits.some(hasOurs)) return edits;
  return edits.flatMap((edit) => {
    if (!hasOurs(edit)) return edit;
    const text = edit.text.replace(FIREWALLED_FIELD, "");
    return text === "" ? [] : { ...edit, text };
  });
}

function hasOurs(
  edit: HeaderEdit,
): edit is Extract<HeaderEdit, { readonly kind: "prepend" | "append" }> {
  return (edit.kind === "prepend" || edit.kind === "append") && HAS_OURS.test(edit.text);
}

function removal(name: string): HeaderEdit {
  return { kind: "remove", name };
}

/** Organization and forest headers; cross-premises ones are made for the way to the cloud. */
function isInternal(name: string): boolean {
  return !name.startsWith("x-ms-exchange-crosspremises-");
}

/** Names in the content and in what the edits add. */
function namesIn({ edits, firewalledNames }: FirewalledMessage): readonly string[] {
  let added: Set<string> | undefined;
  for (const edit of edits) {
    if (!hasOurs(edit)) continue;
    added ??= new Set(firewalledNames);
    for (const [name] of edit.text.matchAll(FIREWALLED)) added.add(name.toLowerCase());
  }
  return added === undefined ? (firewalledNames ?? NONE) : [...added];
}
