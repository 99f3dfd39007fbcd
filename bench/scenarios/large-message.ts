import { contoso } from "../../test/harness/contoso.ts";
import { eventually } from "../../test/harness/eventually.ts";
import { freePort } from "../../test/harness/free-port.ts";
import { sendLargeMessage } from "../../test/harness/large-message.ts";
import { measureGrowth } from "../../test/harness/memory.ts";
import { startServer } from "../../test/harness/server.ts";
import { startSink } from "../../test/harness/sink.ts";
import { configurationFor } from "../revision.ts";
import type { Figure, Round, Scenario } from "../scenario.ts";

const MiB = 1024 * 1024;

/** Memory that relaying one large message costs. */
export const largeMessage: Scenario = {
  name: "large-message",
  missing: () => undefined,
  async run(round: Round): Promise<readonly Figure[]> {
    const sink = await startSink(round.scope, { port: await freePort(), digest: "body" });
    const relayPort = await freePort();
    const server = await startServer(round.scope, {
      root: round.root,
      configuration: await configurationFor(
        round.root,
        contoso({
          smtpPort: await freePort(),
          relayPort,
          smartHostPort: sink.port,
          receiveConnector: { maxMessageSize: "200MB" },
          sendConnector: { maxMessageSize: "unlimited" },
          transportConfig: { maxReceiveSize: "unlimited", maxSendSize: "unlimited" },
        }),
      ),
    });
    const relay = async (bytes: number): Promise<void> => {
      const seen = sink.messages.length;
      const sent = await sendLargeMessage(relayPort, { bytes, to: "someone@fabrikam.test" });
      const wait = { what: "the message at the sink", withinMs: 180_000 };
      await eventually(wait, () => sink.messages.length > seen || undefined);
      if (sink.messages.at(-1)?.content !== sent.bodyDigest) throw new Error("not what was sent");
    };
    await relay(MiB);
    const megabytes = round.quick ? 20 : 150;
    round.progress(`relaying ${megabytes} MB`);
    const growth = await measureGrowth(server.pid, relay(megabytes * 1_000_000));
    const name = `relaying one message of ${megabytes} MB: memory`;
    return [{ name, value: growth / MiB, unit: "MiB", better: "lower", must: 64, aim: 32 }];
  },
};
