/**
 * A change to a message's header, kept beside the envelope and applied as the message is sent, so
 * that content stays stored once and unchanged. Edits apply in order.
 */
export type HeaderEdit =
  /** `text` is whole header lines, each ending in CRLF; it goes above everything. */
  | { readonly kind: "prepend"; readonly text: string }
  /** `text` is whole header lines, each ending in CRLF; it goes below the last header field. */
  | { readonly kind: "append"; readonly text: string }
  /** Removes every field of that name (case-insensitive). */
  | { readonly kind: "remove"; readonly name: string }
  /**
   * Removes single fields of that name (case-insensitive): those at `positions`, counted from 0 at
   * the top of the content as it is stored.
   */
  | { readonly kind: "removeAt"; readonly name: string; readonly positions: readonly number[] }
  /**
   * Replaces octets within one field of that name (case-insensitive): the one at `position`,
   * counted as `removeAt` counts. All else of the field stays as it is, whatever its bytes are. A
   * later edit of the same place counts in place of an earlier one.
   */
  | {
      readonly kind: "replaceAt";
      readonly name: string;
      readonly position: number;
      readonly changes: readonly FieldChange[];
    }
  /** Gives every field of the name `from` (case-insensitive) the name `to`. */
  | { readonly kind: "rename"; readonly from: string; readonly to: string };

/** Octets of a field that others take the place of. */
export interface FieldChange {
  /** Counted from the first octet of the field's name, in the content as it is stored. */
  readonly offset: number;
  /** 0: `text` is put in before the octet at `offset`. */
  readonly length: number;
  /** Written as UTF-8; no line end but within a fold, or of whole fields that go in at offset 0. */
  readonly text: string;
}
