// A process of its own: opens sessions, greets, and stays idle until its standard input ends.
import { SmtpClient } from "../test/harness/smtp-client.ts";

const BATCH = 100;
const [port = 0, count = 0] = process.argv.slice(2).map(Number);
const clients: SmtpClient[] = [];
while (clients.length < count) {
  const size = Math.min(BATCH, count - clients.length);
  const batch = await Promise.all(Array.from({ length: size }, () => SmtpClient.open(port)));
  await Promise.all(batch.map((client) => client.command("EHLO idle.test", 250)));
  clients.push(...batch);
}
console.log("open");
process.stdin.on("end", () => {
  for (const client of clients) client.destroy();
});
process.stdin.resume();
