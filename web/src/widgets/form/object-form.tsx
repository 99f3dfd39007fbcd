import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Button,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Text,
} from "@fluentui/react-components";
import { type FormEvent, useMemo, useRef, useState } from "react";
import { CmdletFault } from "../../api/cmdlet-fault.ts";
import { type CmdletFacts, useFacts } from "../../api/facts.ts";
import { runAny } from "../../api/run-cmdlet.ts";
import { FaultNotice } from "../fault-notice.tsx";
import { Warnings } from "../run-dialog.tsx";
import { RunProgress } from "../run-progress.tsx";
import { ShowCmdlet } from "../show-cmdlet.tsx";
import { texts } from "../texts.ts";
import { useRun } from "../use-run.ts";
import { ConflictNotice } from "./conflict-notice.tsx";
import { changedValues, type FormValues, mergeValues } from "./form-values.ts";
import { LeaveGuard } from "./leave-guard.tsx";
import { ValueField } from "./value-field.tsx";

/** Some fields under a title. */
export interface FormSection {
  readonly title: string;
  readonly fields: readonly string[];
}

/** A form made of what is said of a cmdlet. */
export interface ObjectFormProps {
  /** `New-…` or `Set-…`. */
  readonly cmdlet: string;
  /** The object that is edited, as its Get cmdlet shows it; absent: one is made. */
  readonly object?: FormValues;
  /** Values to begin with, of one that is made. */
  readonly initial?: FormValues;
  /** Fields in their order; parameters that are in none follow under "More settings". */
  readonly sections: readonly FormSection[];
  /** Parameters that the form leaves alone. */
  readonly except?: readonly string[];
  /** Labels in place of those made from the names. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly onDone: (name: string) => void;
  readonly onCancel: () => void;
}

const useStyles = makeStyles({
  root: { display: "flex", flexDirection: "column", gap: "16px", maxWidth: "720px" },
  fields: { display: "flex", flexDirection: "column", gap: "16px" },
  buttons: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
});

const NOT_IN_FORMS = new Set(["Identity", "IfMatch", "Server"]);

/**
 * Makes or changes an object. Only what was changed is sent; when somebody else has changed the
 * object meanwhile, his changes are shown and kept unless both have changed the same.
 */
export function ObjectForm(props: ObjectFormProps) {
  const { cmdlet, object, initial = {}, onDone, onCancel } = props;
  const facts = useFacts(cmdlet);
  const styles = useStyles();
  const [base, setBase] = useState<FormValues>(object ?? {});
  const [values, setValues] = useState<FormValues>(object ?? initial);
  const [conflict, setConflict] = useState<{ readonly theirs: FormValues | undefined }>();
  const runner = useRun();
  const { state } = runner;
  const identity = object?.["Identity"];
  const changes = useMemo(
    () => onlyParameters(facts, changedValues(base, values)),
    [facts, base, values],
  );
  const isChanged = Object.keys(changes).length > 0;
  // Known before React draws again: saving leads away from the form.
  const isSaved = useRef(false);
  if (facts === undefined) return null;
  const etag = base["ETag"];
  const call = {
    cmdlet,
    parameters: {
      ...(identity === undefined ? {} : { Identity: identity }),
      ...changes,
      ...(typeof etag === "string" && "IfMatch" in facts.parameters ? { IfMatch: etag } : {}),
    },
  };
  const shownCall = { cmdlet, parameters: { ...call.parameters, IfMatch: undefined } };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setConflict(undefined);
    if (!(await runner.run(call))) return;
    isSaved.current = true;
    onDone(String(values["Name"] ?? identity ?? ""));
  };
  const fault = state.kind === "failed" ? state.fault : undefined;
  const isConflict = fault?.code === "conflict" && object !== undefined && etag !== undefined;
  const read = async () => setConflict({ theirs: await readAgain(cmdlet, identity) });
  const take = (theirs: FormValues, mine: FormValues) => {
    setBase(theirs);
    setValues(mine);
    setConflict(undefined);
    runner.reset();
  };
  const { parameter } = fault ?? {};
  const isDeclared = declaredIn(object) !== undefined;
  return (
    <form className={styles.root} onSubmit={(event) => void submit(event)} noValidate>
      <LeaveGuard isNeeded={() => isChanged && !isSaved.current} />
      <Declared file={declaredIn(object)} />
      <Fields {...props} facts={facts} values={values} onChange={setValues} fault={fault} />
      {state.kind === "running" && (
        <RunProgress progress={state.progress} onCancel={runner.cancel} />
      )}
      {fault && !isConflict && (parameter === undefined || !isShown(props, facts, parameter)) && (
        <FaultNotice fault={fault} />
      )}
      {fault && isConflict && (
        <ConflictNotice
          fault={fault}
          theirs={conflict}
          merge={(theirs) => mergeValues({ base, mine: values, theirs })}
          mine={values}
          onRead={() => void read()}
          onTake={take}
        />
      )}
      {state.kind === "done" && <Warnings warnings={state.result.warnings} />}
      <div className={styles.buttons}>
        <Button
          type="submit"
          appearance="primary"
          disabled={state.kind === "running" || isDeclared || (object !== undefined && !isChanged)}
        >
          {object === undefined ? texts.create : texts.save}
        </Button>
        <Button onClick={onCancel}>{texts.cancel}</Button>
        <ShowCmdlet call={shownCall} />
        {object !== undefined && (
          <Text size={200}>
            {isChanged ? texts.changed(Object.keys(changes).length) : texts.nothingChanged}
          </Text>
        )}
      </div>
    </form>
  );
}

