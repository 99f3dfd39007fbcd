import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular, DismissRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import { type AnyCall, runAny } from "../api/run-cmdlet.ts";
import { formatCsv, saveCsv } from "../base/csv.ts";
import { useNotify } from "./notify.tsx";
import { texts } from "./texts.ts";

/** How often the button says how far it is. */
const TOLD_EVERY = 1_000;

/** Saves all that a list would show, filtered and sorted as it is; pressed again, gives it up. */
export function ListExport(props: {
  readonly call: AnyCall;
  /** Of the file. */
  readonly name: string;
  /** Properties of its objects. */
  readonly columns: readonly string[];
}) {
  const { call, name, columns } = props;
  const notify = useNotify();
  const [count, setCount] = useState<number>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const save = async () => {
    const control = new AbortController();
    running.current = control;
    setCount(0);
    const objects: Readonly<Record<string, unknown>>[] = [];
    try {
      const parameters = { ...call.parameters, ResultSize: "unlimited" };
      await runAny<Readonly<Record<string, unknown>>>(
        { ...call, parameters },
        {
          signal: control.signal,
          onObject: (value) => {
            objects.push(value);
            if (objects.length % TOLD_EVERY === 0) setCount(objects.length);
          },
        },
      );
      saveCsv({ name, csv: formatCsv(objects, columns) });
      notify({ title: texts.exported(name) });
    } catch (error) {
      const title = error instanceof Error ? error.message : String(error);
      if (!control.signal.aborted) notify({ title, intent: "error" });
    }
    setCount(undefined);
  };
  if (count !== undefined) {
    return (
      <Button
        appearance="subtle"
        icon={<DismissRegular />}
        onClick={() => running.current?.abort()}
      >
        {texts.cancelExport(count)}
      </Button>
    );
  }
  return (
    <Button appearance="subtle" icon={<ArrowDownloadRegular />} onClick={() => void save()}>
      {texts.exportList}
    </Button>
  );
}
