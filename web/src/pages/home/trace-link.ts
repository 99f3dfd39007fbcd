import type { Range } from "./range.ts";

/** What the trace is to be opened with. */
export interface TraceWish {
  /** An address or a domain, and what it is; absent: all mail. */
  readonly search?: { readonly text: string; readonly as: "sender" | "domain" };
  readonly status?: "Failed" | "NotDelivered";
  /** Epoch ms. */
  readonly startMs: number;
  /** Absent: until whenever it is opened. */
  readonly endMs?: number;
}

/** The span of the page as the trace takes it: what ends now has no end there. */
export function traceSpan({ name, startMs, endMs }: Range): Pick<TraceWish, "startMs" | "endMs"> {
  return name === "own" ? { startMs, endMs } : { startMs };
}

/** Where the trace is, and what its address says. */
export function traceLink({ search, status, startMs, endMs }: TraceWish) {
  return {
    to: "/trace",
    search: {
      search: search?.text ?? "",
      ...(search !== undefined && { as: search.as }),
      ...(status !== undefined && { status }),
      range: "custom",
      from: new Date(startMs).toISOString(),
      ...(endMs !== undefined && { to: new Date(endMs).toISOString() }),
    },
  } as const;
}
