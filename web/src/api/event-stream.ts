import { API_ROOT, requestJson } from "./request.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** News comes every two seconds; after so long without, what was told last is of the past. */
export const SILENCE_MS = 10_000;

/**
 * Listens to a topic until `signal`, and resolves then. A stream that breaks or falls silent (a
 * machine that slept, a proxy that cuts what takes long) is opened again.
 */
export async function streamEvents(
  topic: string,
  { signal, onValue }: { readonly signal: AbortSignal; readonly onValue: (json: string) => void },
): Promise<void> {
  if (signal.aborted) return;
  let source: EventSource | undefined;
  let timer: number | undefined;
  let failures = 0;
  const close = () => {
    window.clearTimeout(timer);
    source?.close();
  };
  const expectNews = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(openLater, SILENCE_MS);
  };
  const open = () => {
    source = new EventSource(`${API_ROOT}/events?topics=${topic}`);
    source.addEventListener(topic, ({ data }) => {
      failures = 0;
      expectNews();
      onValue(data);
    });
    source.addEventListener("end", openLater);
    // Not left to the browser: it gives up where the answer is none, and else never waits longer.
    source.addEventListener("error", openLater);
    expectNews();
  };
  function openLater() {
    close();
    // Whoever is signed out is told so by this question, as by any other.
    requestJson({ method: "GET", path: "/session", isBackground: true }).catch(() => undefined);
    timer = window.setTimeout(open, retryDelayMs(failures, Math.random()));
    failures += 1;
  }
  open();
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  close();
}
