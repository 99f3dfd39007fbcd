// The Debian packages that the scenario tests need, listed in test/packages.json.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const POLICY = "/usr/sbin/policy-rc.d";

/** Names of the listed packages that are not installed. */
export function findMissing(root) {
  const { packages } = JSON.parse(readFileSync(join(root, "test/packages.json"), "utf8"));
  return packages.map((entry) => entry.name).filter((name) => !isInstalled(name));
}

function isInstalled(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of dpkg-query
  const query = ["--show", "--showformat=${db:Status-Status}", name];
  const { stdout, error } = spawnSync("dpkg-query", query, { encoding: "utf8" });
  if (error !== undefined) {
    throw new Error("dpkg-query is missing: the tests need Debian 12 or a system derived from it");
  }
  return stdout === "installed";
}

/** Installs packages with apt-get and starts none of their services. True when all went well. */
export function installPackages(names) {
  const restore = forbidServices();
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const run = (program, options, input = "") =>
    spawnSync(program, options, { env, input, stdio: ["pipe", "inherit", "inherit"] }).status === 0;
  try {
    // Postfix would otherwise set itself up as a mail server for the whole network.
    const answers = "postfix postfix/main_mailer_type select Local only\n";
    return (
      run("debconf-set-selections", [], answers) &&
      run("apt-get", ["update", "-qq"]) &&
      run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names])
    );
  } finally {
    restore();
  }
}

/** Debian asks policy-rc.d before it starts a service; an administrator's own answer stays. */
function forbidServices() {
  if (existsSync(POLICY)) return () => {};
  writeFileSync(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => rmSync(POLICY, { force: true });
}
