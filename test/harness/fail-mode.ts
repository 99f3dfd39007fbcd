import { eventually } from "./eventually.ts";
import type { Configuration, TestServer } from "./server.ts";

/**
 * Gives an agent another fail mode by the configuration file, and tries until the reply is as it
 * has to be then.
 */
export async function setFailMode(
  server: TestServer,
  configuration: Configuration,
  how: {
    readonly agent: string;
    readonly failMode: string;
    readonly attempt: () => Promise<string>;
    readonly want: RegExp;
  },
): Promise<void> {
  const { agent: name, failMode, attempt, want } = how;
  await server.configure({ ...configuration, transportAgents: [{ name, failMode }] });
  server.signal("SIGHUP");
  await eventually({ what: `fail mode ${failMode}: ${want}` }, async () =>
    want.test(await attempt()),
  );
}