/** What a configuration file declares is changed there. */
function Declared({ file }: { readonly file: string | undefined }) {
  if (file === undefined) return null;
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>{texts.declaredIn(file)}</MessageBarBody>
    </MessageBar>
  );
}

function declaredIn(object: FormValues | undefined): string | undefined {
  const file = object?.["DeclaredIn"];
  return typeof file === "string" && file !== "" ? file : undefined;
}

function onlyParameters(facts: CmdletFacts | undefined, values: FormValues): FormValues {
  const known = facts?.parameters ?? {};
  return Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(known, name)));
}

function isShown({ except = [] }: ObjectFormProps, facts: CmdletFacts, name: string): boolean {
  return name in facts.parameters && !NOT_IN_FORMS.has(name) && !except.includes(name);
}

async function readAgain(cmdlet: string, identity: unknown): Promise<FormValues | undefined> {
  const getter = `Get-${cmdlet.slice(cmdlet.indexOf("-") + 1)}`;
  try {
    const { objects } = await runAny({ cmdlet: getter, parameters: { Identity: identity } });
    return objects[0];
  } catch (error) {
    if (error instanceof CmdletFault) return undefined;
    throw error;
  }
}

function Fields(
  props: ObjectFormProps & {
    readonly facts: CmdletFacts;
    readonly values: FormValues;
    readonly onChange: (values: FormValues) => void;
    readonly fault: CmdletFault | undefined;
  },
) {
  const { sections, facts, values, onChange, fault, labels = {} } = props;
  const styles = useStyles();
  const placed = new Set(sections.flatMap(({ fields }) => fields));
  const rest = Object.keys(facts.parameters).filter(
    (name) => !placed.has(name) && isShown(props, facts, name),
  );
  const all =
    rest.length === 0 ? sections : [...sections, { title: texts.moreSettings, fields: rest }];
  const faulty = all.find(({ fields }) => fields.includes(fault?.parameter ?? ""))?.title;
  const [opened, setOpened] = useState<readonly string[]>(() => [all[0]?.title ?? ""]);
  const open = faulty === undefined ? opened : [...new Set([...opened, faulty])];
  return (
    <Accordion
      multiple
      collapsible
      openItems={[...open]}
      onToggle={(_event, { openItems }) => setOpened(openItems.map(String))}
    >
      {all.map(({ title, fields }) => (
        <AccordionItem key={title} value={title}>
          <AccordionHeader as="h2">{title}</AccordionHeader>
          <AccordionPanel className={styles.fields}>
            {fields.map((name) => {
              const schema = facts.parameters[name];
              if (schema === undefined) return null;
              return (
                <ValueField
                  key={name}
                  name={name}
                  label={labels[name]}
                  schema={schema}
                  value={values[name]}
                  isRequired={facts.required.includes(name)}
                  isReadOnly={declaredIn(props.object) !== undefined}
                  fault={fault?.parameter === name ? fault.message : undefined}
                  onChange={(value) => onChange({ ...values, [name]: value })}
                />
              );
            })}
          </AccordionPanel>
        </AccordionItem>
      ))}
    </Accordion>
  );
}
