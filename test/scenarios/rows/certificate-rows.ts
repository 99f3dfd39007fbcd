import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { textOf } from "../../../src/base/text-of.fake.ts";
import type { CmdletRow, Given, Surface } from "../../harness/cmdlet-row.ts";
import { runCmdlet } from "../../harness/cmdlets.ts";
import { type EveryBench, ownName } from "../../harness/every-bench.ts";
import { freePort } from "../../harness/free-port.ts";

type Row = CmdletRow<EveryBench>;

const own = (name: string, via: Surface) => ownName(name, via).toLowerCase();

/** A certificate of this run's own. */
function made(name: string) {
  return async ({ server }: EveryBench, via: Surface) => {
    const Name = own(name, via);
    const given = { Name, DomainName: [`${Name}.contoso.test`] };
    await runCmdlet(server, "New-ExchangeCertificate", given);
    return { Identity: Name };
  };
}

async function shown({ server }: EveryBench, Identity: unknown) {
  const all = await runCmdlet(server, "Get-ExchangeCertificate");
  return all.find((one) => one["Identity"] === Identity);
}

/** Certificates. */
export const CERTIFICATE_ROWS: readonly Row[] = [
  {
    cmdlet: "Get-AcmeState",
    count: 1,
    expect({ objects: [state] }) {
      assert.equal(state?.["State"], "Off");
    },
  },
  {
    cmdlet: "Update-AcmeCertificate",
    async given({ server }) {
      // An authority that is not there; it is asked for the first time after two seconds.
      const directoryUrl = `https://127.0.0.1:${await freePort()}/directory`;
      const Acme = { directoryUrl, domains: ["contoso.test"], termsOfServiceAgreed: true };
      await runCmdlet(server, "Set-TransportConfig", { Acme });
      return {};
    },
    count: 1,
    async expect({ objects: [state], bench: { server } }) {
      assert.match(textOf(state?.["State"]), /^(Scheduled|Failed)$/);
      await runCmdlet(server, "Set-TransportConfig", { Acme: null });
    },
  },
  {
    cmdlet: "New-ExchangeCertificate",
    given: async (_bench, via) => ({
      Name: own("new", via),
      DomainName: [`${own("new", via)}.contoso.test`],
    }),
    count: 1,
    async expect({ objects: [certificate], bench, given }) {
      const found = await shown(bench, given["Name"]);
      assert.equal(found?.["Thumbprint"], certificate?.["Thumbprint"]);
      assert.equal(found?.["IsSelfSigned"], true);
    },
  },
  {
    cmdlet: "Get-ExchangeCertificate",
    given: made("get"),
    count: 1,
    expect({ objects: [certificate], given: { Identity } }) {
      assert.deepEqual(certificate?.["CertificateDomains"], [`${Identity}.contoso.test`]);
    },
  },
  {
    cmdlet: "Import-ExchangeCertificate",
    given: async ({ server }, via): Promise<Given> => {
      const path = (ending: string) =>
        join(server.dataFolder, `certificates/self-signed.${ending}`);
      const Name = own("import", via);
      if (via === "commandLine") {
        return { Name, FileName: path("crt"), KeyFileName: path("key") };
      }
      const content = (ending: string) => readFile(path(ending), "base64");
      return { Name, FileData: await content("crt"), KeyData: await content("key") };
    },
    count: 1,
    async expect({ objects: [certificate], bench, given }) {
      assert.ok([certificate?.["CertificateDomains"]].flat().includes("mail.contoso.test"));
      assert.ok((await shown(bench, given["Name"])) !== undefined);
    },
  },
  {
    cmdlet: "Enable-ExchangeCertificate",
    given: async (bench, via) => {
      const { Identity } = await made("enable")(bench, via);
      const Bindings = `127.0.0.1:${await freePort()}`;
      await runCmdlet(bench.server, "New-ReceiveConnector", { Name: Identity, Bindings });
      return { Identity, ReceiveConnector: [Identity] };
    },
    count: 1,
    async expect({ objects: [certificate], bench: { server }, given: { Identity } }) {
      assert.match(JSON.stringify(certificate?.["Services"]), new RegExp(String(Identity)));
      const [connector] = await runCmdlet(server, "Get-ReceiveConnector", { Identity });
      assert.match(textOf(connector?.["TlsCertificateName"]), /^<I>.*<S>/);
    },
  },
  {
    cmdlet: "Remove-ExchangeCertificate",
    given: made("remove"),
    count: 0,
    async expect({ bench, given: { Identity } }) {
      assert.equal(await shown(bench, Identity), undefined);
    },
  },
];
