import { Button, makeStyles, Spinner, Text } from "@fluentui/react-components";
import { DismissRegular } from "@fluentui/react-icons";
import { type ReactNode, Suspense } from "react";
import { FaultNotice } from "./fault-notice.tsx";
import { Warnings } from "./run-dialog.tsx";
import { texts } from "./texts.ts";
import type { Stream } from "./use-stream.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  line: { display: "flex", flexWrap: "wrap", gap: "12px", alignItems: "center" },
});

/** What a test has come to so far, above what it has put out; with the way to stop it. */
export function StreamView(props: {
  readonly stream: Stream;
  /** Property with the verdict of an object. */
  readonly verdict?: string;
  readonly children: ReactNode;
}) {
  const { stream, verdict, children } = props;
  const styles = useStyles();
  const { kind, objects, warnings, fault } = stream.state;
  if (kind === "idle") return null;
  const count = (wanted: string) =>
    verdict === undefined ? 0 : objects.filter((one) => one[verdict] === wanted).length;
  const words = {
    running: texts.streamRunning(objects.length),
    done: `${texts.streamDone(objects.length)}. ${
      verdict === undefined ? "" : texts.streamVerdicts(count("Warning"), count("Fail"))
    }`,
    cancelled: texts.streamCancelled,
    failed: "",
  }[kind];
  return (
    <div className={styles.root}>
      <div className={styles.line}>
        {kind === "running" && <Spinner size="tiny" aria-hidden />}
        <Text role="status" weight="semibold">
          {words}
        </Text>
        {kind === "running" && (
          <Button size="small" icon={<DismissRegular />} onClick={stream.cancel}>
            {texts.cancel}
          </Button>
        )}
      </div>
      {fault && <FaultNotice fault={fault} />}
      <Warnings warnings={warnings} />
      <Suspense>{objects.length > 0 && children}</Suspense>
    </div>
  );
}
