import { Button, makeStyles, Spinner, Text } from "@fluentui/react-components";
import { useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import type { AnyCall } from "../../api/run-cmdlet.ts";
import { useMayRun } from "../../api/session.ts";
import { textOf } from "../../base/text-of.ts";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { HeaderPaste } from "./header-paste.tsx";
import { HeaderReport } from "./header-report.tsx";
import type { Sentence } from "./sentence.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "12px" },
  line: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
});

/** The header of the message itself while it is here; afterwards one that is pasted. */
export function OwnHeader({ traceId }: { readonly traceId: string }) {
  const styles = useStyles();
  const mayRun = useMayRun();
  const parameters = { MessageTraceId: traceId };
  const { data, isPending } = useCmdlet({ cmdlet: "Get-MessageTraceDetail", parameters });
  if (isPending) return <Spinner label={texts.searching} />;
  const call = headerCall(data?.objects ?? [], { traceId, mayRun });
  return (
    <section className={styles.root} aria-label={texts.headers}>
      {call === undefined ? (
        <>
          <Text>{texts.headersGone}</Text>
          <HeaderPaste />
        </>
      ) : (
        <ReadHeader call={call} />
      )}
    </section>
  );
}

/** The cmdlet that shows the header of a copy that is still here; none when there is none. */
function headerCall(
  story: readonly Sentence[],
  may: { readonly traceId: string; readonly mayRun: (cmdlet: string) => boolean },
): AnyCall | undefined {
  const waiting = story.filter(({ Queue }) => Queue);
  const [first] = waiting;
  if (first !== undefined && may.mayRun("Get-MessageHeader")) {
    return { cmdlet: "Get-MessageHeader", parameters: { Identity: `${first.InternalMessageId}` } };
  }
  const kept = waiting.find(({ Queue }) => Queue === "Quarantine");
  if (kept === undefined || !may.mayRun("Preview-QuarantineMessage")) return undefined;
  const Identity = `${may.traceId}\\${kept.InternalMessageId}`;
  return { cmdlet: "Preview-QuarantineMessage", parameters: { Identity } };
}

/** Read when it is asked for: who looks into a message is in the audit log. */
function ReadHeader({ call }: { readonly call: AnyCall }) {
  const styles = useStyles();
  const { state, run, cancel } = useRun();
  const [isPasting, setPasting] = useState(false);
  const shown = state.kind === "done" ? state.result.objects[0] : undefined;
  return (
    <>
      <div className={styles.line}>
        <Button
          appearance="primary"
          disabled={state.kind === "running"}
          onClick={() => {
            setPasting(false);
            void run(call);
          }}
        >
          {texts.headersShow}
        </Button>
        <Button onClick={() => setPasting(!isPasting)} aria-expanded={isPasting}>
          {texts.headersPaste}
        </Button>
        <ShowCmdlet call={call} />
      </div>
      {state.kind === "running" && <RunProgress progress={state.progress} onCancel={cancel} />}
      {state.kind === "failed" && <FaultNotice fault={state.fault} />}
      {isPasting && <HeaderPaste />}
      {shown && !isPasting && (
        <>
          {shown["IsTruncated"] === true && <Text>{texts.headersTruncated}</Text>}
          <HeaderReport text={textOf(shown["Header"] ?? "")} />
        </>
      )}
    </>
  );
}
