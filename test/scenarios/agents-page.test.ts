import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runInThisContext } from "node:vm";
import { parse } from "yaml";
import { PIPELINE_EVENTS } from "../../src/org/agent-table.ts";
import { readModuleAnswer } from "../../src/transport/agents/module-answer.ts";
import { runCommandLine } from "../harness/command-line.ts";
import { contoso } from "../harness/contoso.ts";
import { eventually } from "../harness/eventually.ts";
import { freePort } from "../harness/free-port.ts";
import { startServer } from "../harness/server.ts";
import { SmtpClient } from "../harness/smtp-client.ts";

const PAGE = await readFile(join(import.meta.dirname, "../../docs/agents.md"), "utf8");
const block = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text = ""]) => text,
  );
const [MODULE = "", OTHER_MODULE = ""] = block("js");
const RAVEN = "Subject: Project Raven\r\nFrom: ann@a.test\r\n\r\nHello\r\n";

test("the page's example, command by command", async (t) => {
  const smtpPort = await freePort();
  const server = await startServer(t, { configuration: contoso({ smtpPort }) });
  const folder = join(server.dataFolder, "agents");
  await mkdir(folder);
  await writeFile(join(folder, "subject-guard.js"), MODULE);
  const send = async () => {
    const client = await SmtpClient.open(smtpPort);
    await client.command("EHLO client.example", 250);
    await client.command("MAIL FROM:<ann@a.test>", 250);
    await client.command("RCPT TO:<bob@contoso.test>", 250);
    await client.command("DATA", 354);
    client.sendRaw(`${RAVEN}.\r\n`);
    const { code, lines } = await client.reply();
    await client.quit();
    return `${code} ${lines.join()}`;
  };
  const type = async (line: string) => {
    const [program, ...words] = line.match(/"[^"]*"|\S+/g) ?? [];
    assert.equal(program, "postrider");
    const plain = words.map((word) => word.replaceAll('"', ""));
    const { code, stdout, stderr } = await runCommandLine([
      ...plain,
      ...["--data-dir", server.dataFolder],
    ]);
    assert.equal(code, 0, `${line}: ${stderr}`);
    return stdout;
  };
  const [installing = "", trying = "", enforcing = ""] = block("sh");
  await type(installing.trim());
  const [setting = "", enabling = "", looking = ""] = trying.trim().split("\n");
  await type(setting);
  await type(enabling);
  assert.match(await send(), /^250 /);
  const log = await eventually({ what: "the agent log" }, async () => {
    const text = await type(looking);
    return /Subject Guard/.test(text) ? text : undefined;
  });
  assert.match(log, /RejectMessage/);
  const [ending = "", health = ""] = enforcing.trim().split("\n");
  await type(ending);
  assert.match(await send(), /^550 5\.7\.1 Not by mail/);
  assert.match(await type(health), /State +: Healthy/);
});

test("the page's configuration starts a server with the agent at work", async (t) => {
  const smtpPort = await freePort();
  const [yaml = ""] = block("yaml");
  const [agent] = (parse(yaml) as { transportAgents: { modulePath: string }[] }).transportAgents;
  const modulePath = join(import.meta.dirname, "../../agents/example-agent.ts");
  const more = { transportAgents: [{ ...agent, modulePath }] };
  const server = await startServer(t, { configuration: contoso({ smtpPort, more }) });
  const client = await SmtpClient.open(smtpPort);
  await client.command("EHLO client.example", 250);
  await client.command("MAIL FROM:<ann@spam.example>", 550);
  await client.quit();
  assert.doesNotMatch(server.output, /agent-module-not-loaded/);
});

test("the page's tables: every event, and answers as they are read", async () => {
  for (const { name } of PIPELINE_EVENTS) assert.ok(PAGE.includes(name), name);
  assert.match(OTHER_MODULE, /agent-api\.ts/);
  const reply = "{ code: 550, status: '5.7.1', lines: ['No'] }";
  const values: Readonly<Record<string, string>> = {
    reply,
    ...{ findings: "{ scl: 5 }", stop: "true", reason: "'Listed'", data: "'x'" },
    ...{ endsSession: "true", type: "'Spam'", edits: "[]", text: "'X-A: b\\r\\n'", name: "'X-A'" },
    ...{ from: "'X-A'", to: "'X-B'", positions: "[0]", changes: "{}", status: "'5.7.1'" },
  };
  const rows = [...PAGE.matchAll(/`(\{ kind: "[a-z]+"[^`]*\})`/gi)].map(([, text = ""]) => text);
  assert.ok(rows.length >= 14, `${rows.length}`);
  for (const row of rows) {
    const kind = /kind: "([a-zA-Z]+)"/.exec(row)?.[1] ?? "";
    const at = PAGE.indexOf(row);
    const isFate = at > PAGE.indexOf("Fates are");
    const own = { ...values };
    if (isFate) Object.assign(own, { to: "['a@b.test']", text: "'Why'" });
    if (kind === "defer") own["status"] = "'4.3.0'";
    const filled = row
      .replace(/\{ code, status, lines \}/, reply)
      .replaceAll(/([{,] )(\w+)(?=[ ,}])/g, (whole, before: string, name: string) =>
        own[name] === undefined ? whole : `${before}${name}: ${own[name]}`,
      );
    // The page's own words, made whole.
    const answer: unknown = runInThisContext(`(${filled})`);
    if (isFate) {
      const decisions = [{ positions: [0], fate: answer }];
      assert.ok(readModuleAnswer("OnResolvedMessage", { decisions }), filled);
    } else if (/^(?:prepend|append|remove|removeAt|rename)$/.test(kind)) {
      assert.ok(readModuleAnswer("OnEndOfData", { kind: "accept", edits: [answer] }), filled);
    } else assert.ok(readModuleAnswer("OnEndOfData", answer), filled);
  }
});
