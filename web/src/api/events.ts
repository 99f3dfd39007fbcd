import { useEffect, useState } from "react";
import { API_ROOT, requestJson } from "./request.ts";
import type { OutputOf } from "./run-cmdlet.ts";

/** What pages may be told of as it changes, by topic, with the cmdlet whose output it is. */
interface TopicCmdlets {
  readonly overview: "Get-TransportOverview";
}

/** A topic as it was last told, and whether more is coming. */
export interface LiveTopic<Value> {
  readonly value: Value | undefined;
  readonly isLive: boolean;
}

/** After a stream that was refused: the server may be starting, or too many may listen. */
const RETRY_MS = 10_000;

/**
 * Listens to a topic while the page can be seen. Streams that break are opened again; they do not
 * keep the session alive.
 */
export function useLiveTopic<Topic extends keyof TopicCmdlets>(
  topic: Topic,
): LiveTopic<OutputOf<TopicCmdlets[Topic]>> {
  const [value, setValue] = useState<OutputOf<TopicCmdlets[Topic]>>();
  const [isLive, setLive] = useState(false);
  useEffect(
    () =>
      listen(topic, {
        onValue: (json) => {
          // The server writes it by the schema that the type is made from.
          setValue(JSON.parse(json) as OutputOf<TopicCmdlets[Topic]>);
          setLive(true);
        },
        onSilence: () => setLive(false),
      }),
    [topic],
  );
  return { value, isLive };
}

interface Listener {
  readonly onValue: (json: string) => void;
  readonly onSilence: () => void;
}

/** Listens until the function that it returns is called. */
function listen(topic: string, { onValue, onSilence }: Listener): () => void {
  let source: EventSource | undefined;
  let retry: number | undefined;
  const close = () => {
    window.clearTimeout(retry);
    source?.close();
    source = undefined;
    onSilence();
  };
  const openLater = () => {
    close();
    // Whoever is signed out is told so by this question, as by any other.
    requestJson({ method: "GET", path: "/session", isBackground: true }).catch(() => undefined);
    retry = window.setTimeout(open, RETRY_MS);
  };
  const open = () => {
    if (document.hidden || source !== undefined) return;
    source = new EventSource(`${API_ROOT}/events?topics=${topic}`);
    source.addEventListener(topic, (event) => onValue(event.data));
    source.addEventListener("end", openLater);
    source.addEventListener("error", () => {
      // A connection that broke is opened again by the browser itself.
      if (source?.readyState === EventSource.CLOSED) openLater();
      else onSilence();
    });
  };
  const follow = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", follow);
  open();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    close();
  };
}
