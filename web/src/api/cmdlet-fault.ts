/** Why a cmdlet, or the way to it, failed. `code` is the server's, or `offline`. */
export class CmdletFault extends Error {
  readonly code: string;
  /** The parameter that is wrong. */
  readonly parameter: string | undefined;
  /** Where in the parameter's text, from 0. */
  readonly at: number | undefined;

  constructor(fault: {
    readonly code: string;
    readonly message: string;
    readonly parameter?: string | undefined;
    readonly at?: number | undefined;
  }) {
    super(fault.message);
    this.name = "CmdletFault";
    this.code = fault.code;
    this.parameter = fault.parameter;
    this.at = fault.at;
  }
}

/** What was thrown, as a fault with a code and words. */
export function asFault(error: unknown): CmdletFault {
  if (error instanceof CmdletFault) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CmdletFault({ code: "fault", message });
}
