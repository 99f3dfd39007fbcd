import assert from "node:assert/strict";
import { textOf } from "../../src/base/text-of.fake.ts";
import type { OutputObject } from "../../src/cmdlet/output-type.ts";
import { startDnsServer } from "../peers/dns-server.ts";
import type { RowBench, Surface } from "./cmdlet-row.ts";
import { runCmdlet } from "./cmdlets.ts";
import { contoso } from "./contoso.ts";
import { eventually } from "./eventually.ts";
import { freePort } from "./free-port.ts";
import { type Hop, startHop } from "./hop.ts";
import { OpenApiClient } from "./openapi-client.ts";
import { openHttps } from "./rest-client.ts";
import { later, type Scope } from "./scope.ts";
import { type ServerOptions, startServer, type TestServer } from "./server.ts";
import { SmtpClient } from "./smtp-client.ts";

/** A server that has seen everything that cmdlets show: mail that went, waits, and was refused. */
export interface EveryBench extends RowBench {
  readonly server: TestServer;
  readonly client: OpenApiClient;
  /** Takes mail for hop.test, with no answer for `silent@`. */
  readonly hop: Hop;
  readonly smtpPort: number;
  readonly relayPort: number;
  readonly adminPort: number;
  /** Sends one message whose subject is its name; Message-ID is `<NAME@contoso.test>`. */
  readonly send: (name: string, to: string) => Promise<void>;
  /** Sends one that then waits in Retry, with that subject; resolves with its `Get-Message`. */
  readonly sendWaiting: (subject: string) => Promise<OutputObject>;
}

/** Another address than that of the smart host: queues are known by it. */
const HOP_HOST = "127.0.0.2";

const ZONE = {
  "contoso.test": { MX: [[10, "mail.contoso.test"]], TXT: ["v=spf1 ip4:192.0.2.1 -all"] },
  "mail.contoso.test": { A: ["192.0.2.1"] },
} as const;

/** Where mail waits: nothing listens at its smart host. */
export const WAITING_QUEUE = "[127.0.0.1]";

/** Starts one, with an administrator, a token, a group, and the mail. */
export async function openEveryBench(
  t: Scope,
  options: Pick<ServerOptions, "environment"> = {},
): Promise<EveryBench> {
  const hop = await startHop(t, {
    host: HOP_HOST,
    port: await freePort(),
    respond: ({ line }) => (line.startsWith("RCPT TO:<silent@") ? { reply: "" } : undefined),
  });
  const dns = await startDnsServer(ZONE);
  later(t, () => dns.close());
  const [smtpPort, relayPort, adminPort] = [await freePort(), await freePort(), await freePort()];
  const configuration = contoso({
    smtpPort,
    relayPort,
    receiveConnector: { protocolLoggingLevel: "Verbose" },
    transportService: {
      queueGlitchRetryInterval: "01:00:00",
      messageRetryInterval: "01:00:00",
      queueLoggingInterval: "00:00:01",
      // The newest file is not indexed.
      messageTrackingLogMaxFileSize: "1KB",
    },
    more: {
      server: {
        fqdn: "mail.contoso.test",
        dnsServers: [`127.0.0.1:${dns.port}`],
        admin: { listen: `127.0.0.1:${adminPort}` },
      },
      sendConnectors: [
        connector({ name: "Smart Host", space: "SMTP:*;1", host: WAITING_QUEUE }, await freePort()),
        connector({ name: "Hop", space: "SMTP:hop.test;1", host: `[${HOP_HOST}]` }, hop.port),
      ],
      distributionGroups: [
        { name: "team", primarySmtpAddress: "team@contoso.test", members: ["bob@contoso.test"] },
      ],
    },
  });
  const server = await startServer(t, { configuration, ...options });
  const RoleGroups = ["Organization Management"];
  const [made] = await runCmdlet(server, "New-ApiToken", { Name: "rows", RoleGroups });
  const https = await openHttps(server, { port: adminPort, name: "mail.contoso.test" });
  const client = await OpenApiClient.open(https, textOf(made?.["Token"]));
  const send = (name: string, to: string) => sendOne(relayPort, { name, to });
  const sendWaiting = async (subject: string) => {
    await send(subject, "one@fabrikam.test");
    return waitForMessage(server, subject);
  };
  const bench = { server, client, hop, smtpPort, relayPort, adminPort, send, sendWaiting };
  await fill(bench);
  return bench;
}

function connector(
  { name, space, host }: { readonly name: string; readonly space: string; readonly host: string },
  port: number,
) {
  return {
    name,
    addressSpaces: [space],
    smartHosts: [host],
    port,
    protocolLoggingLevel: "Verbose",
  };
}

async function fill({ server, smtpPort, send, sendWaiting }: EveryBench): Promise<void> {
  const Password = "correct horse battery";
  const administrator = { Name: "alice", Password, RoleGroups: ["Help Desk"] };
  await runCmdlet(server, "New-Administrator", administrator);
  await send("delivered", "team@contoso.test");
  await send("relayed", "one@hop.test");
  await sendWaiting("waiting");
  const stranger = await SmtpClient.open(smtpPort);
  await stranger.command("EHLO stranger.test", 250);
  await stranger.command("MAIL FROM:<x@fabrikam.test>", 250);
  await stranger.command("RCPT TO:<nobody@contoso.test>", 550);
  await stranger.quit();
}

async function sendOne(
  port: number,
  { name, to }: { readonly name: string; readonly to: string },
): Promise<void> {
  const client = await SmtpClient.open(port);
  await client.command("EHLO client.example", 250);
  const header = `Message-ID: <${name}@contoso.test>\r\nFrom: alice@contoso.test\r\n`;
  const content = `${header}Subject: ${name}\r\n\r\nx`;
  const { code } = await client.sendMessage({ from: "alice@contoso.test", to: [to], content });
  assert.equal(code, 250);
  await client.quit();
}

function waitForMessage(server: TestServer, subject: string): Promise<OutputObject> {
  const Filter = `Subject -eq '${subject}' -and Status -eq 'Retry'`;
  return eventually({ what: `${subject} in Retry` }, async () => {
    const [message] = await runCmdlet(server, "Get-Message", { Filter });
    return message;
  });
}

/** A name for what the run of one surface makes: `scannersCommandLine`. */
export function ownName(name: string, via: Surface): string {
  return `${name}${via === "rest" ? "Rest" : "CommandLine"}`;
}
