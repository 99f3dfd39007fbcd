import { Button, makeStyles, Text, tokens } from "@fluentui/react-components";
import { ArrowClockwiseRegular } from "@fluentui/react-icons";
import { useEffect } from "react";
import type { ParametersOf } from "../../api/run-cmdlet.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { StreamView } from "../../widgets/stream-view.tsx";
import { TreeView } from "../../widgets/tree-view.tsx";
import { useStream } from "../../widgets/use-stream.ts";
import { texts } from "./texts.ts";

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "8px" },
  tools: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
  about: { flexGrow: 1, flexBasis: "300px", color: tokens.colorNeutralForeground2 },
});

/** Why a message is where it is, step by step as the server works it out. */
export function ExplainView(props: { readonly parameters: ParametersOf<"Explain-Message"> }) {
  const styles = useStyles();
  const stream = useStream();
  const { start } = stream;
  const key = JSON.stringify(props.parameters);
  const call = { cmdlet: "Explain-Message", parameters: props.parameters } as const;
  useEffect(() => {
    start({ cmdlet: "Explain-Message", parameters: JSON.parse(key) });
  }, [start, key]);
  return (
    <section className={styles.root} aria-label={texts.why}>
      <div className={styles.tools}>
        <Text className={styles.about}>{texts.explainAbout}</Text>
        <ShowCmdlet call={call} />
        <Button
          appearance="subtle"
          icon={<ArrowClockwiseRegular />}
          aria-label={texts.explain}
          onClick={() => start(call)}
        />
      </div>
      <StreamView stream={stream} verdict="Verdict">
        <TreeView cmdlet="Explain-Message" objects={stream.state.objects} label={texts.why} />
      </StreamView>
    </section>
  );
}
