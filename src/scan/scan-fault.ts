/** Why a scanner has given no verdict. */
export interface ScanFault {
  /**
   * `unreachable`: no connection; `timeout`: not within the scan's time; `protocol`: no answer, or
   * none that can be read; `refused`: the scanner says that it could not scan; `tooLarge`: it does
   * not scan messages of this size; `aborted`: nobody wants the verdict any more.
   */
  readonly kind: "unreachable" | "timeout" | "protocol" | "refused" | "tooLarge" | "aborted";
  /** For logs; what the scanner said is in it cleaned of control characters, and short. */
  readonly text: string;
}

const QUOTED_MAX = 200;

/** What another program has said, fit for a log line. */
export function quoted(text: string): string {
  return text.slice(0, QUOTED_MAX).replace(/[^\x20-\x7e]+/g, "?");
}
