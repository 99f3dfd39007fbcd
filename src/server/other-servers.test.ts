import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "../base/clock.ts";
import { openOtherServers } from "./other-servers.ts";

const dataDirectory = mkdtempSync(join(tmpdir(), "postrider-other-servers-"));
after(() => rmSync(dataDirectory, { recursive: true }));
const CALL = { cmdlet: "Get-Queue", parameters: {}, timeoutMs: 5_000 };

test("without the folder no other server is known", async () => {
  const servers = openOtherServers({ dataDirectory, clock: systemClock });
  assert.deepEqual(await servers.names(), []);
});

test("names come from files; a file that is wrong is told without its token", async () => {
  const folder = join(dataDirectory, "servers");
  mkdirSync(folder);
  writeFileSync(join(folder, "mx2.contoso.test.json"), '{ "token": "s3cret", url');
  writeFileSync(join(folder, "mx3.contoso.test.json"), '{ "token": "s3cret", "url": "http://x" }');
  writeFileSync(
    join(folder, "mx4.contoso.test.json"),
    '{ "token": "s3cret", "url": "https://127.0.0.1:1" }',
  );
  writeFileSync(join(folder, "README"), "");
  const servers = openOtherServers({ dataDirectory, clock: systemClock });
  const names = await servers.names();
  assert.deepEqual(names, ["mx2.contoso.test", "mx3.contoso.test", "mx4.contoso.test"]);
  for (const [name, problem] of [
    ["mx2.contoso.test", /mx2\.contoso\.test\.json cannot be read as JSON$/],
    ["mx3.contoso.test", /must have "url" \(https:/],
    ["mx4.contoso.test", /ECONNREFUSED/],
  ] as const) {
    await assert.rejects(servers.run(name, CALL), (error: Error) => {
      assert.match(error.message, problem);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  }
});
