import { Button, makeStyles } from "@fluentui/react-components";
import { PlayRegular } from "@fluentui/react-icons";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useCmdlet } from "../../api/cmdlet-query.ts";
import { useFacts, type ValueSchema } from "../../api/facts.ts";
import { useMayRun } from "../../api/session.ts";
import { ValueField } from "../../widgets/form/value-field.tsx";
import { usePageState } from "../../widgets/page-state.ts";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { StreamView } from "../../widgets/stream-view.tsx";
import { useStream } from "../../widgets/use-stream.ts";
import {
  type ConnectorTest,
  callOfTest,
  readTestValues,
  type TestValues,
  writeTestValues,
} from "./connector-tests.ts";
import { TestAnswer } from "./test-answers.tsx";
import { texts } from "./troubleshooter-texts.ts";

const useStyles = makeStyles({
  root: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "16px 32px",
    alignItems: "start",
    "@media (min-width: 1200px)": { gridTemplateColumns: "360px minmax(0, 1fr)" },
  },
  fields: { display: "flex", flexDirection: "column", gap: "12px", maxWidth: "520px" },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
});

/** Asks what a test needs, runs it, and shows its steps as they come. */
export function ConnectorTestPanel(props: {
  readonly test: ConnectorTest;
  /** What is asked; absent: what the address says. */
  readonly initial?: TestValues;
}) {
  const { test, initial } = props;
  const styles = useStyles();
  const facts = useFacts(test.cmdlet);
  const [state, setState] = usePageState();
  const [values, setValues] = useState<TestValues>(() => initial ?? readTestValues(test, state));
  const stream = useStream();
  const choices = useConnectorNames(test);
  const call = callOfTest(test, values);
  const { start } = stream;
  // A link may ask for the test to be run at once.
  const isAsked = useRef(state["run"] === "1");
  const asked = useRef(call);
  useEffect(() => {
    if (isAsked.current) start(asked.current);
  }, [start]);
  if (facts === undefined) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (initial === undefined) {
      setState({ ...writeTestValues(test, values), run: undefined }, { isReplacing: true });
    }
    start(call);
  };
  const { fault, kind } = stream.state;
  return (
    <div className={styles.root}>
      <form className={styles.fields} onSubmit={submit} noValidate>
        {test.fields.map(({ parameter, label, isPlain }) => (
          <ValueField
            key={parameter}
            name={parameter}
            label={label}
            schema={schemaOf(facts.parameters[parameter] ?? {}, choices[parameter], isPlain)}
            value={values[parameter]}
            isRequired={facts.required.includes(parameter)}
            fault={fault?.parameter === parameter ? fault.message : undefined}
            onChange={(value) => setValues({ ...values, [parameter]: value })}
          />
        ))}
        <div className={styles.buttons}>
          <Button
            type="submit"
            appearance="primary"
            icon={<PlayRegular />}
            disabled={kind === "running"}
          >
            {kind === "idle" ? texts.run : texts.again}
          </Button>
          <ShowCmdlet call={call} />
        </div>
      </form>
      <section aria-label={texts.result}>
        <StreamView stream={stream} {...(test.verdict && { verdict: test.verdict })}>
          <TestAnswer test={test} stream={stream} />
        </StreamView>
      </section>
    </div>
  );
}

interface Choices {
  readonly names: readonly string[];
  readonly none: string;
}

/** Of a name that there are only some of, a choice is made. */
function schemaOf(
  { description, ...others }: ValueSchema,
  choices: Choices | undefined,
  isPlain: true | undefined,
): ValueSchema {
  const schema = { ...others, ...(!isPlain && description !== undefined && { description }) };
  if (choices === undefined || choices.names.length === 0) return schema;
  return {
    ...schema,
    "x-kind": "choice",
    "x-choices": choices.names,
    "x-default-text": choices.none,
  };
}

/** The connectors that a test may be about, by the parameter that names one. */
function useConnectorNames(test: ConnectorTest): Readonly<Record<string, Choices>> {
  const mayRun = useMayRun();
  const isOut = test.key === "outbound" && mayRun("Get-SendConnector");
  const isIn = test.key === "doors" && mayRun("Get-ReceiveConnector");
  const outgoing = useCmdlet({ cmdlet: "Get-SendConnector", parameters: {} }, { isEnabled: isOut });
  const incoming = useCmdlet(
    { cmdlet: "Get-ReceiveConnector", parameters: {} },
    { isEnabled: isIn },
  );
  const namesOf = (objects: readonly { readonly Identity: string | null }[] = []) =>
    objects.map(({ Identity }) => String(Identity));
  return {
    ...(isOut && {
      SendConnector: { names: namesOf(outgoing.data?.objects), none: texts.anyConnector },
    }),
    ...(isIn && {
      Identity: { names: namesOf(incoming.data?.objects), none: texts.allConnectors },
    }),
  };
}
