/** What the trace is to be opened with. */
export interface TraceWish {
  /** An address or a domain. */
  readonly search?: string | undefined;
  readonly status?: string | undefined;
  /** Epoch ms. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Where the trace is, and what its address says. */
export function traceLink({ search, status, startMs, endMs }: TraceWish) {
  const range = { start: new Date(startMs).toISOString(), end: new Date(endMs).toISOString() };
  return {
    to: "/trace",
    search: {
      ...(search !== undefined && { search }),
      ...(status !== undefined && { status }),
      ...range,
    },
  } as const;
}
