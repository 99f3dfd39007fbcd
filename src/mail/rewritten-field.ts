import { type Address, domainOf, localPartOf } from "./address.ts";
import { findAddressPlaces } from "./address-places.ts";
import type { FieldChange } from "./header-edit.ts";

/** The address that takes the place of another; `undefined`: it stays. */
export type RewriteAddress = (address: Address) => Address | undefined;

/**
 * What is to be replaced in a whole field (name, colon, value; octets as Latin 1) so that its
 * addresses become others. Where only the domain changes, the local part stays as it is written.
 */
export function rewriteField(field: string, rewrite: RewriteAddress): readonly FieldChange[] {
  const start = field.indexOf(":") + 1;
  const changes: FieldChange[] = [];
  for (const { address, local, domain } of findAddressPlaces(field.slice(start))) {
    const other = rewrite(address);
    if (other === undefined || other === address) continue;
    const isSameLocal = localPartOf(other) === localPartOf(address);
    const from = isSameLocal ? domain.from : local.from;
    const text = isSameLocal ? domainOf(other) : other;
    changes.push({ offset: start + from, length: domain.to - from, text });
  }
  return changes;
}

/** The field with its changes made; octets as Latin 1, as it came. */
export function applyChanges(field: string, changes: readonly FieldChange[]): string {
  let text = "";
  let at = 0;
  for (const { offset, length, text: other } of changes) {
    text += field.slice(at, offset) + Buffer.from(other).toString("latin1");
    at = offset + length;
  }
  return text + field.slice(at);
}
