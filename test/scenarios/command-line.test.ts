import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { runCommandLine, runOnTerminal } from "../harness/command-line.ts";
import { contoso } from "../harness/contoso.ts";
import { freePort } from "../harness/free-port.ts";
import type { Scope } from "../harness/scope.ts";
import { startServer } from "../harness/server.ts";

async function start(t: Scope) {
  const adminPort = await freePort();
  const configuration = contoso({ smtpPort: await freePort(), adminPort });
  // The certificate that it makes for itself then fits the address that we use.
  const named = { ...configuration, server: { fqdn: "localhost", ...adminOf(adminPort) } };
  const server = await startServer(t, { configuration: named });
  const environment = { POSTRIDER_DATA_DIR: server.dataFolder };
  const run = (...words: readonly string[]) => runCommandLine(words, { environment });
  const make = async (name: string) => {
    assert.equal((await run("New-AcceptedDomain", name)).code, 0);
  };
  const names = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await run("Get-AcceptedDomain", ...words, "-Format", "json");
    assert.equal(code, 0, stderr);
    const values: unknown = JSON.parse(stdout);
    assert.ok(Array.isArray(values));
    return values.map(({ Name }: { readonly Name?: unknown }) => String(Name));
  };
  return { server, adminPort, environment, run, make, names };
}

function adminOf(port: number) {
  return { admin: { listen: `127.0.0.1:${port}` } };
}

test("command line: every format, filters, order, and what was wrong with them", async (t) => {
  const { run, make, names } = await start(t);
  await make("fabrikam.test");
  await make("tailspin.test");
  const all = ["contoso.test", "fabrikam.test", "tailspin.test"];
  assert.deepEqual((await names()).toSorted(), all);
  assert.deepEqual(await names("-SortOrder", "-Name"), all.toReversed());
  const filter = "Name -like '*i*' -and -not (DomainName -eq TAILSPIN.test)";
  assert.deepEqual(await names("-fil", filter), ["fabrikam.test"]);
  assert.deepEqual(await names("-Filter", "Default -eq $true"), ["contoso.test"]);
  const columns = ["-Property", "Name,Default", "-SortOrder", "Name", "-ResultSize", "2"];
  const shown = async (format: string) =>
    (await run("get-ACCEPTEDdomain", ...columns, "-Format", format)).stdout;
  assert.equal(
    await shown("table"),
    "Name           Default\n----           -------\ncontoso.test   True\nfabrikam.test  False\n",
  );
  assert.equal(await shown("csv"), "Name,Default\r\ncontoso.test,True\r\nfabrikam.test,False\r\n");
  assert.match(await shown("list"), /^Name {4}: contoso.test\nDefault : True\n\nName/);
  const both = [
    { Name: "contoso.test", Default: true },
    { Name: "fabrikam.test", Default: false },
  ];
  assert.deepEqual(parse(await shown("yaml")), both);
  assert.deepEqual(JSON.parse(await shown("json")), both);
  const limited = await run("Get-AcceptedDomain", ...columns);
  assert.match(limited.stderr, /^WARNING: .*ResultSize/);
  const wrong = await run("Get-AcceptedDomain", "-Filter", "Nmae -eq 'x'");
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.match(
    wrong.stderr,
    /no property "Nmae"; did you mean "Name"\?\n {2}Nmae -eq 'x'\n {2}\^\n/,
  );
});

test("command line: exit codes, and what they come with", async (t) => {
  const { run, names } = await start(t);
  const noServer = join("/nowhere", "postrider");
  for (const [words, code, problem] of [
    [["Get-AcceptedDomain"], 0, /^$/],
    [
      ["Get-AcceptedDomian"],
      2,
      /no command "Get-AcceptedDomian"; did you mean "Get-AcceptedDomain"/,
    ],
    [["Get-AcceptedDomain", "-Bogus", "x"], 2, /no parameter -Bogus/],
    [["Get-AcceptedDomain", "-ResultSize", "many"], 2, /-ResultSize: "many" is not valid/],
    [["Get-AcceptedDomain", "--data-dir", noServer], 4, /no server runs on \/nowhere\/postrider/],
    [["Get-AcceptedDomain", "--server", "http://x"], 2, /--server takes an address such as https/],
    [["Get-AcceptedDomain", "--server", "127.0.0.1:1"], 4, /nothing listens on 127.0.0.1:1/],
    [["Remove-AcceptedDomain", "x.test", "-Confirm:$false"], 1, /x\.test/],
    [["Remove-AcceptedDomain", "contoso.test"], 2, /nobody is here to be asked/],
  ] as const) {
    const { code: ended, stderr } = await run(...words);
    assert.equal(ended, code, `${words.join(" ")}: ${stderr}`);
    assert.match(stderr, problem);
  }
  const planned = await run("New-AcceptedDomain", "fabrikam.test", "-WhatIf");
  assert.deepEqual([planned.code, planned.stderr], [0, ""]);
  assert.match(planned.stdout, /^What if: .*fabrikam\.test/);
  assert.deepEqual(await names(), ["contoso.test"]);
});

