import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { fakeClock } from "../base/clock.fake.ts";
import { silentDiagnostics } from "../base/diagnostics.ts";
import { createLinkRoute } from "./link-route.ts";

test("who sends his form slowly keeps nobody waiting, and is not waited for long", async () => {
  const clock = fakeClock();
  const answered: string[] = [];
  const route = createLinkRoute({
    ...{ clock, diagnostics: silentDiagnostics, failed: "link-failed" },
    async answer({ address, form }) {
      answered.push(`${address} ${form?.get("action")}`);
      return { status: 200, type: "text/html", body: "" };
    },
  });
  const post = (address: string, body: Readable) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const request = Object.assign(body, { method: "POST", url: "/quarantine/x", headers });
    // The route looks at no more of them.
    return route({ request, response: {}, address } as unknown as Parameters<typeof route>[0]);
  };
  const slow = Array.from({ length: 20 }, (_, at) => {
    const body = new Readable({ read: () => undefined });
    body.push("action=");
    return post(`192.0.2.${at % 5}`, body);
  });
  const quick = await post("192.0.2.1", Readable.from([Buffer.from("action=release")]));
  assert.equal(quick.status, 200);
  assert.deepEqual(answered, ["192.0.2.1 release"]);
  clock.advance(10_000);
  const answers = await Promise.all(slow);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [408]);
  assert.equal(answers[0]?.headers?.["connection"], "close");
  assert.equal(answered.length, 1);
});
