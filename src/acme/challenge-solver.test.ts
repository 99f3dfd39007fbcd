import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { MINUTE } from "../base/units.ts";
import { AcmeFailure } from "./acme-failure.ts";
import { dnsRecordOf, openDnsSolver, openHttpSolver } from "./challenge-solver.ts";

const PROOF = { token: "tok_-1", keyAuthorization: "tok_-1.thumb" };

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function ask(port: number, path: string, method = "GET"): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(`${response.statusCode} ${text}`.trim()));
    });
    asked.on("error", reject).end();
  });
}

test("http-01 answers its token and nothing else, while it is open", async () => {
  const port = await freePort();
  const solver = await openHttpSolver({ address: "127.0.0.1", port });
  const path = "/.well-known/acme-challenge/tok_-1";
  assert.match(await ask(port, path), /^404/);
  await solver.present("a.test", PROOF);
  assert.equal(await ask(port, path), "200 tok_-1.thumb");
  assert.equal(await ask(port, `${path}?x=1`), "200 tok_-1.thumb");
  assert.equal(await ask(port, path, "HEAD"), "200");
  for (const [method, other] of [
    ["POST", path],
    ["GET", "/"],
    ["GET", "/.well-known/acme-challenge/"],
    ["GET", "/.well-known/acme-challenge/../acme-challenge/tok_-1"],
    ["GET", "/.well-known/acme-challenge/__proto__"],
    ["GET", `${path}/`],
  ] as const) {
    assert.match(await ask(port, other, method), /^404/, `${method} ${other}`);
  }
  const taken = openHttpSolver({ address: "127.0.0.1", port });
  await assert.rejects(
    taken,
    (error) => error instanceof AcmeFailure && /httpListen/.test(error.cure),
  );
  await solver.cleanUp("a.test", PROOF);
  assert.match(await ask(port, path), /^404/);
  await solver.close();
  await assert.rejects(ask(port, path));
});

test("the TXT record is the digest of the proof (RFC 8555 §8.4)", () => {
  assert.deepEqual(dnsRecordOf("a.test", ""), {
    name: "_acme-challenge.a.test",
    value: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
  });
});

async function hook(t: TestContext, script: string) {
  const folder = await mkdtemp(join(tmpdir(), "postrider-hook-"));
  t.after(() => rm(folder, { recursive: true }));
  const program = join(folder, "hook");
  await writeFile(program, `#!/bin/sh\ncd ${folder}\n${script}\n`);
  await chmod(program, 0o755);
  return { program, folder };
}

test("the hook gets its words as they are, without a shell", async (t) => {
  const { program, folder } = await hook(t, `printf '%s|' "$@" >> words`);
  const solver = openDnsSolver(program, fakeClock());
  const domain = "a.test; touch evil $(touch evil)";
  await solver.present(domain, PROOF);
  await solver.cleanUp(domain, PROOF);
  const { name, value } = dnsRecordOf(domain, PROOF.keyAuthorization);
  const words = await readFile(join(folder, "words"), "utf8");
  assert.equal(words, `present|${name}|${value}|cleanup|${name}|${value}|`);
  await assert.rejects(readFile(join(folder, "evil")));
});

for (const [why, script, reason] of [
  [
    "ends with an error",
    "echo no such zone >&2; exit 3",
    /at present: it ended with 3: no such zone/,
  ],
  [
    "says far too much",
    "yes 0123456789 | head -c 200000 >&2; exit 1",
    /could not be run|ended with/,
  ],
] as const) {
  test(`a hook that ${why} is told`, async (t) => {
    const { program } = await hook(t, script);
    const work = openDnsSolver(program, fakeClock()).present("a.test", PROOF);
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof AcmeFailure);
      assert.match(error.message, reason);
      assert.ok(error.message.length < 500);
      assert.match(error.cure, /run .*hook present _acme-challenge\.a\.test \S+ by hand/);
      return true;
    });
  });
}

test("a hook that is not there, or takes too long, is told", async (t) => {
  const missing = openDnsSolver("/nowhere/hook", fakeClock()).present("a.test", PROOF);
  await assert.rejects(missing, /could not be run \(ENOENT\)/);
  const { program, folder } = await hook(t, "echo > begun; exec sleep 60");
  const clock = fakeClock();
  const slow = openDnsSolver(program, clock).present("a.test", PROOF);
  const begun = () =>
    readFile(join(folder, "begun")).then(
      () => true,
      () => false,
    );
  while (!(await begun()));
  clock.advance(5 * MINUTE);
  await assert.rejects(slow, /took longer than 5 minutes/);
});