test("command line: on a terminal it asks, and Ctrl-C is an answer", async (t) => {
  const { environment, make, names } = await start(t);
  await make("fabrikam.test");
  const remove = (type: string) =>
    runOnTerminal(["Remove-AcceptedDomain", "fabrikam.test"], {
      environment,
      answers: [{ after: /\[Y\] Yes {2}\[N\] No.*: /, type }],
    });
  for (const type of ["n\r", "\r", "\u0003"]) {
    const { code, shown } = await remove(type);
    assert.equal(code, 130, shown);
    assert.match(shown, /fabrikam\.test/);
    assert.match(shown, /nothing was done/);
  }
  assert.deepEqual((await names()).length, 2);
  assert.equal((await remove("y\r")).code, 0);
  assert.deepEqual(await names(), ["contoso.test"]);
  const { shown } = await runOnTerminal(["Get-ReceiveConnector"], { environment });
  assert.ok(shown.includes("\u001b[1m"));
  const plain = { ...environment, NO_COLOR: "1" };
  const uncoloured = await runOnTerminal(["Get-ReceiveConnector"], { environment: plain });
  assert.ok(!uncoloured.shown.includes("\u001b"));
  for (const line of uncoloured.shown.split("\r\n")) assert.ok(line.length <= 100, line);
});

test("command line: a server over HTTPS, with a token and its own certificate", async (t) => {
  const { server, adminPort, run } = await start(t);
  const words = ["-Name", "monitor", "-RoleGroups", "View-Only Organization Management"];
  const made = await run("New-ApiToken", ...words, "-Format", "json");
  assert.equal(made.code, 0, made.stderr);
  const [{ Token: token = "" } = {}] = JSON.parse(made.stdout) as readonly { Token?: string }[];
  assert.notEqual(token, "");
  const tokenFile = join(server.folder, "token");
  await writeFile(tokenFile, `${token}\n`);
  const ca = join(server.dataFolder, "certificates/self-signed.crt");
  const place = ["--server", `https://localhost:${adminPort}`];
  const trusting = [...place, "--ca", ca, "--token-file", tokenFile];
  const read = await runCommandLine([...trusting, "Get-AcceptedDomain", "-Property", "Name"]);
  assert.deepEqual([read.code, read.stdout], [0, "Name\n----\ncontoso.test\n"], read.stderr);
  const environment = {
    POSTRIDER_TOKEN: token,
    POSTRIDER_CA: ca,
    POSTRIDER_SERVER: place[1] ?? "",
  };
  assert.equal((await runCommandLine(["Get-AcceptedDomain"], { environment })).code, 0);
  const forbidden = await runCommandLine([...trusting, "New-AcceptedDomain", "fabrikam.test"]);
  assert.equal(forbidden.code, 3);
  assert.match(
    forbidden.stderr,
    /token monitor.* may not run New-AcceptedDomain: it needs the role/,
  );
  const stranger = await runCommandLine([...place, "--ca", ca, "Get-AcceptedDomain"]);
  assert.equal(stranger.code, 3);
  assert.match(stranger.stderr, /--token-file FILE/);
  const untrusting = await runCommandLine([...place, "--token", token, "Get-AcceptedDomain"]);
  assert.equal(untrusting.code, 4);
  assert.match(untrusting.stderr, /fingerprint ([0-9A-F]{2}:){31}[0-9A-F]{2}.*--ca FILE/);
});

test("command line: a secret comes from standard input, and help needs no server", async (t) => {
  const { environment, run } = await start(t);
  const words = [
    "New-Administrator",
    "-Name",
    "carol",
    "-RoleGroups",
    "Help Desk",
    "-Password",
    "-",
  ];
  const made = await runCommandLine(words, { environment, input: "correct horse battery\n" });
  assert.equal(made.code, 0, made.stderr);
  const { stdout } = await run("Search-AdminAuditLog", "-Format", "json");
  assert.match(stdout, /New-Administrator/);
  assert.doesNotMatch(stdout, /correct horse battery/);
  for (const help of [["help"], ["help", "Get-AcceptedDomain"], ["Get-AcceptedDomain", "-?"]]) {
    const nowhere = { POSTRIDER_DATA_DIR: "/nowhere" };
    const { code, stdout: text } = await runCommandLine(help, { environment: nowhere });
    assert.deepEqual([code, text.includes("AcceptedDomain")], [0, true], help.join(" "));
  }
});
