import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { CmdletFault } from "../../cmdlet/cmdlet-fault.ts";
import type { OutputOf, OutputType } from "../../cmdlet/output-type.ts";
import type { CertificateServices } from "./services.ts";

const ACME_STATE = {
  name: "AcmeState",
  properties: {
    State: {
      kind: "choice",
      doc: "Scheduled: nothing is wrong, and there is nothing to do before NextTry.",
      choices: ["Off", "TermsNotAgreed", "Scheduled", "Running", "Failed"],
    },
    Step: { kind: "text", doc: "What is being done, while it runs." },
    CertificateDomains: { kind: "list", doc: "The names that the certificate is for." },
    DirectoryUrl: { kind: "text", doc: "The authority." },
    LastTry: { kind: "date", doc: "When it was begun last, since the server's start." },
    NextTry: { kind: "date", doc: "When it is looked at again." },
    Failures: { kind: "number", doc: "Tries in a row that came to nothing." },
    LastError: { kind: "text", doc: "Why the last of them did, in the authority's words." },
    Cure: { kind: "text", doc: "What to do." },
  },
  table: ["State", "Step", "CertificateDomains", "LastTry", "NextTry", "LastError"],
} as const satisfies OutputType;

/** How far the certificate is that the server gets for itself. */
export const getAcmeState = defineCmdlet({
  name: "Get-AcmeState",
  summary: "Shows how far the certificate is that the server gets for itself (ACME).",
  notes: [
    "What it gets is set with Set-TransportConfig -Acme. Another value is tried at once; what " +
      "has failed is tried again after 5 minutes, then after twice as long each time, a day at " +
      "most.",
  ],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [{ command: "Get-AcmeState", doc: "Does it come, and if not, why?" }],
  parameters: {},
  output: ACME_STATE,
  async *run({ services }: Invocation<CertificateServices>) {
    yield shown(services);
  },
});

/** Has it tried now. */
export const updateAcmeCertificate = defineCmdlet({
  name: "Update-AcmeCertificate",
  summary: "Tries at once to get or renew the certificate that the server gets for itself (ACME).",
  notes: [
    "For when what was wrong is mended, so that nobody has to wait for the next try; " +
      "Get-AcmeState shows what comes of it. A certificate that is not due is not ordered again.",
    "Authorities count failed orders, and refuse more for an hour or longer.",
  ],
  roles: ["Server Management"],
  effect: "changes",
  confirmation: "none",
  examples: [{ command: "Update-AcmeCertificate", doc: "Port 80 leads here now: try again." }],
  parameters: {},
  output: ACME_STATE,
  async *run({ services }: Invocation<CertificateServices>) {
    const { kind, cure } = services.acme.state;
    if (kind === "Off") {
      const text = "no certificate is asked for; Set-TransportConfig -Acme does";
      throw new CmdletFault("not-allowed-now", text);
    }
    if (kind === "TermsNotAgreed") throw new CmdletFault("not-allowed-now", cure);
    if (kind === "Running") throw new CmdletFault("not-allowed-now", "it is being tried already");
    services.acme.tryNow();
    yield shown(services);
  },
});

function shown({ acme: { state } }: CertificateServices): OutputOf<typeof ACME_STATE> {
  const dateOf = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    State: state.kind,
    Step: state.step || null,
    CertificateDomains: state.domains,
    DirectoryUrl: state.directoryUrl || null,
    LastTry: dateOf(state.lastMs),
    NextTry: dateOf(state.nextMs),
    Failures: state.failures,
    LastError: state.reason || null,
    Cure: state.cure || null,
  };
}
