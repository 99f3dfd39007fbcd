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
  /** Gives every field of the name `from` (case-insensitive) the name `to`. */
  | { readonly kind: "rename"; readonly from: string; readonly to: string };
