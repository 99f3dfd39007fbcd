import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./eventually.ts";

/** The folder of a mailbox. */
export function maildirPath(dataFolder: string, address: string): string {
  return join(dataFolder, "mailboxes", address, "Maildir");
}

/** What has been delivered to a mailbox, as text in latin1, in the order of file names. */
export async function readMaildir(dataFolder: string, address: string): Promise<readonly string[]> {
  const path = maildirPath(dataFolder, address);
  const messages: string[] = [];
  for (const folder of ["new", "cur"]) {
    const names = await readdir(join(path, folder)).catch((): string[] => []);
    for (const name of names.sort()) {
      messages.push(await readFile(join(path, folder, name), "latin1"));
    }
  }
  return messages;
}

/** Waits until a mailbox holds so many messages (or more), and reads them. */
export function waitForMail(
  dataFolder: string,
  want: { readonly address: string; readonly count: number; readonly withinMs?: number },
): Promise<readonly string[]> {
  const what = `${want.count} messages for ${want.address}`;
  return eventually({ what, withinMs: want.withinMs ?? 30_000 }, async () => {
    const messages = await readMaildir(dataFolder, want.address);
    return messages.length >= want.count ? messages : undefined;
  });
}
