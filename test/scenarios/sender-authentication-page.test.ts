import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { freePort } from "../harness/free-port.ts";
import { run } from "../harness/peers.ts";
import { startServer, temporaryFolder } from "../harness/server.ts";

const PAGE = join(import.meta.dirname, "../../docs/sender-authentication.md");
const BIN = join(import.meta.dirname, "../../bin");

/** Every line of the page's blocks that begins with the program's name. */
async function commandsOf(page: string): Promise<readonly string[]> {
  const text = await readFile(page, "utf8");
  const blocks = [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  return blocks.flatMap((block) =>
    block.split("\n").filter((line) => line.startsWith("postrider")),
  );
}

test("the commands of sender-authentication.md do what they say, in their order", async (t) => {
  const [smtpPort, commands] = [await freePort(), await commandsOf(PAGE)];
  assert.ok(commands.length >= 12, String(commands.length));
  const folder = await temporaryFolder(t);
  // What a file declares is the file's, and no command changes it: so it declares hardly anything.
  const dnsServers = [`127.0.0.1:${await freePort()}`];
  const configuration = { server: { fqdn: "mail.contoso.com", dnsServers }, receiveConnectors: [] };
  const server = await startServer(t, { configuration });
  await runCmdlet(server, "New-AcceptedDomain", { Name: "contoso.com" });
  await runCmdlet(server, "New-ReceiveConnector", {
    Name: "Default Frontend",
    Bindings: [`127.0.0.1:${smtpPort}`],
    PermissionGroups: ["AnonymousUsers"],
  });
  await writeFile(join(folder, "message.eml"), "From: ann@fabrikam.com\r\n\r\nHello\r\n");
  for (const command of commands) {
    const script = `cd ${folder} && ${BIN}/${command} --data-dir ${server.dataFolder}`;
    const { code, stdout, stderr } = await run("bash", ["-c", script]);
    assert.equal(code, 0, `${command}\n${stdout}${stderr}`);
  }
});
