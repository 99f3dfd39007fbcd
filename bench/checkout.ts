import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../test/harness/peers.ts";
import type { Scope } from "../test/harness/scope.ts";
import { spawnToEnd } from "./child.ts";

/** Another revision in a work tree of its own, with its dependencies; goes with the scope. */
export async function checkOut(scope: Scope, root: string, revision: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "postrider-bench-"));
  const tree = join(folder, "tree");
  const added = await run("git", ["-C", root, "worktree", "add", "--detach", tree, revision]);
  scope.after(async () => {
    await run("git", ["-C", root, "worktree", "remove", "--force", tree]);
    await rm(folder, { recursive: true, force: true });
  });
  if (added.code !== 0) throw new Error(`git cannot check out ${revision}: ${added.stderr.trim()}`);
  const [here, there] = await Promise.all(
    [root, tree].map((path) => readFile(join(path, "package-lock.json"), "utf8")),
  );
  if (here === there) await symlink(join(root, "node_modules"), join(tree, "node_modules"));
  else await spawnToEnd("npm", ["ci", "--ignore-scripts", "--include=dev"], tree);
  return tree;
}
