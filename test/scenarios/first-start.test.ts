import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const PROGRAM = join(import.meta.dirname, "../../bin/postrider");
/** A network of its own, where the ports of mail are free and nobody else is. */
const OWN_NETWORK = ["--map-root-user", "--net"] as const;

interface Started {
  readonly output: string;
  readonly code: number | null;
}

/** Starts the server without a configuration, and ends it once it is ready. */
async function startOn(dataFolder: string): Promise<Started> {
  const script = `ip link set lo up && exec "${PROGRAM}" serve --data-dir "${dataFolder}"`;
  const child = spawn("unshare", [...OWN_NETWORK, "sh", "-c", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (text: string) => {
    output += text;
    if (/^postrider ready$/m.test(output)) child.kill("SIGTERM");
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const late = setTimeout(() => child.kill("SIGKILL"), 60_000);
  await once(child, "close");
  clearTimeout(late);
  return { output, code: child.exitCode };
}

test("a start on nothing makes an organization, says what, and keeps it", async (context) => {
  const possible = spawnSync("unshare", [...OWN_NETWORK, "ip", "link", "set", "lo", "up"]);
  if (possible.status !== 0) {
    context.diagnostic("a network of its own is not permitted here: nothing tried");
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "postrider-first-start-"));
  try {
    const first = await startOn(join(folder, "data"));
    assert.equal(first.code, 0, first.output);
    const created = first.output
      .split("\n")
      .filter((line) => line.includes("organization-created"));
    assert.equal(created.length, 1, first.output);
    for (const word of ["Default Frontend", "0.0.0.0:25", "0.0.0.0:587", "0.0.0.0:465"]) {
      assert.ok(created[0]?.includes(word), word);
    }
    const second = await startOn(join(folder, "data"));
    assert.equal(second.code, 0, second.output);
    assert.ok(!second.output.includes("organization-created"));
  } finally {
    await rm(folder, { recursive: true });
  }
});
