import type { Address } from "../mail/address.ts";
import { RECIPIENT_ATTRIBUTES } from "./settings/recipient-attributes.ts";
import type { ValuesOf } from "./settings/setting.ts";

type AttributeValues = ValuesOf<typeof RECIPIENT_ATTRIBUTES>;

/** What the directory says of a person; only what was set is there. */
export type RecipientAttributes = {
  readonly [Name in keyof AttributeValues]?: NonNullable<AttributeValues[Name]>;
};

/** A recipient of the organization, as far as it matters here. */
interface AttributeOwner {
  readonly name: string;
  readonly primarySmtpAddress: Address;
  readonly attributes: RecipientAttributes;
}

const NONE: RecipientAttributes = {};

/** Derived from the other settings of a recipient. */
const DERIVED: Readonly<Record<string, (recipient: AttributeOwner) => string>> = {
  displayname: ({ name }) => name,
  email: ({ primarySmtpAddress }) => primarySmtpAddress,
  userlogonname: ({ name }) => name,
};

/** The settings by their names in lower case. */
const BY_NAME: ReadonlyMap<string, keyof AttributeValues> = new Map(
  // Object.keys forgets the type of the keys it returns.
  (Object.keys(RECIPIENT_ATTRIBUTES) as (keyof AttributeValues)[]).map((name) => [
    name.toLowerCase(),
    name,
  ]),
);

/** Every attribute that rules may name (reference §10.2), as Exchange writes it. */
export const ATTRIBUTE_NAMES: readonly string[] = [
  ...Object.keys(RECIPIENT_ATTRIBUTES).map((name) =>
    name === "poBox" ? "POBox" : name.charAt(0).toUpperCase() + name.slice(1),
  ),
  "Email",
  "UserLogonName",
];

/**
 * The attribute of that name, in any case; `undefined` when it is not set or there is none of that
 * name. DisplayName falls back to the recipient's name, which is also its UserLogonName; Email is
 * the primary address.
 */
export function attributeOf(recipient: AttributeOwner, name: string): string | undefined {
  const folded = name.toLowerCase();
  const key = BY_NAME.get(folded);
  const value = key === undefined ? undefined : recipient.attributes[key];
  if (value !== undefined) return value;
  return Object.hasOwn(DERIVED, folded) ? DERIVED[folded]?.(recipient) : undefined;
}

/** Parts what was read from a recipient's table; most recipients share one empty set. */
export function splitAttributes<Values extends AttributeValues>(
  values: Values,
): Omit<Values, keyof AttributeValues> & { readonly attributes: RecipientAttributes } {
  const rest: Record<string, unknown> = {};
  let attributes: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(RECIPIENT_ATTRIBUTES, name)) rest[name] = value;
    else if (value !== undefined) {
      attributes ??= {};
      attributes[name] = value;
    }
  }
  rest["attributes"] = attributes ?? NONE;
  // Each value came from the property of its name, which no type can follow through the loop.
  return rest as Omit<Values, keyof AttributeValues> & {
    readonly attributes: RecipientAttributes;
  };
}
