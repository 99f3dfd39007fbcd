import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { createTestAuthority } from "../tls/test-authority.fake.ts";
import { openAccountKey } from "./account-key.ts";
import { AcmeClient } from "./acme-client.ts";
import { AcmeFailure } from "./acme-failure.ts";
import { fakeAuthority } from "./authority.fake.ts";
import type { ChallengeSolver } from "./challenge-solver.ts";
import { runOrder } from "./order-run.ts";

const ORIGIN = "https://acme.test";

interface Odds {
  /** What the authority wants proved. */
  readonly names?: readonly string[];
  /** Status of the order once its names are proved. */
  readonly outcome?: "valid" | "invalid";
  readonly cleanUp?: () => Promise<void>;
  readonly certificate?: string;
}

/** An order for a.test, and what the solver was asked for. */
async function order(t: TestContext, odds: Odds) {
  const folder = await mkdtemp(join(tmpdir(), "postrider-order-"));
  t.after(() => rm(folder, { recursive: true }));
  const stateFile = join(folder, "order.json");
  const names = odds.names ?? ["a.test"];
  let proved = 0;
  const clock = fakeClock();
  const orderAnswer = () => ({
    status: 200,
    headers: { location: `${ORIGIN}/order/1` },
    body: JSON.stringify({
      status: proved < names.length ? "pending" : (odds.outcome ?? "invalid"),
      authorizations: names.map((_, index) => `${ORIGIN}/authz/${index}`),
      finalize: `${ORIGIN}/finalize`,
      certificate: `${ORIGIN}/certificate`,
    }),
  });
  const authority = fakeAuthority((path) => {
    if (path === "/account") return undefined;
    if (path === "/certificate") return { body: odds.certificate ?? "" };
    if (path.startsWith("/challenge/")) {
      proved += 1;
      return { body: "{}" };
    }
    if (!path.startsWith("/authz/")) return orderAnswer();
    const index = Number(path.slice("/authz/".length));
    const status = index < proved ? "valid" : "pending";
    const challenge = { type: "dns-01", url: `${ORIGIN}/challenge/${index}`, status, token: "tok" };
    const identifier = { type: "dns", value: names[index] };
    return { body: JSON.stringify({ status, identifier, challenges: [challenge] }) };
  });
  const key = await openAccountKey(join(folder, "account.key"));
  const directoryUrl = `${ORIGIN}/directory`;
  const client = new AcmeClient({ exchange: authority.exchange, clock, key, directoryUrl });
  await client.openAccount([]);
  const presented: string[] = [];
  const solver: ChallengeSolver = {
    type: "dns-01",
    present: async (domain) => void presented.push(domain),
    cleanUp: odds.cleanUp ?? (async () => undefined),
    close: async () => undefined,
  };
  const warned: string[] = [];
  const failure = await runOrder({
    client,
    directoryUrl,
    domains: ["a.test"],
    openSolver: async () => solver,
    stateFile,
    replaces: undefined,
    told: () => undefined,
    warn: ({ message }) => void warned.push(message),
  }).then(
    () => "",
    (error: unknown) => {
      assert.ok(error instanceof AcmeFailure, String(error));
      return error.message;
    },
  );
  return { failure, presented, warned, isRemembered: existsSync(stateFile) };
}

for (const [why, names] of [
  ["a name that nobody asked for", ["b.test"]],
  ["what is no name, but words for the hook's shell", ["$(reboot).a.test"]],
  ["more names than were asked for", ["a.test", "b.test"]],
] as const) {
  test(`an authority that wants proved ${why} gets nothing`, async (t) => {
    const { failure, presented } = await order(t, { names });
    assert.match(failure, /not asked for|more names/);
    assert.deepEqual(presented, []);
  });
}

test("a record that cannot be removed is told, and the order goes on", async (t) => {
  const { failure, presented, warned } = await order(t, {
    cleanUp: () => Promise.reject(new AcmeFailure("acme.dnsHook failed at cleanup", "see why")),
  });
  assert.deepEqual(presented, ["a.test"]);
  assert.deepEqual(warned, ["acme.dnsHook failed at cleanup"]);
  assert.match(failure, /the order is invalid/);
});

test("a certificate for another key is not installed, and does not come again", async (t) => {
  const root = await createTestAuthority("Fake");
  const { pem } = await root.issue({ names: ["a.test"] });
  const { failure, isRemembered } = await order(t, { outcome: "valid", certificate: pem });
  assert.match(failure, /the private key belongs to another certificate/);
  assert.equal(isRemembered, false);
});
