/** Kinds of failure, which scripts can tell apart. REST has a status for each. */
export type FaultCode =
  | "unknown-cmdlet"
  | "bad-parameter"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "not-allowed-now"
  | "unavailable"
  | "cancelled"
  | "fault";

/** A cmdlet could not do what was asked; the message names the value and the cure. */
export class CmdletFault extends Error {
  override readonly name = "CmdletFault";
  readonly code: FaultCode;
  /** The parameter that is wrong, as the table has it. */
  readonly parameter: string | undefined;
  /** Where in the parameter's text, from 0, for filters. */
  readonly at: number | undefined;

  constructor(
    code: FaultCode,
    message: string,
    where: { readonly parameter?: string; readonly at?: number } = {},
  ) {
    super(message);
    this.code = code;
    this.parameter = where.parameter;
    this.at = where.at;
  }
}
