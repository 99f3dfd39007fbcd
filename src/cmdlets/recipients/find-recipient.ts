import type { Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import { requiredParameter } from "../../cmdlet/parameter.ts";
import { type Address, parseAddress } from "../../mail/address.ts";
import { configText } from "../../org/config-value.ts";
import type {
  ObjectProperties,
  OrganizationEditor,
  RecipientObject,
} from "../../org/organization-editor.ts";
import { RECIPIENT_KINDS, type RecipientKind } from "../../org/settings/object-kinds.ts";
import { line } from "../../org/settings/setting-types.ts";
import type { RecipientServices } from "./services.ts";

/** Characters of a name, an address or a pattern of them. */
export const IDENTITY_MAX = 320;

/** Every kind of recipient. */
// Object.keys forgets the type of the keys it returns.
export const ALL_RECIPIENT_KINDS = Object.keys(RECIPIENT_KINDS) as RecipientKind[];

/** The noun of its cmdlets. */
export const RECIPIENT_NOUNS = {
  mailbox: "Mailbox",
  mailUser: "MailUser",
  mailContact: "MailContact",
  distributionGroup: "DistributionGroup",
} as const satisfies Record<RecipientKind, string>;

/** `-Identity` of a recipient of that noun. */
export function recipientIdentity(noun: string, title: string) {
  return requiredParameter(
    line({ max: IDENTITY_MAX }),
    `The ${title}'s name, or any of its addresses.`,
    { position: 0, completion: noun, pipeline: "property" },
  );
}

/**
 * The one recipient of these kinds that has that name or address. An address goes before a name.
 * @throws CmdletFault when there is none, or more than one of that name
 */
export async function findRecipient(
  editor: OrganizationEditor,
  identity: string,
  options: { readonly kinds: readonly RecipientKind[]; readonly parameter: string },
): Promise<RecipientObject> {
  const { kinds, parameter } = options;
  const address = readAddress(identity);
  const addressed = address && (await editor.find(address));
  if (addressed !== undefined && kinds.includes(addressed.kind)) return addressed;
  const named: RecipientObject[] = [];
  for (const kind of kinds) {
    const found = await editor.find({ kind, name: identity });
    if (found !== undefined) named.push(found);
  }
  const [only, another] = named;
  if (only !== undefined && another === undefined) return only;
  if (only !== undefined) {
    const who = named.map(labelOf).join(" and ");
    const text = `"${identity}" is ${who}: give the address of the one that is meant`;
    throw new CmdletFault("conflict", text, { parameter });
  }
  if (addressed !== undefined) {
    const text = `"${identity}" is ${labelOf(addressed)}: use the cmdlets of that noun`;
    throw new CmdletFault("not-found", text, { parameter });
  }
  throw missing(identity, { kinds, parameter });
}

/** The fault of a recipient that is not there. */
export function missing(
  identity: string,
  { kinds, parameter }: { readonly kinds: readonly RecipientKind[]; readonly parameter: string },
): CmdletFault {
  const [only, ...others] = kinds;
  const isOne = only !== undefined && others.length === 0;
  const what = isOne ? RECIPIENT_KINDS[only].title : "recipient";
  const noun = isOne ? RECIPIENT_NOUNS[only] : "Recipient";
  const text = `there is no ${what} "${identity}"; Get-${noun} "*…*" finds them by a part`;
  return new CmdletFault("not-found", text, { parameter });
}

/** `Mailbox alice`, for audit, plans and faults. */
export function labelOf({ kind, name }: Pick<RecipientObject, "kind" | "name">): string {
  return `${RECIPIENT_NOUNS[kind]} ${name}`;
}

/** The address that a text is, or `undefined`. */
export function readAddress(text: string): Address | undefined {
  return text.includes("@") ? parseAddress(text, { smtpUtf8: true }) : undefined;
}

/** Its primary address: it was an address when it was stored. */
export function primaryAddressOf({
  properties,
}: {
  readonly properties: ObjectProperties;
}): Address {
  return configText(properties["primarySmtpAddress"]) as Address;
}

/**
 * The address that somebody names: one as it is, known or not, or that of a recipient's name.
 * @throws CmdletFault when nobody has the name
 */
export async function resolveAddress(
  editor: OrganizationEditor,
  text: string,
  options: { readonly kinds: readonly RecipientKind[]; readonly parameter: string },
): Promise<Address> {
  const address = readAddress(text);
  return address ?? primaryAddressOf(await findRecipient(editor, text, options));
}

/** The addresses that are named, in their order. @throws CmdletFault when nobody has a name */
export async function resolveAddresses(
  { services, signal }: Pick<Invocation<RecipientServices>, "services" | "signal">,
  given: readonly string[],
  parameter: string,
): Promise<readonly Address[]> {
  const addresses: Address[] = [];
  for (const text of given) {
    signal.throwIfAborted();
    const where = { kinds: ALL_RECIPIENT_KINDS, parameter };
    addresses.push(await resolveAddress(services.organization, text, where));
  }
  return addresses;
}
