import { Button, Field, makeStyles, ProgressBar } from "@fluentui/react-components";
import type { Progress } from "../api/run-cmdlet.ts";
import { formatBytes } from "../base/format.ts";
import { formatNumber } from "../base/texts.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", alignItems: "end", gap: "12px" },
  bar: { flexGrow: 1 },
});

/** How far a run has come, and the way to stop it. */
export function RunProgress(props: {
  readonly progress: Progress | undefined;
  readonly onCancel?: (() => void) | undefined;
}) {
  const { progress, onCancel } = props;
  const styles = useStyles();
  const { activity = texts.running, done = 0, total, unit = "" } = progress ?? {};
  const show = (value: number) => (unit === "bytes" ? formatBytes(value) : formatNumber(value));
  const words = unit === "bytes" ? "" : unit;
  const message =
    progress === undefined
      ? undefined
      : total === undefined
        ? texts.progressUnknown(show(done), words)
        : texts.progress(show(done), show(total), words);
  return (
    <div className={styles.root}>
      <Field
        className={styles.bar}
        label={activity}
        validationMessage={message}
        validationState="none"
      >
        {total === undefined || total === 0 ? (
          <ProgressBar aria-label={activity} />
        ) : (
          <ProgressBar aria-label={activity} value={Math.min(1, done / total)} />
        )}
      </Field>
      {onCancel && <Button onClick={onCancel}>{texts.cancel}</Button>}
    </div>
  );
}
