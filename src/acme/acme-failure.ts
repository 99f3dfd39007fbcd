/** Why an authority gave no certificate; thrown in this room, caught where orders are scheduled. */
export class AcmeFailure extends Error {
  override readonly name = "AcmeFailure";
  /** What the administrator can do. */
  readonly cure: string;
  /** The authority's name for it (RFC 8555 §6.7), without the URN before it. */
  readonly type: string | undefined;
  /** Not before this is another try welcome; epoch milliseconds. */
  readonly notBeforeMs: number | undefined;

  constructor(
    reason: string,
    cure: string,
    more: { readonly type?: string; readonly notBeforeMs?: number } = {},
  ) {
    super(reason);
    this.cure = cure;
    this.type = more.type;
    this.notBeforeMs = more.notBeforeMs;
  }
}
