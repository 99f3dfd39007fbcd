// `npm start`: the server with the sample organization, and how to send it a first message.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bringAdminCenter } from "./admin-center.mjs";

const HINT = `
Send the first message:

  swaks --server 127.0.0.1:2525 --to alice@contoso.test --from you@example.com

or, without swaks:

  printf 'Subject: Hello\\r\\n\\r\\nIt works.\\r\\n' | curl --silent --show-error \\
    smtp://127.0.0.1:2525 --mail-from you@example.com --mail-rcpt alice@contoso.test -T -

It arrives in var/mailboxes/alice@contoso.test/Maildir/new/. Ctrl-C stops the server.
`;

const SETUP_HINT = `
Open this link to make the first administrator. The certificate is the server's own, so that the
browser warns of it once.
`;

const root = join(import.meta.dirname, "..");
if (!bringAdminCenter(root)) {
  // Mail does not wait for a web page.
  console.error("postrider: it could not be built, as said above; the server starts without it.");
}
const server = spawn(
  join(root, "bin/postrider"),
  ["serve", "--config", "sample/postrider.yaml", "--data-dir", "var", ...process.argv.slice(2)],
  { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
);
createInterface({ input: server.stdout }).on("line", (line) => {
  console.log(line);
  if (line === "postrider ready") console.log(HINT);
  // What the line before it says, in a place where it is seen.
  if (line.includes("/admin/setup#")) console.log(SETUP_HINT);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => server.kill("SIGTERM"));
}
server.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGTERM" ? 143 : 1);
});
