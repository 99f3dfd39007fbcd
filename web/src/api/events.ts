import { useEffect, useState } from "react";
import { SILENCE_MS, streamEvents } from "./event-stream.ts";
import type { OutputOf } from "./run-cmdlet.ts";
import { useSession } from "./session.ts";

/** What pages may be told of as it changes, by topic, with the cmdlet whose output it is. */
interface TopicCmdlets {
  readonly overview: "Get-TransportOverview";
}

/** A topic as it was last told, and whether more is coming. */
export interface LiveTopic<Value> {
  readonly value: Value | undefined;
  readonly isLive: boolean;
}

/**
 * Listens to a topic while the page can be seen. Streams that break are opened again; they do not
 * keep the session alive.
 */
export function useLiveTopic<Topic extends keyof TopicCmdlets>(
  topic: Topic,
): LiveTopic<OutputOf<TopicCmdlets[Topic]>> {
  const { name } = useSession();
  const [value, setValue] = useState<OutputOf<TopicCmdlets[Topic]>>();
  const [isLive, setLive] = useState(false);
  useEffect(
    () =>
      listen({
        topic,
        name,
        onValue: (json) => {
          // The server writes it by the schema that the type is made from.
          setValue(JSON.parse(json) as OutputOf<TopicCmdlets[Topic]>);
          setLive(true);
        },
        onSilence: () => setLive(false),
      }),
    [topic, name],
  );
  return { value, isLive };
}

interface Listener {
  readonly topic: string;
  /** Who listens. */
  readonly name: string;
  readonly onValue: (json: string) => void;
  readonly onSilence: () => void;
}

/**
 * Listens until the function that it returns is called. A browser has six connections to a server,
 * and a stream keeps one: of all windows that can be seen one listens, and tells the others. When
 * it goes, however that is, the browser gives its turn to the next.
 */
function listen({ topic, name, onValue, onSilence }: Listener): () => void {
  // Windows of somebody else, who may see more, are not heard.
  const shared = `postrider-live ${topic} ${name}`;
  const others = new BroadcastChannel(shared);
  let turn: AbortController | undefined;
  let timer: number | undefined;
  const hear = (json: string) => {
    if (turn === undefined) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(onSilence, SILENCE_MS);
    onValue(json);
  };
  others.addEventListener("message", ({ data }: MessageEvent<string>) => hear(data));
  const stop = () => {
    window.clearTimeout(timer);
    turn?.abort();
    turn = undefined;
    onSilence();
  };
  const start = () => {
    if (turn !== undefined) return;
    turn = new AbortController();
    const { signal } = turn;
    const tellAll = (json: string) => {
      others.postMessage(json);
      hear(json);
    };
    navigator.locks
      .request(shared, { signal }, () => streamEvents(topic, { signal, onValue: tellAll }))
      .catch(() => undefined);
  };
  const follow = () => (document.hidden ? stop() : start());
  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    stop();
    others.close();
  };
}
