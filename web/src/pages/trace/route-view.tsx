import { Button, Field, Input, makeStyles, Text, tokens } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { StreamView } from "../../widgets/stream-view.tsx";
import { TreeView } from "../../widgets/tree-view.tsx";
import { useStream } from "../../widgets/use-stream.ts";
import { texts } from "./texts.ts";
import type { TraceRow } from "./traced-message.ts";

/** As many as the cmdlet takes. */
const RECIPIENTS_MAX = 50;

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "8px" },
  about: { color: tokens.colorNeutralForeground2 },
  form: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "end" },
  field: { flexGrow: 1, flexBasis: "220px" },
});

/** What would become of the same message if it were sent now; who, to whom and whence may vary. */
export function RouteView(props: {
  readonly rows: readonly TraceRow[];
  readonly first: TraceRow;
  readonly recipient: string | undefined;
}) {
  const { rows, first, recipient } = props;
  const styles = useStyles();
  const stream = useStream();
  const all = rows.map((row) => row.Via?.[0] ?? row.RecipientAddress ?? "");
  const wanted = recipient === undefined ? [...new Set(all)].slice(0, RECIPIENTS_MAX) : [recipient];
  const [sender, setSender] = useState(first.SenderAddress ?? "");
  const [to, setTo] = useState(wanted.join(", "));
  const [client, setClient] = useState(first.FromIP ?? "");
  const call = {
    cmdlet: "Test-MessageRoute",
    parameters: {
      Sender: sender.trim() === "" ? "<>" : sender.trim(),
      Recipients: to.split(/[\s,;]+/).filter(Boolean),
      ...(first.Size ? { Size: first.Size } : {}),
      ...(client.trim() === "" ? {} : { ClientAddress: client.trim() }),
    },
  } as const;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    stream.start(call);
  };
  return (
    <section className={styles.root} aria-label={texts.now}>
      <Text className={styles.about}>{texts.routeAbout}</Text>
      <form className={styles.form} onSubmit={submit}>
        <Field className={styles.field} label={texts.routeFrom}>
          <Input value={sender} onChange={(_event, { value }) => setSender(value)} />
        </Field>
        <Field className={styles.field} label={texts.routeTo}>
          <Input value={to} onChange={(_event, { value }) => setTo(value)} />
        </Field>
        <Field className={styles.field} label={texts.routeClient}>
          <Input value={client} onChange={(_event, { value }) => setClient(value)} />
        </Field>
        <Button type="submit" appearance="primary" disabled={stream.state.kind === "running"}>
          {texts.route}
        </Button>
        <ShowCmdlet call={call} />
      </form>
      <StreamView stream={stream} verdict="Verdict">
        <TreeView cmdlet="Test-MessageRoute" objects={stream.state.objects} label={texts.now} />
      </StreamView>
    </section>
  );
}
