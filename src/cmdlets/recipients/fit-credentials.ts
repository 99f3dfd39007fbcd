import { configText } from "../../org/config-value.ts";
import type { ObjectProperties } from "../../org/organization-editor.ts";

/** What is made of a password, and belongs to it alone. */
const DERIVED = ["passwordHash", "scramVerifiers", "ntHash"];

/**
 * Takes out of a mailbox's properties what belonged to the password before: with another one, or
 * none, and NT hashes once NTLM is not used any more. `given` has what was set just now.
 */
export function fitCredentials(
  properties: ObjectProperties,
  given: ReadonlySet<string>,
): ObjectProperties {
  const isNew = given.has("password") || given.has("passwordHash");
  const isNtlm = /^true$/i.test(configText(properties["ntlmEnabled"] ?? "false"));
  const gone = new Set([
    ...(isNew ? DERIVED.filter((property) => !given.has(property)) : []),
    ...(isNew && !given.has("password") ? ["password"] : []),
    ...(isNtlm || given.has("ntHash") ? [] : ["ntHash"]),
  ]);
  const fitted = Object.entries(properties).flatMap(([property, value]) => {
    if (gone.has(property)) return [];
    if (property !== "appPasswords" || isNtlm || !Array.isArray(value)) return [[property, value]];
    const devices = value as readonly ObjectProperties[];
    return [[property, devices.map(({ ntHash: _, ...device }) => device)]];
  });
  // Entries of the same record.
  return Object.fromEntries(fitted) as ObjectProperties;
}
