import { Button } from "@fluentui/react-components";
import { ArrowDownloadRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { type AnyCall, runAny } from "../../api/run-cmdlet.ts";
import { formatCsv, saveCsv } from "../../base/csv.ts";
import { useNotify } from "../../widgets/notify.tsx";
import { texts } from "./texts.ts";

/** Saves all that a list would show, filtered and sorted as it is. */
export function ListExport(props: {
  readonly call: AnyCall;
  /** Of the file. */
  readonly name: string;
  /** Properties of its objects. */
  readonly columns: readonly string[];
}) {
  const { call, name, columns } = props;
  const notify = useNotify();
  const [isSaving, setSaving] = useState(false);
  const save = async () => {
    setSaving(true);
    try {
      const parameters = { ...call.parameters, ResultSize: "unlimited" };
      const { objects } = await runAny({ ...call, parameters });
      saveCsv({ name, csv: formatCsv(objects, columns) });
      notify({ title: texts.exported(name) });
    } catch (error) {
      notify({ title: error instanceof Error ? error.message : String(error), intent: "error" });
    }
    setSaving(false);
  };
  return (
    <Button
      appearance="subtle"
      icon={<ArrowDownloadRegular />}
      disabled={isSaving}
      onClick={() => void save()}
    >
      {texts.exportList}
    </Button>
  );
}
