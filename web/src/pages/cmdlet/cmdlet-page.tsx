import { Button, makeStyles, Text } from "@fluentui/react-components";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useFacts } from "../../api/facts.ts";
import { useSession } from "../../api/session.ts";
import { type Column, DataTable } from "../../widgets/data-table.tsx";
import { EmptyState } from "../../widgets/empty-state.tsx";
import { FaultNotice } from "../../widgets/fault-notice.tsx";
import { labelOf } from "../../widgets/form/label.ts";
import { ValueField } from "../../widgets/form/value-field.tsx";
import { PageHeader } from "../../widgets/page-header.tsx";
import { formatValue, PropertyList } from "../../widgets/property-list.tsx";
import { arrayRows } from "../../widgets/row-source.ts";
import { RunDialog, Warnings } from "../../widgets/run-dialog.tsx";
import { RunProgress } from "../../widgets/run-progress.tsx";
import { ShowCmdlet } from "../../widgets/show-cmdlet.tsx";
import { useRun } from "../../widgets/use-run.ts";
import { texts } from "./texts.ts";

type Shown = Readonly<Record<string, unknown>>;

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: "16px", maxWidth: "720px" },
  buttons: { display: "flex", gap: "8px" },
  result: { display: "flex", flexDirection: "column", gap: "12px", paddingTop: "16px" },
  table: { display: "flex", height: "480px" },
});

/** Any cmdlet: a form of its parameters, and what it puts out. */
export function CmdletPage() {
  const { name = "" }: { readonly name?: string } = useParams({ strict: false });
  const { cmdlets } = useSession();
  if (!cmdlets.includes(name)) {
    return <EmptyState title={texts.unknown(name)}>{texts.unknownHint}</EmptyState>;
  }
  return <CmdletForm key={name} name={name} />;
}

function CmdletForm({ name }: { readonly name: string }) {
  const facts = useFacts(name);
  const styles = useStyles();
  const [values, setValues] = useState<Shown>({});
  const [isAsking, setAsking] = useState(false);
  const { state, run, cancel } = useRun();
  if (facts === undefined) return null;
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  const call = { cmdlet: name, parameters: Object.fromEntries(given) };
  const isReading = facts["x-effect"] === "reads";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReading) void run(call);
    else setAsking(true);
  };
  const fault = state.kind === "failed" ? state.fault : undefined;
  return (
    <>
      <PageHeader title={name} about={facts.summary}>
        <ShowCmdlet call={call} />
      </PageHeader>
      <form className={styles.form} onSubmit={submit} noValidate>
        {Object.entries(facts.parameters).map(([parameter, schema]) => (
          <ValueField
            key={parameter}
            name={parameter}
            schema={schema}
            value={values[parameter]}
            isRequired={facts.required.includes(parameter)}
            fault={fault?.parameter === parameter ? fault.message : undefined}
            onChange={(value) => setValues({ ...values, [parameter]: value })}
          />
        ))}
        <div className={styles.buttons}>
          <Button type="submit" appearance="primary" disabled={state.kind === "running"}>
            {isReading ? texts.run : texts.preview}
          </Button>
        </div>
      </form>
      <div className={styles.result} aria-live="polite">
        {state.kind === "running" && <RunProgress progress={state.progress} onCancel={cancel} />}
        {fault && <FaultNotice fault={fault} />}
        {state.kind === "done" && <Warnings warnings={state.result.warnings} />}
        {state.kind === "done" && <Objects name={name} objects={state.result.objects} />}
      </div>
      {isAsking && (
        <RunDialog title={name} call={call} verb={texts.run} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

function Objects({ name, objects }: { readonly name: string; readonly objects: readonly Shown[] }) {
  const styles = useStyles();
  const facts = useFacts(name);
  const [first] = objects;
  if (first === undefined) return <Text>{texts.nothing}</Text>;
  if (objects.length === 1) return <PropertyList cmdlet={name} object={first} />;
  const names = facts?.output.table ?? Object.keys(first);
  const columns: readonly Column<Shown>[] = names.map((property, at) => ({
    key: property,
    title: labelOf(property),
    width: "minmax(120px, 1fr)",
    priority: at === 0 ? 1 : 2,
    render: (row) => formatValue(row[property], facts?.output.properties[property]),
  }));
  const numbered = objects.map((row, at) => ({ ...row, "#": at }));
  return (
    <>
      <Text>{texts.objects(objects.length)}</Text>
      <div className={styles.table}>
        <DataTable
          label={name}
          columns={columns}
          rows={arrayRows<Shown>(numbered)}
          keyOf={(row) => String(row["#"])}
          nameOf={(row) => formatValue(row[names[0] ?? ""])}
        />
      </div>
    </>
  );
}
