/** What the job is at, for whoever looks. */
export interface AcmeState {
  /** `Scheduled`: nothing is wrong, and there is nothing to do before `nextMs`. */
  readonly kind: "Off" | "TermsNotAgreed" | "Scheduled" | "Running" | "Failed";
  /** What is being done, while it runs. */
  readonly step: string;
  readonly directoryUrl: string;
  readonly domains: readonly string[];
  /** Epoch ms; absent: not since the start. */
  readonly lastMs: number | undefined;
  readonly nextMs: number | undefined;
  /** Tries in a row that came to nothing; the last one's reason, in the authority's words too. */
  readonly failures: number;
  readonly reason: string;
  readonly cure: string;
}

/** No certificate is asked for. */
export const ACME_OFF: AcmeState = {
  kind: "Off",
  step: "",
  directoryUrl: "",
  domains: [],
  lastMs: undefined,
  nextMs: undefined,
  failures: 0,
  reason: "",
  cure: "",
};
