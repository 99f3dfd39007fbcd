import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCmdlet } from "../harness/cmdlets.ts";
import { runCommandLine, runOnTerminal } from "../harness/command-line.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const SECRET = "correct horse battery";

/** A server with three messages for a smart host that does not listen. */
async function start(t: TestContext) {
  const [smtpPort, relayPort, adminPort] = [await freePort(), await freePort(), await freePort()];
  const smartHostPort = await freePort();
  const configuration = contoso({ smtpPort, relayPort, adminPort, smartHostPort });
  const named = {
    ...configuration,
    server: { fqdn: "localhost", admin: { listen: `127.0.0.1:${adminPort}` } },
  };
  const server = await startServer(t, { configuration: named });
  const client = await SmtpClient.open(relayPort);
  await client.command("EHLO client.example", 250);
  for (const to of ["one@fabrikam.test", "two@fabrikam.test", "three@fabrikam.test"]) {
    const content = `Subject: for ${to}\r\n\r\nx`;
    const reply = await client.sendMessage({ from: "alice@contoso.test", to: [to], content });
    assert.equal(reply.code, 250);
  }
  client.destroy();
  await eventually({ what: "three messages in Retry" }, async () => {
    const queues = await runCmdlet(server, "Get-Queue");
    return queues.find(({ Status, MessageCount }) => Status === "Retry" && MessageCount === 3);
  });
  const environment = {
    POSTRIDER_DATA_DIR: server.dataFolder,
    XDG_STATE_HOME: join(server.folder, "state"),
    NO_COLOR: "1",
  };
  return { server, adminPort, environment };
}

test("shell: completion, questions, history and Ctrl-C at a prompt", async (t) => {
  const { server, environment } = await start(t);
  const first = await runOnTerminal(["shell"], {
    environment,
    answers: [
      { after: /\[PS\] localhost> /, type: "Suspend-Queue [12" },
      { after: /Suspend-Queue \[12/, type: "\t" },
      { after: /Suspend-Queue \[127\.0\.0\.1\]/, type: "\r" },
      { after: /Do it\? \[Y\]/, type: "y\r" },
      { after: /Completed/, type: "$queues = Get-Queue | ? Mess" },
      { after: /\? Mess/, type: "\t" },
      { after: /\? MessageCount/, type: " -gt 0\r" },
      { after: /MessageCount -gt 0\r+\n/, type: '"sum $($queues.MessageCount + 1)"\r' },
      {
        after: /\nsum 4/,
        type: `New-Administrator carol -RoleGroups 'Help Desk' -Password '${SECRET}'\r`,
      },
      { after: /carol +\{Help Desk\}/, type: "Get-Message |\r" },
      { after: />> /, type: "\u0003" },
      { after: /\^C/, type: "Read-Host question\r" },
      { after: /question: /, type: "\u0003" },
      { after: /nobody is here to be asked/, type: "'ali' + 've'\r" },
      { after: /\nalive/, type: "exit 5\r" },
    ],
  });
  assert.equal(first.code, 5, first.shown);
  const [queue] = await runCmdlet(server, "Get-Queue", { Identity: "[127.0.0.1]" });
  assert.equal(queue?.["Status"], "Suspended");
  const file = join(server.folder, "state/postrider/history");
  const kept = await readFile(file, "utf8");
  assert.match(kept, /^Suspend-Queue \[127\.0\.0\.1\]/);
  assert.doesNotMatch(kept, /correct horse|New-Administrator/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const second = await runOnTerminal(["shell"], {
    environment,
    answers: [
      // Twice up: the line before exit.
      { after: /\[PS\] localhost> /, type: "\u001b[A" },
      { after: /exit 5/, type: "\u001b[A" },
      { after: /'ali' \+ 've'/, type: "\r" },
      { after: /\nalive/, type: "history\r" },
      { after: /\nRead-Host question/, type: "\u0004" },
    ],
  });
  assert.equal(second.code, 0, second.shown);
  assert.doesNotMatch(second.shown, /correct horse/);
});

test("shell: scripts from standard input, a text and a file, and how they end", async (t) => {
  const { server, environment } = await start(t);
  const play = (words: readonly string[], input?: string) =>
    runCommandLine(["shell", ...words], { environment, ...(input !== undefined && { input }) });
  const suspended = await play(
    [],
    `# Holds back what waits
$long = Get-Queue | Where-Object MessageCount -gt 2 |
  Where-Object { $_.Status -eq 'Retry' }
"$($long.MessageCount) messages"
$long | Suspend-Queue -Confirm:$false | Select-Object Act,State
`,
  );
  assert.deepEqual([suspended.code, suspended.stderr], [0, ""]);
  assert.equal(
    suspended.stdout,
    "3 messages\nAct            State\n---            -----\nSuspend-Queue  Completed\n",
  );
  const csv = join(server.folder, "messages.csv");
  const command = `Get-Queue | Get-Message | Sort-Object Subject | Export-Csv '${csv}'`;
  assert.equal((await play(["-Command", command])).code, 0);
  const script = join(server.folder, "subjects.ps");
  await writeFile(script, `Import-Csv '${csv}' | Select-Object -First 2 -ExpandProperty Subject\n`);
  const subjects = await play([script]);
  assert.equal(subjects.stdout, "for one@fabrikam.test\nfor three@fabrikam.test\n");
  const unasked = await play(["-Command", "Get-Queue | Remove-Message"]);
  assert.deepEqual([unasked.code, unasked.stdout], [2, ""]);
  const partly = "'nope',(Get-Queue)[1].Identity | Resume-Queue | % Act; 'next'";
  const failed = await play(["-Command", partly]);
  assert.deepEqual([failed.code, failed.stdout], [1, "Resume-Queue\nnext\n"], failed.stderr);
  assert.match(failed.stderr, /no queue "nope"[\s\S]*1 of 2 failed/);
  assert.equal((await play(["-Command", "exit 9"])).code, 9);
  assert.match((await play(["-Command", "Get-Queue |"])).stderr, /a cmdlet is missing after \|/);
  assert.equal((await play(["/nowhere/x.ps"])).code, 1);
  assert.equal((await play(["--bogus"])).code, 2);
});

test("shell: a server over HTTPS, with a token from a file", async (t) => {
  const { server, adminPort, environment } = await start(t);
  const [made] = await runCmdlet(server, "New-ApiToken", {
    Name: "monitor",
    RoleGroups: ["View-Only Organization Management"],
  });
  const tokenFile = join(server.folder, "token");
  const token = made?.["Token"];
  assert.ok(typeof token === "string");
  await writeFile(tokenFile, token);
  const place = [
    ...["--server", `https://localhost:${adminPort}`],
    ...["--token-file", tokenFile],
    ...["--ca", join(server.dataFolder, "certificates/self-signed.crt")],
  ];
  const run = (text: string) => runCommandLine(["shell", ...place, "-Command", text]);
  const read = await run("Get-Queue | ? MessageCount -gt 0 | % MessageCount");
  assert.deepEqual([read.code, read.stdout], [0, "3\n"], read.stderr);
  const forbidden = await run("Get-Queue | Suspend-Queue -Confirm:$false");
  assert.deepEqual([forbidden.code, forbidden.stdout], [3, ""]);
  // The door is closed for all of them: it is said once.
  assert.equal(forbidden.stderr.match(/may not run Suspend-Queue/g)?.length, 1);
  const { shown } = await runOnTerminal(["shell", ...place], {
    environment,
    answers: [{ after: /\[PS\] localhost> /, type: "exit\r" }],
  });
  assert.match(shown, /\[PS\] localhost> /);
});
