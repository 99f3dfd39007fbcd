import { defineCmdlet, type Invocation } from "../../cmdlet/cmdlet.ts";
import { moreResultsWarning, pagingParameters, selectPage } from "../../cmdlet/paging.ts";
import { optionalParameter } from "../../cmdlet/parameter.ts";
import { line } from "../../org/settings/setting-types.ts";
import { EXCHANGE_CERTIFICATE, showCertificate, showRequest } from "./certificate-output.ts";
import { listCertificateUses } from "./certificate-uses.ts";
import { findCertificate, IDENTITY_MAX } from "./find-certificate.ts";
import type { CertificateServices } from "./services.ts";

/** The certificates of this server. */
export const getExchangeCertificate = defineCmdlet({
  name: "Get-ExchangeCertificate",
  summary: "Shows the server's certificates, until when they are good, and what shows them.",
  notes: [
    "They are the files of the folder certificates of the data directory, whoever has put them " +
      "there. What cannot be used is told as a warning.",
  ],
  roles: ["Server Management", "View-Only Organization Management"],
  effect: "reads",
  confirmation: "none",
  examples: [
    { command: "Get-ExchangeCertificate", doc: "All of them." },
    {
      command: 'Get-ExchangeCertificate -Filter "NotAfter -lt +30d"',
      doc: "Those that end within a month.",
    },
  ],
  parameters: {
    Identity: optionalParameter(
      line({ max: IDENTITY_MAX }),
      "The name of its files, or its thumbprint; absent: all.",
      { position: 0, completion: "ExchangeCertificate", pipeline: "property" },
    ),
    ...pagingParameters(EXCHANGE_CERTIFICATE),
  },
  output: EXCHANGE_CERTIFICATE,
  async *run(run: Invocation<CertificateServices>, { identity, ...paging }) {
    const { services, clock, warn } = run;
    const { certificates: desk, organization: editor } = services;
    const all = desk.list();
    const nowMs = clock.nowMs();
    const uses = listCertificateUses(all, editor.organization, nowMs);
    const requests = identity === undefined ? await desk.listRequests() : [];
    const wanted = identity === undefined ? all : [findCertificate(run, identity)];
    const shown = wanted.map((one) => showCertificate(one, { uses, nowMs }));
    const page = selectPage([...shown, ...requests.map(showRequest)], paging, { nowMs });
    yield* page.items;
    if (page.hasMore) warn(moreResultsWarning(paging.resultSize));
    if (identity === undefined) for (const fault of desk.faults()) warn(fault);
  },
});
