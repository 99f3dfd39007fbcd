import { spawn } from "node:child_process";
import { connect } from "node:net";
import { userInfo } from "node:os";

const RUN_WITHIN_MS = 60_000;

/** What a program said and how it ended. */
export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, with text for its standard input. */
export async function run(
  program: string,
  options: readonly string[],
  input = "",
): Promise<RunResult> {
  const child = spawn(program, options, { stdio: ["pipe", "pipe", "pipe"] });
  const late = setTimeout(() => child.kill("SIGKILL"), RUN_WITHIN_MS);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.on("error", () => child.stdin.destroy()); // it may end without reading all of it
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(late);
  return { code, stdout, stderr };
}

/** Sends a message with swaks. */
export function swaks(port: number, ...options: readonly string[]): Promise<RunResult> {
  return run("swaks", ["--server", "127.0.0.1", "--port", String(port), ...options]);
}

/** Sends a message with curl. */
export function curlMail(
  port: number,
  mail: { readonly from: string; readonly to: string; readonly content: string },
): Promise<RunResult> {
  const envelope = ["--mail-from", mail.from, "--mail-rcpt", mail.to];
  const options = ["--silent", "--show-error", `smtp://127.0.0.1:${port}`, ...envelope];
  return run("curl", [...options, "--upload-file", "-"], mail.content);
}

/** Runs a Python program, with its arguments in `sys.argv`. */
export function python(program: string, ...options: readonly string[]): Promise<RunResult> {
  return run("python3", ["-", ...options], program);
}

/** Who reads and writes the mail. */
export interface MailUser {
  readonly uid: number;
  readonly gid: number;
  readonly username: string;
}

/** Dovecot reads no mail as root: then it is Debian's user "mail", who must own the mailboxes. */
export async function mailUser(): Promise<MailUser> {
  const self = userInfo();
  if (self.uid !== 0) return self;
  const [uid = 0, gid = 0] = await Promise.all(
    ["-u", "-g"].map(async (option) => Number((await run("id", [option, "mail"])).stdout)),
  );
  return { uid, gid, username: "mail" };
}

/** Whether somebody takes connections there. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
